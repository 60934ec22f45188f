/**
 * How much memory the gradients of large models take, as ratios to their weights: `npx tsx bench/memory.ts [MODEL…]`.
 *
 * Each model runs in a process of its own, watched from here (Linux: the figures are the kernel's). Weights are mapped from
 * a file: proportional memory (Pss) counts their pages once however many sessions map them; anonymous memory is what is
 * left without them, and what cannot be dropped when memory is short. All figures are above what the process takes before
 * it opens the model; activations of one example are in them.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildDataGraph } from '../src/engine/dataGraph';
import { openModel } from '../src/engine/model';
import { prepareModel } from '../src/engine/onnx/prepare';
import { type LargeModel, largeModels } from './largeModels';

/** MiB. */
interface Memory {
  readonly anonymous: number;
  readonly proportional: number;
}

interface Phase {
  readonly name: string;
  /** At its end. */
  readonly after: Memory;
  /** Highest of the samples taken during it. */
  readonly peak: Memory;
  readonly seconds: number;
}

const sampleEvery = 20;

const preprocess = { mean: [0.5], std: [0.25], layout: 'nchw', channels: 'rgb' } as const;

function memoryOf(pid: number): Memory | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  } catch {
    return undefined;
  }
  const mib = (key: string) => Number(new RegExp(`^${key}:\\s+(\\d+)`, 'm').exec(text)?.[1] ?? 0) / 1024;
  return { anonymous: mib('Anonymous'), proportional: mib('Pss') };
}

/** What the watched process does; it waits for a word after each phase, so that figures belong to one. */
async function child(path: string): Promise<void> {
  const done = (phase: string) =>
    new Promise<void>((resume) => {
      process.once('message', () => resume());
      process.send?.(phase);
    });
  await done('start');
  const model = await openModel(path, {
    preprocess,
    exampleShape: [3, 224, 224],
    kind: 'image',
  });
  await done('open');
  const x = new Float32Array(3 * 224 * 224).fill(0.4);
  for (const loss of ['ce', 'margin'] as const) {
    const { gradient } = await model.oracle.gradient(x, Int32Array.of(7), loss);
    if (!gradient.some((value) => value !== 0) || !gradient.every(Number.isFinite)) {
      throw new Error('the gradient is zero or not finite');
    }
    await done(`gradient (${loss})`);
  }
  await model.original.predict(x);
  await done('verify');
  await model.release();
  await done('release');
  process.disconnect();
}

async function watch(path: string): Promise<Phase[]> {
  const process_: ChildProcess = fork(fileURLToPath(import.meta.url), ['--child', path], {
    execArgv: process.execArgv,
  });
  const pid = process_.pid!;
  const phases: Phase[] = [];
  let base: Memory | undefined;
  let peak: Memory = { anonymous: 0, proportional: 0 };
  let since = performance.now();
  const higher = (a: Memory, b: Memory): Memory => ({
    anonymous: Math.max(a.anonymous, b.anonymous),
    proportional: Math.max(a.proportional, b.proportional),
  });
  const above = (memory: Memory): Memory => ({
    anonymous: memory.anonymous - base!.anonymous,
    proportional: memory.proportional - base!.proportional,
  });
  const timer = setInterval(() => {
    const now = memoryOf(pid);
    if (now) peak = higher(peak, now);
  }, sampleEvery);
  try {
    await new Promise<void>((resolve, reject) => {
      process_.on('message', (name: string) => {
        const now = memoryOf(pid)!;
        base ??= now;
        if (name !== 'start') {
          const seconds = (performance.now() - since) / 1000;
          phases.push({ name, after: above(now), peak: above(higher(peak, now)), seconds });
        }
        peak = now;
        since = performance.now();
        process_.send('on');
      });
      process_.on('error', reject);
      process_.on('close', (code) => (code === 0 ? resolve() : reject(new Error(`the process ended with ${code}`))));
    });
  } finally {
    clearInterval(timer);
  }
  return phases;
}

/** MiB of all intermediate tensors of one example's forward pass, most of which a gradient needs kept. */
async function activationsOf(path: string): Promise<number> {
  const prepared = await prepareModel(path);
  const { observation } = await buildDataGraph(prepared, { preprocess, exampleShape: [3, 224, 224], kind: 'image' });
  await prepared.release();
  return (4 * observation.floatsPerExample) / 2 ** 20;
}

async function main(names: readonly string[]): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'ri-bench-'));
  try {
    for (const name of names) {
      const make = largeModels[name as LargeModel];
      if (!make) throw new Error(`There is no model ${name}; there are ${Object.keys(largeModels).join(', ')}.`);
      const path = join(folder, `${name}.onnx`);
      const bytes = make();
      const weights = bytes.byteLength / 2 ** 20;
      writeFileSync(path, bytes);
      const activations = (await activationsOf(path)) / weights;
      console.log(`\n${name}: weights ${weights.toFixed(0)} MiB; figures are multiples of that, one example at a time`);
      console.log(`all intermediate tensors of one forward pass: ${activations.toFixed(2)}`);
      console.log(
        ['phase', 'seconds', 'anonymous', 'peak', 'in all', 'peak'].map((title) => title.padStart(16)).join(''),
      );
      for (const { name: phase, after, peak, seconds } of await watch(path)) {
        const ratios = [after.anonymous, peak.anonymous, after.proportional, peak.proportional].map((mib) =>
          (mib / weights).toFixed(2),
        );
        console.log([phase, seconds.toFixed(1), ...ratios].map((cell) => cell.padStart(16)).join(''));
      }
      rmSync(path);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const [first, second] = process.argv.slice(2);
if (first === '--child' && second !== undefined) await child(second);
else await main(process.argv.length > 2 ? process.argv.slice(2) : Object.keys(largeModels));
