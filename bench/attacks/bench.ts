/**
 * Wall time and memory of whole attacks, beside other libraries on the same weights, examples, threads and batch.
 *
 *   npx tsx bench/attacks/bench.ts OUT --python PYTHON [--attack pgd|standard] [--limit 200] [--batch 100] [--threads 1] [--rounds 3]
 *     [--peers torchattacks,foolbox] [NAME…]
 *
 * `pgd` is PGD with 40 steps of 2.5·ε/40 from one random start, against torchattacks, foolbox and ART; `standard` is the whole
 * AutoAttack, against its authors' (PyPI: pyautoattack). Each runs in a process of its own, one after the other, loading left
 * out; seconds by the clock and of the processor, the least of the rounds. Ratios are of the processor's: other work on the
 * machine moves them less. A peer's memory is its peak less what it had before the first attack. PYTHON needs what `peers.py`
 * says.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { attackByName } from '../../src/engine/attack/registry';
import type { Norm } from '../../src/engine/attack/types';
import { openDataset } from '../../src/engine/data/open';
import { gather } from '../../src/engine/evaluate/examples';
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
    attack: { type: 'string', default: 'pgd' },
    limit: { type: 'string', default: '200' },
    batch: { type: 'string', default: '100' },
    threads: { type: 'string', default: '1' },
    rounds: { type: 'string', default: '3' },
    // Some of those that the attack has, in place of all.
    peers: { type: 'string' },
    // What the process of our own is asked; used by this script alone.
    own: { type: 'string' },
  },
});
const [out, ...only] = positionals as [string, ...string[]];
const material = resolve(process.env.ROBUSTNESS_MATERIAL ?? '../shared/material');
const iterations = 40;

interface Subject {
  readonly name: string;
  readonly peer: string;
  readonly attack: string;
  readonly file: string;
  readonly x: string;
  readonly y: string;
  readonly shape: readonly number[];
  readonly to: readonly number[];
  readonly classes: number;
  readonly mean: readonly number[];
  readonly std: readonly number[];
  readonly layout: 'nchw' | 'nhwc';
  readonly norm: Norm;
  readonly epsilon: number;
  readonly batch: number;
  readonly threads: number;
  readonly rounds: number;
  readonly iterations: number;
}

interface Answer {
  readonly seconds: number;
  readonly cpu: number;
  readonly accuracy: number;
  readonly peak: number;
  readonly base: number;
}

const bytesOf = (path: string) => {
  const { buffer, byteOffset, byteLength } = readFileSync(path);
  return buffer.slice(byteOffset, byteOffset + byteLength);
};
const memory = () => process.resourceUsage().maxRSS * 1024;

/** In a process of its own, as the peers are. */
async function ours(subject: Subject): Promise<Answer> {
  const { shape, threads, batch, norm, epsilon, mean, std, layout } = subject;
  const x = new Float32Array(bytesOf(subject.x));
  const y = new Int32Array(bytesOf(subject.y));
  const size = elementCount(shape);
  const opened = await openModel(subject.file, {
    preprocess: { mean, std, layout, channels: 'rgb' },
    exampleShape: shape,
    kind: 'image',
    threads,
    batchSize: batch,
  });
  const { oracle } = opened;
  const predicted = argmax(await oracle.logits(x), oracle.classes);
  const correct = Int32Array.from(y.keys()).filter((i) => predicted[i] === y[i]);
  const suite =
    subject.attack === 'pgd'
      ? [{ name: 'pgd', iterations, restarts: 1, queries: 0 } as const]
      : attacksFor({ norm, knowledge: 'white-box' }, 'standard', oracle.classes);
  const base = memory();
  let [least, cpu, standing] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, correct];
  const processor = () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  };
  for (let round = 0; round < subject.rounds; round++) {
    standing = correct;
    const [began, cpuBegan] = [performance.now(), processor()];
    for (const { name, ...budget } of suite) {
      const { success } = await attackByName(name).run({
        oracle,
        x: gather(x, standing, size),
        y: Int32Array.from(standing, (i) => y[i]!),
        indices: standing,
        threat: { norm, epsilon, bounds: [0, 1] },
        budget,
        seed: 0,
      });
      standing = standing.filter((_, k) => success[k] === 0);
    }
    least = Math.min(least, (performance.now() - began) / 1000);
    cpu = Math.min(cpu, processor() - cpuBegan);
  }
  await opened.release();
  return { seconds: least, cpu, accuracy: standing.length / y.length, peak: memory(), base };
}

/** Runs a command, gives it the subject, and reads its one answer. */
async function ask(command: string, args: readonly string[], subject: Subject): Promise<Answer> {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  let [answer, complaint] = ['', ''];
  child.stdout.on('data', (data) => {
    answer += data;
  });
  child.stderr.on('data', (data) => {
    complaint += data;
  });
  child.stdin.end(`${JSON.stringify(subject)}\n`);
  const code = await new Promise((done) => child.on('close', done));
  if (code !== 0) throw new Error(`${subject.peer}: ${complaint.trim().split('\n').at(-1)}`);
  return JSON.parse(answer.trim().split('\n').at(-1)!) as Answer;
}

const radii: readonly (readonly [string, string, Norm, number])[] = [
  ['vnn2021__mnist-net_256x2', 'mnist', 'linf', 0.03],
  ['vnn2021__mnist-net_256x2', 'mnist', 'l2', 0.5],
  ['vnn2021__Convnet_maxpool', 'mnist', 'linf', 0.05],
  ['vnn2021__Convnet_maxpool', 'mnist', 'l2', 0.8],
  ['vnn2021__resnet_2b', 'cifar10', 'linf', 2 / 255],
  ['vnn2023__pgd_2_3_16', 'cifar10', 'linf', 2 / 255],
];
const sources: Record<string, string> = {
  mnist: 'data/mnist/images-idx3-ubyte.gz',
  cifar10: 'data/cifar10/cifar10.bin',
};

async function subjects(): Promise<Subject[]> {
  mkdirSync(out, { recursive: true });
  const entries = JSON.parse(readFileSync(join(material, 'manifest.json'), 'utf8')) as {
    file: string;
    layout?: string;
    mean?: number | number[];
    std?: number | number[];
  }[];
  const result: Subject[] = [];
  for (const [model, data, norm, epsilon] of radii) {
    const name = `${model} ${norm} ${Number(epsilon.toPrecision(3))}`;
    if (only.length > 0 && !only.some((some) => name.includes(some))) continue;
    const entry = entries.find(({ file }) => file.includes(`${model}.onnx`))!;
    const limit = Number(values.limit);
    const dataset = await openDataset({ path: sources[data]!, limit }, material, {});
    const [x, y] = [resolve(out, `${data}.f32`), resolve(out, `${data}.i32`)];
    for await (const some of dataset.batches(limit)) {
      writeFileSync(x, some.x);
      writeFileSync(y, Int32Array.from(some.y));
      break;
    }
    await dataset.close();
    const prepared = await prepareModel(join(material, entry.file));
    result.push({
      name,
      peer: 'ours',
      attack: values.attack,
      file: join(material, entry.file),
      x,
      y,
      shape: dataset.shape,
      to: exampleShape(prepared.input),
      classes: 10,
      mean: [entry.mean ?? 0].flat(),
      std: [entry.std ?? 1].flat(),
      layout: entry.layout === 'hwc' ? 'nhwc' : 'nchw',
      norm,
      epsilon,
      batch: Number(values.batch),
      threads: Number(values.threads),
      rounds: Number(values.rounds),
      iterations,
    });
    await prepared.release();
  }
  return result;
}

async function main(): Promise<void> {
  const all = values.attack === 'pgd' ? ['torchattacks', 'foolbox', 'art'] : ['pyautoattack'];
  const peers = all.filter((peer) => values.peers?.split(',').includes(peer) ?? true);
  const line = (...cells: readonly string[]) =>
    console.log(cells.map((c, i) => (i === 0 ? c.padEnd(40) : c.padStart(13))).join(''));
  line('model, norm, ε', 'library', 'seconds', 'processor', '÷ ours', 'accuracy', 'memory');
  for (const subject of await subjects()) {
    let reference: Answer | undefined;
    for (const peer of ['ours', ...(values.python ? peers : [])]) {
      const [command, args] =
        peer === 'ours'
          ? [process.execPath, [...process.execArgv, import.meta.filename, out, '--own', 'stdin']]
          : [values.python!, ['-W', 'ignore', join(import.meta.dirname, 'peers.py')]];
      try {
        const answer = await ask(command, args, { ...subject, peer });
        reference ??= answer;
        line(
          peer === 'ours' ? subject.name : '',
          peer,
          answer.seconds.toFixed(2),
          answer.cpu.toFixed(2),
          (answer.cpu / reference.cpu).toFixed(2),
          `${(100 * answer.accuracy).toFixed(1)} %`,
          `${((answer.peak - answer.base) / 2 ** 20).toFixed(0)} of ${(answer.peak / 2 ** 20).toFixed(0)} MiB`,
        );
      } catch (error) {
        line('', peer, (error as Error).message);
      }
    }
  }
}

if (values.own === undefined) await main();
else console.log(JSON.stringify(await ours(JSON.parse(readFileSync(0, 'utf8')) as Subject)));
