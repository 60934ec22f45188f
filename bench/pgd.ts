/**
 * What an attack costs beside the passes that it cannot do without.
 *
 *   npx tsx bench/pgd.ts [--iterations 40] [--rounds 5] [--seconds 4] [--batches 1,16,100] [--attack pgd] [--norm linf] [--threads 2] [NAME…]
 *
 * In one run, in turns: N bare runs of the graph of logits, loss and gradient, and the whole attack loop of N iterations from
 * clean examples to result (random start, steps, projection, books, last evaluation), at an ε so small that no example breaks
 * and leaves the batch. The figures are the least of several rounds, of which small models get more, as many as fit into
 * some seconds: an engine compiles what runs often. The ratio is given of processor time too, since others may use the machine.
 */
import { parseArgs } from 'node:util';
import { attackByName } from '../src/engine/attack/registry';
import type { Norm } from '../src/engine/attack/types';
import { buildDataGraph } from '../src/engine/dataGraph';
import { prepareModel } from '../src/engine/onnx/prepare';
import { dataInput, planInput } from '../src/engine/onnx/preprocess';
import { gradientModel, labelInput } from '../src/engine/oracle/gradientModel';
import { createOracle } from '../src/engine/oracle/oracle';
import { onehotRows } from '../src/engine/oracle/segments';
import { createSession, floats } from '../src/engine/runtime';
import { examples, type Subject, subjectOf } from './subjects';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    iterations: { type: 'string', default: '40' },
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '4' },
    batches: { type: 'string', default: '1,16,100' },
    attack: { type: 'string', default: 'pgd' },
    norm: { type: 'string', default: 'linf' },
    threads: { type: 'string', default: '2' },
  },
});
const iterations = Number(values.iterations);
const rounds = Number(values.rounds);
const seconds = Number(values.seconds);
const threads = Number(values.threads);
const attack = attackByName(values.attack);

const wanted = [
  'samples/digits/models/robust.onnx',
  'mnist-net_256x2',
  'Convnet_maxpool',
  'resnet_2b',
  'pgd_2_3_16',
  'light_squeezenet',
];

function subjects(): Subject[] {
  const all = wanted.map(subjectOf);
  return positionals.length === 0 ? all : all.filter(({ path }) => positionals.some((name) => path.includes(name)));
}

/** Wall and processor time of a run, in ms. */
async function timed(run: () => Promise<unknown>): Promise<[number, number]> {
  const [start, used] = [performance.now(), process.cpuUsage()];
  await run();
  const { user, system } = process.cpuUsage(used);
  return [performance.now() - start, (user + system) / 1000];
}

console.log(`${attack.name}, ${values.norm}, ${iterations} iterations, ${threads} threads; ms an iteration`);
console.log(
  `${'model'.padEnd(28)}${['batch', 'bare', 'attack', 'ratio', 'of CPU', 'breaks'].map((h) => h.padStart(9)).join('')}`,
);
for (const subject of subjects()) {
  const { path, example, preprocess } = subject;
  const prepared = await prepareModel(path, {
    exampleOf: (input) => planInput(preprocess, example, 'image', input).to,
    threads,
  });
  const data = await buildDataGraph(prepared, { preprocess, exampleShape: example, kind: 'image' });
  const oracle = await createOracle(data, { threads });
  const bare = await createSession(gradientModel(data, attack.name === 'apgd-dlr' ? 'dlr' : 'ce'), { threads });
  for (const n of values.batches.split(',').map(Number)) {
    if (n > oracle.batchSize) continue;
    const x = await examples(subject, n);
    const logits = await oracle.logits(x);
    const y = Int32Array.from({ length: n }, (_, i) => {
      const row = logits.subarray(i * data.classes, (i + 1) * data.classes);
      return row.indexOf(Math.max(...row));
    });
    const request = {
      oracle,
      x,
      y,
      indices: Int32Array.from(y.keys()),
      threat: { norm: values.norm as Norm, epsilon: 1e-6, bounds: [0, 1] as const },
      budget: { iterations, restarts: 1, queries: 0 },
      seed: 0,
    };
    const feeds = {
      [dataInput]: floats(x, [n, ...example]),
      [labelInput]: floats(onehotRows(y, data.classes), [n, data.classes]),
    };
    const passes = async () => {
      for (let i = 0; i < iterations; i++) await bare.run(feeds);
    };
    const least = { bare: [Infinity, Infinity], attack: [Infinity, Infinity] };
    let broken = 0;
    const end = performance.now() + 1000 * seconds;
    // The first round warms up both.
    for (let round = 0; round <= rounds || performance.now() < end; round++) {
      const times = {
        bare: await timed(passes),
        attack: await timed(async () => {
          broken = (await attack.run(request)).success.filter((s) => s === 1).length;
        }),
      };
      if (round === 0) continue;
      for (const which of ['bare', 'attack'] as const) {
        least[which] = least[which].map((ms, i) => Math.min(ms, times[which][i]! / iterations));
      }
    }
    const ratio = (i: number) => (least.attack[i]! / least.bare[i]!).toFixed(3);
    const cells = [n, least.bare[0]!.toFixed(3), least.attack[0]!.toFixed(3), ratio(0), ratio(1), broken];
    console.log(
      `${path.split(/[\\/]/).at(-1)!.slice(0, 27).padEnd(28)}${cells.map((c) => String(c).padStart(9)).join('')}`,
    );
  }
  await bare.release();
  await oracle.release();
  await prepared.original.release();
}
