/**
 * How the peak of memory grows with the number of examples:
 *
 *   npx tsx bench/memory/examples.ts [--formats npz,deflated,csv,cifar] [--values 784,20] [--counts 1000,100000]
 *     [--attacks fgsm,pgd] [--wrong 0.1] [--trace]
 *
 * For each kind of data a whole evaluation (clean figures, groups, train-test gap with the search for leaks, FGSM and a short PGD, two corruptions at
 * two severities, a shift, an out-of-distribution set; training and shifted data as large as the test data) runs in a process of its own,
 * started as the worker's is, and the highest resident set that the kernel saw (VmHWM) is printed, and what it grew by from the smallest count to the largest.
 * `--attacks` and `--wrong`, the share of labels that the model is wrong about, decide how long it takes: attacks and the curve of robustness are
 * nearly all of it, and memory does not depend on them. `--trace` shows when the peak was reached.
 */
import { fork } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { evaluate } from '../../src/engine/evaluate/evaluate';
import { collectArrays, lean } from '../../src/worker/lean';
import { type Format, formats, isImage, type Kind, writeData, writeModel } from './data';

/** MiB. */
function memory(key: 'VmHWM' | 'VmRSS'): number {
  const text = readFileSync('/proc/self/status', 'utf8');
  return Number(new RegExp(`^${key}:\\s+(\\d+)`, 'm').exec(text)?.[1]) / 1024;
}

interface Peak {
  readonly mib: number;
  readonly seconds: number;
  /** MiB and the stage at which it rose. */
  readonly trace: readonly string[];
}

/** What the watched process does. */
async function child(specPath: string): Promise<void> {
  collectArrays();
  const trace: string[] = [];
  const start = performance.now();
  let stage = 'opening';
  let highest = 0;
  const look = () => {
    const now = memory('VmHWM');
    if (now < highest + 2) return;
    highest = now;
    const { heapUsed, external, arrayBuffers } = process.memoryUsage();
    const parts = [heapUsed, external, arrayBuffers].map((bytes) => (bytes / 2 ** 20).toFixed(0)).join(' / ');
    trace.push(`${now.toFixed(0).padStart(5)} MiB  heap, external, buffers ${parts.padEnd(18)} ${stage}`);
  };
  const timer = setInterval(look, 50);
  await evaluate(
    { specPath },
    {
      onProgress(progress) {
        stage = progress.stage;
        look();
      },
    },
  );
  clearInterval(timer);
  look();
  process.send?.({ mib: memory('VmHWM'), seconds: (performance.now() - start) / 1000, trace } satisfies Peak);
  process.disconnect();
}

function watch(specPath: string): Promise<Peak> {
  return new Promise((resolve, reject) => {
    let peak: Peak | undefined;
    const worker = fork(fileURLToPath(import.meta.url), ['--child', specPath], {
      execArgv: [...process.execArgv, ...lean.execArgv],
      env: { ...lean.env, ...process.env },
    });
    worker.on('message', (message) => {
      peak = message as Peak;
    });
    worker.on('error', reject);
    worker.on('close', (code) => (peak ? resolve(peak) : reject(new Error(`the process ended with ${code}`))));
  });
}

function prepare(folder: string, kind: Kind, count: number, attacks: readonly string[]): string {
  mkdirSync(folder, { recursive: true });
  const image = isImage(kind);
  const grouped = kind.format !== 'cifar' && !(kind.format === 'csv' && image);
  const source = (path: string) => ({
    path,
    ...(grouped ? { groups: 'site' } : {}),
  });
  const spec = {
    model: writeModel(folder, kind),
    data: {
      test: source(writeData(folder, 'test', kind, count, 1)),
      train: source(writeData(folder, 'train', kind, count, 2)),
      ...(image ? { range: [0, 255], unit: 255 } : {}),
    },
    preprocess: {},
    threatModels: [
      {
        name: 'small',
        norm: 'linf',
        epsilon: image ? 0.02 : 0.05,
        attacks,
        iterations: 3,
        restarts: 1,
      },
    ],
    corruptions: { only: image ? ['gaussian_noise', 'contrast'] : ['outliers', 'stuck_at'], severities: [1, 3] },
    shifts: [
      { name: 'brighter', data: source(writeData(folder, 'brighter', kind, count, 3, 0.05)) },
      { name: 'other', kind: 'out-of-distribution', data: source(writeData(folder, 'other', kind, count, 4, -0.3)) },
    ],
    seed: 0,
  };
  const path = join(folder, 'robustness.yaml');
  // JSON is YAML.
  writeFileSync(path, JSON.stringify(spec));
  return path;
}

async function main(): Promise<void> {
  const { values: options } = parseArgs({
    options: {
      formats: { type: 'string', default: formats.join() },
      values: { type: 'string', default: '784,20' },
      counts: { type: 'string', default: '1000,100000' },
      attacks: { type: 'string', default: 'fgsm,pgd' },
      wrong: { type: 'string', default: '0.1' },
      trace: { type: 'boolean', default: false },
    },
  });
  const counts = options.counts.split(',').map(Number);
  const kinds = options.formats.split(',').flatMap((format): Kind[] => {
    const wrong = Number(options.wrong);
    if (format === 'cifar') return [{ format, values: 3072, wrong }];
    return options.values.split(',').map((values) => ({ format: format as Format, values: Number(values), wrong }));
  });
  for (const kind of kinds) {
    const peaks: number[] = [];
    for (const count of counts) {
      const folder = mkdtempSync(join(tmpdir(), 'ri-memory-'));
      try {
        const { mib, seconds, trace } = await watch(prepare(folder, kind, count, options.attacks.split(',')));
        peaks.push(mib);
        console.log(
          `${kind.format.padEnd(9)} ${String(kind.values).padStart(5)} values ${String(count).padStart(7)} examples: peak ${mib.toFixed(0)} MiB in ${seconds.toFixed(0)} s`,
        );
        if (options.trace) console.log(trace.map((line) => `    ${line}`).join('\n'));
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    }
    console.log(
      `${kind.format.padEnd(9)} ${String(kind.values).padStart(5)} values: grew by ${(peaks.at(-1)! - peaks[0]!).toFixed(0)} MiB`,
    );
  }
}

const [first, second] = process.argv.slice(2);
if (first === '--child' && second !== undefined) await child(second);
else await main();
