/**
 * Robust accuracy after each stage of a suite, ours and the authors' own AutoAttack, on the same weights and examples.
 *
 *   npx tsx bench/parity/autoattack.ts OUT --python PYTHON [--limit 500] [--suite standard] [--seeds 0] [--stages 4]
 *     [--threads 1] [NAME…]
 *
 * `--stages` runs the first few attacks alone. Of several seeds the mean of each stage follows, and the mean difference with its
 * standard error: both sides move with the seed. PYTHON needs what `autoattack.py` says. The seconds are of each side's whole suite, one after the other on this machine.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { attackByName } from '../../src/engine/attack/registry';
import { unsuitable } from '../../src/engine/attack/request';
import type { Norm } from '../../src/engine/attack/types';
import { createVerifier } from '../../src/engine/attack/verify';
import { openDataset } from '../../src/engine/data/open';
import { gather } from '../../src/engine/evaluate/examples';
import { execute } from '../../src/engine/evaluate/stage/execute';
import { argmax } from '../../src/engine/evaluate/state';
import { openModel } from '../../src/engine/model';
import { exampleShape } from '../../src/engine/onnx/batch';
import { prepareModel } from '../../src/engine/onnx/prepare';
import { elementCount } from '../../src/engine/onnx/tensor';
import { attacksFor } from '../../src/engine/spec/suites';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    python: { type: 'string' },
    limit: { type: 'string', default: '500' },
    suite: { type: 'string', default: 'standard' },
    seeds: { type: 'string', default: '0' },
    stages: { type: 'string', default: '9' },
    threads: { type: 'string', default: '1' },
  },
});
const [out, ...only] = positionals as [string, ...string[]];
const suite = values.suite as 'standard' | 'plus';
const limit = Number(values.limit);
const threads = Number(values.threads);
const stageCount = Number(values.stages);
const material = resolve(process.env.ROBUSTNESS_MATERIAL ?? '../shared/material');

interface Subject {
  readonly name: string;
  readonly model: string;
  readonly norm: Norm;
  readonly epsilon: number;
}

/** Radii at which some, but not all, of the examples break. */
const subjects: readonly Subject[] = [
  { model: 'vnn2021__mnist-net_256x2', norm: 'linf', epsilon: 0.05 },
  { model: 'vnn2021__mnist-net_256x2', norm: 'l2', epsilon: 0.8 },
  { model: 'onnx2c__pytorch', norm: 'linf', epsilon: 0.06 },
  { model: 'onnx2c__pytorch', norm: 'l2', epsilon: 0.8 },
  { model: 'marabou__mnist5x20_leaky_relu', norm: 'linf', epsilon: 0.04 },
  { model: 'marabou__mnist5x20_leaky_relu', norm: 'l2', epsilon: 0.6 },
  { model: 'vnn2021__ffnnSIGMOID__Point_6x200', norm: 'l1', epsilon: 4 },
  { model: 'vnn2021__Convnet_maxpool', norm: 'linf', epsilon: 0.05 },
  { model: 'vnn2021__Convnet_avgpool', norm: 'linf', epsilon: 0.08 },
  { model: 'vnn2021__Convnet_avgpool', norm: 'l2', epsilon: 1.1 },
].map((each) => ({ ...each, name: `${each.model} ${each.norm} ${each.epsilon}`, norm: each.norm as Norm }));

interface Stage {
  readonly name: string;
  readonly accuracy: number;
  readonly seconds: number;
}

interface Entry {
  readonly file: string;
  readonly layout?: string;
  readonly mean?: number | number[];
  readonly std?: number | number[];
}

const entries = JSON.parse(readFileSync(join(material, 'manifest.json'), 'utf8')) as Entry[];
mkdirSync(out, { recursive: true });

async function examples(): Promise<{ x: Float32Array; y: Int32Array; shape: readonly number[] }> {
  const dataset = await openDataset({ path: 'data/mnist/images-idx3-ubyte.gz', limit }, material, {});
  for await (const { x, y } of dataset.batches(limit)) {
    await dataset.close();
    return { x: x.slice(), y: Int32Array.from(y), shape: dataset.shape };
  }
  throw new Error('No examples.');
}

type Examples = Awaited<ReturnType<typeof examples>>;

async function ours(subject: Subject, entry: Entry, { x, y, shape }: Examples, seed: number): Promise<Stage[]> {
  const preprocess = {
    mean: [entry.mean ?? 0].flat(),
    std: [entry.std ?? 1].flat(),
    layout: entry.layout === 'hwc' ? 'nhwc' : 'nchw',
    channels: 'gray',
  } as const;
  const opened = await openModel(join(material, entry.file), {
    preprocess,
    exampleShape: shape,
    kind: 'image',
    threads,
  });
  const { oracle, original } = opened;
  const size = elementCount(shape);
  const verifier = createVerifier({ predict: original.predict, classes: oracle.classes, exampleSize: size });
  const predicted = argmax(await oracle.logits(x), oracle.classes);
  let standing = Int32Array.from(y.keys()).filter((i) => predicted[i] === y[i]);
  const stages: Stage[] = [{ name: 'clean', accuracy: standing.length / y.length, seconds: 0 }];
  const threat = { norm: subject.norm, epsilon: subject.epsilon, bounds: [0, 1] as const };
  const attacks = attacksFor({ norm: subject.norm, knowledge: 'white-box' }, suite, oracle.classes);
  for (const { name, ...budget } of attacks.slice(0, stageCount)) {
    const attack = attackByName(name);
    if (unsuitable(attack, { norm: subject.norm, classes: oracle.classes, differentiable: true }) !== null) continue;
    const chunk = {
      indices: standing,
      x: gather(x, standing, size),
      y: Int32Array.from(standing, (i) => y[i]!),
    };
    const began = performance.now();
    const { confirmed } = await execute(attack, budget, threat, chunk, { oracle, verifier, seed });
    const seconds = (performance.now() - began) / 1000;
    standing = standing.filter((_, k) => confirmed[k] === 0);
    stages.push({ name, accuracy: standing.length / y.length, seconds });
  }
  await opened.release();
  return stages;
}

/** Asks `autoattack.py` about one subject at a time. */
function authors(python: string) {
  const child = spawn(python, ['-W', 'ignore', join(import.meta.dirname, 'autoattack.py')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async ask(subject: object): Promise<Stage[]> {
      child.stdin.write(`${JSON.stringify(subject)}\n`);
      const { value } = await lines.next();
      return (JSON.parse(value as string) as { stages: Stage[] }).stages;
    },
    close: () => child.stdin.end(),
  };
}

function sayMeans(name: string, both: readonly { ours: number; theirs: number }[]): void {
  const spread = (numbers: readonly number[]) => {
    const mean = numbers.reduce((sum, value) => sum + value, 0) / numbers.length;
    const squares = numbers.reduce((sum, value) => sum + (value - mean) ** 2, 0);
    return { mean: 100 * mean, sd: 100 * Math.sqrt(squares / Math.max(1, numbers.length - 1)) };
  };
  const [a, b] = [spread(both.map((each) => each.ours)), spread(both.map((each) => each.theirs))];
  const gap = spread(both.map((each) => each.ours - each.theirs));
  const said = ({ mean, sd }: typeof a) => `${mean.toFixed(2)} (sd ${sd.toFixed(2)})`;
  console.log(
    `  ${both.length} seeds, ${name}: ours ${said(a)}, authors ${said(b)}, ours − authors’ ${gap.mean.toFixed(2)} ± ${(gap.sd / Math.sqrt(both.length)).toFixed(2)}`,
  );
}

const data = await examples();
writeFileSync(join(out, 'x.f32'), data.x);
writeFileSync(join(out, 'y.i32'), data.y);
const theirs = values.python ? authors(values.python) : null;
const percent = (share: number | undefined) => (share === undefined ? '-' : `${(100 * share).toFixed(1)} %`);
const line = (...cells: (string | number)[]) =>
  console.log(cells.map((c, i) => (i === 0 ? String(c).padEnd(44) : String(c).padStart(11))).join(''));
line('model, norm, ε', 'seed', 'stage', 'ours', 'authors', 'ours s', 'authors s');
const seeds = values.seeds.split(',').map(Number);
const totals: { ours: number; theirs: number }[] = [];
for (const subject of subjects.filter(({ name }) => only.length === 0 || only.some((some) => name.includes(some)))) {
  const entry = entries.find(({ file }) => file.includes(`${subject.model}.onnx`))!;
  const prepared = await prepareModel(join(material, entry.file));
  const to = exampleShape(prepared.input);
  await prepared.release();
  const pairs = new Map<string, { ours: number; theirs: number }[]>();
  for (const seed of seeds) {
    const mine = await ours(subject, entry, data, seed);
    const asked = {
      ...subject,
      file: join(material, entry.file),
      x: resolve(out, 'x.f32'),
      y: resolve(out, 'y.i32'),
      shape: data.shape,
      mean: [entry.mean ?? 0].flat(),
      std: [entry.std ?? 1].flat(),
      layout: entry.layout === 'hwc' ? 'nhwc' : 'nchw',
      to,
      batch: 250,
      threads,
      version: suite,
      stages: stageCount,
      seed,
    };
    const other = theirs ? await theirs.ask(asked) : [];
    for (const [i, stage] of mine.entries()) {
      const same = other.find(({ name }) => name === stage.name);
      // A suite of the authors' ends where nothing stands.
      const accuracy = same?.accuracy ?? (other.length > 0 && i > 0 ? other.at(-1)!.accuracy : undefined);
      if (accuracy !== undefined)
        pairs.set(stage.name, [...(pairs.get(stage.name) ?? []), { ours: stage.accuracy, theirs: accuracy }]);
      line(
        i === 0 ? subject.name : '',
        i === 0 ? seed : '',
        stage.name,
        percent(stage.accuracy),
        percent(accuracy),
        stage.seconds.toFixed(1),
        same === undefined ? '-' : same.seconds.toFixed(1),
      );
    }
    const sum = (stages: readonly Stage[]) => stages.reduce((total, { seconds }) => total + seconds, 0);
    line(
      '',
      '',
      'whole',
      percent(mine.at(-1)?.accuracy),
      percent(other.at(-1)?.accuracy),
      sum(mine).toFixed(1),
      sum(other).toFixed(1),
    );
    if (other.length > 0) totals.push({ ours: mine.at(-1)!.accuracy, theirs: other.at(-1)!.accuracy });
  }
  if (seeds.length > 1) for (const [name, both] of pairs) sayMeans(name, both);
}
theirs?.close();
if (totals.length > 0) {
  const gaps = totals.map((each) => each.ours - each.theirs);
  const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
  console.log(
    `ours − authors’, after the whole suite: mean ${(100 * mean).toFixed(2)} points, largest ${(100 * Math.max(...gaps)).toFixed(2)}`,
  );
}
