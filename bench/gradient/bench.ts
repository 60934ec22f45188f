/**
 * Times a model's forward pass, its forward and backward pass, and a step of PGD, as ratios from one interleaved run; and
 * PyTorch on the same weights, threads and batch, where a Python with torch is given.
 *
 *   npx tsx bench/gradient/bench.ts [--python PYTHON] [--batch 1,16,64] [--threads 2] [--rounds 7] [--clock wall] MODEL…
 *
 * On a machine that others use, `--threads 1 --clock processor` gives ratios of processor time instead: with more threads, those
 * that wait for each other spin, and are counted.
 *
 * Models of the samples and of the material run on the data that they were made for, others on noise.
 *
 * `backward/forward` is (forward and backward − forward) / forward. `pgd/bare` is one iteration of the attack, as the
 * product runs it, over one bare run of the same passes. `torch/ours` above 1 means that PyTorch takes longer.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { pgd } from '../../src/engine/attack/pgd';
import { buildDataGraph } from '../../src/engine/dataGraph';
import { exampleShape } from '../../src/engine/onnx/batch';
import { prepareModel } from '../../src/engine/onnx/prepare';
import { dataInput } from '../../src/engine/onnx/preprocess';
import { elementCount } from '../../src/engine/onnx/tensor';
import { modelBytes } from '../../src/engine/onnx/write';
import { gradientModel, labelInput } from '../../src/engine/oracle/gradientModel';
import { createOracle } from '../../src/engine/oracle/oracle';
import { Random } from '../../src/engine/random';
import { createSession, floats } from '../../src/engine/runtime';
import { modelInputs } from '../subjects';

const { values: given, positionals } = parseArgs({
  options: {
    python: { type: 'string' },
    batch: { type: 'string', default: '1,16,64' },
    threads: { type: 'string', default: '2' },
    rounds: { type: 'string', default: '7' },
    clock: { type: 'string', default: 'wall' },
  },
  allowPositionals: true,
});
const threads = Number(given.threads);
const { clock } = given;
const ofProcessor = clock === 'processor';
const rounds = Number(given.rounds);
const preprocess = { mean: [0], std: [1], layout: 'flat', channels: 'rgb' } as const;
const iterations = 20;

type Measure = () => Promise<number>;

/** A Python process that answers a line for a line. */
class Torch {
  private readonly child: ChildProcess;
  private readonly lines: AsyncIterator<string>;

  constructor(python: string) {
    this.child = spawn(python, ['-W', 'ignore', path.join(import.meta.dirname, 'torch_times.py')], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.lines = createInterface({ input: this.child.stdout! })[Symbol.asyncIterator]();
  }

  async ask(request: object): Promise<{ seconds?: number; loader?: string; error?: string }> {
    this.child.stdin!.write(`${JSON.stringify(request)}\n`);
    const { value } = await this.lines.next();
    return JSON.parse(value as string);
  }

  close(): void {
    this.child.stdin!.end();
  }
}

/** Milliseconds: of the clock, or that this process computed. */
function now(): number {
  if (!ofProcessor) return performance.now();
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

async function timed(repeat: number, run: () => Promise<unknown>): Promise<number> {
  const began = now();
  for (let i = 0; i < repeat; i++) await run();
  return (now() - began) / 1000 / repeat;
}

const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[values.length >> 1]!;

async function measure(file: string, batch: number, torch: Torch | undefined): Promise<void> {
  const prepared = await prepareModel(file);
  const shape = exampleShape(prepared.input);
  const data = await buildDataGraph(prepared, { preprocess, exampleShape: shape, kind: 'vector' });
  const name = path.basename(file, '.onnx').slice(0, 34).padEnd(34);
  if (data.status.unavailable.length > 0 || (!data.batched && batch > 1)) {
    console.log(`${name} ${String(batch).padStart(5)}  ${data.batched ? 'no gradient' : 'runs one example at a time'}`);
    return;
  }
  const random = Random.of(1, file);
  const size = elementCount(shape);
  const x =
    (await modelInputs(file, shape, batch)) ?? Float32Array.from({ length: batch * size }, () => random.uniform());
  const forward = await createSession(modelBytes(data.model, data.graph), { threads });
  const both = await createSession(gradientModel(data, 'ce'), { threads });
  const oracle = await createOracle(data, { threads });
  const logits = await oracle.logits(x);
  const y = Int32Array.from({ length: batch }, (_, i) => {
    const row = logits.subarray(i * data.classes, (i + 1) * data.classes);
    return row.indexOf(Math.max(...row));
  });
  const onehot = new Float32Array(batch * data.classes);
  for (const [i, label] of y.entries()) onehot[i * data.classes + label] = 1;
  const feed = { [dataInput]: floats(x, [batch, ...shape]) };
  const labelled = { ...feed, [labelInput]: floats(onehot, [batch, data.classes]) };
  // So small a ball that nothing is broken and the batch stays whole.
  const attack = () =>
    pgd.run({
      oracle,
      x,
      y,
      indices: Int32Array.from(y.keys()),
      threat: { norm: 'linf', epsilon: 1e-6, bounds: null },
      budget: { iterations, restarts: 1, queries: 0 },
      seed: 0,
    });

  const first = await timed(1, () => both.run(labelled));
  const again = await timed(2, () => both.run(labelled));
  const repeat = Math.max(1, Math.min(200, Math.round(0.15 / Math.min(first, again))));
  const ours: Record<string, Measure> = {
    forward: () => timed(repeat, () => forward.run(feed)),
    both: () => timed(repeat, () => both.run(labelled)),
    // iterations + 1 passes: the last point is evaluated too.
    pgd: async () => (await timed(Math.max(1, Math.round(repeat / iterations)), attack)) / (iterations + 1),
  };
  let loader = '';
  if (torch) {
    const given = path.join(tmpdir(), `robustness-bench-${process.pid}.f32`);
    await writeFile(given, x);
    const answer = await torch.ask({ load: path.resolve(file), shape, batch, threads, x: given });
    await rm(given);
    if (answer.error) loader = `(torch: ${answer.error})`;
    else {
      loader = answer.loader!;
      for (const what of ['forward', 'gradient', 'pgd']) {
        ours[`torch ${what}`] = async () =>
          (await torch.ask({ time: what, repeat: what === 'pgd' ? Math.max(repeat, 3) : repeat, clock })).seconds!;
      }
    }
  }
  const times: Record<string, number[]> = {};
  for (let round = -1; round < rounds; round++) {
    for (const [what, run] of Object.entries(ours)) {
      const seconds = await run();
      if (round >= 0) times[what] = [...(times[what] ?? []), seconds];
    }
  }
  // Ratios within a round, so that what slows the machine down for a while slows both.
  const ratio = (a: (i: number) => number, b: (i: number) => number) =>
    median(Array.from({ length: rounds }, (_, i) => a(i) / b(i)));
  const at = (what: string) => (i: number) => times[what]![i]!;
  const cells = [
    `${(1000 * median(times.both!)).toFixed(2).padStart(9)} ms`,
    ratio((i) => at('both')(i) - at('forward')(i), at('forward'))
      .toFixed(2)
      .padStart(9),
    ratio(at('pgd'), at('both')).toFixed(2).padStart(9),
  ];
  if (times['torch forward']) {
    cells.push(
      ratio(at('torch forward'), at('forward')).toFixed(2).padStart(9),
      ratio(at('torch gradient'), at('both')).toFixed(2).padStart(9),
      ratio(at('torch pgd'), at('pgd')).toFixed(2).padStart(9),
    );
  }
  console.log(`${name} ${String(batch).padStart(5)} ${cells.join(' ')}  ${loader}`);
  await Promise.all([forward.release(), both.release(), oracle.release(), prepared.original.release()]);
}

const torch = given.python ? new Torch(given.python) : undefined;
if (!torch) console.log('No --python with torch: PyTorch is not compared.');
console.log(
  `${'model'.padEnd(34)} batch  fwd+bwd     back/fwd  pgd/bare ${torch ? ' torch/ours: forward, gradient, PGD' : ''}`,
);
for (const file of positionals) for (const batch of given.batch.split(',')) await measure(file, Number(batch), torch);
torch?.close();
