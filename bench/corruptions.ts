/**
 * Milliseconds of processor time that a corruption takes for one image, of 32 and of 224 pixels:
 *
 *   npx tsx bench/corruptions.ts [--against FOLDER] [--sides 32,224] [--names snow,fog]
 *
 * `--against`: another checkout of the project. Both run by turns in this process, the least of the rounds counts, and what they make of the
 * images is held together bit for bit. Severities 1, 3 and 5 are averaged.
 */
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import * as own from '../src/engine/corruption/registry';
import { Random } from '../src/engine/random';
import { type CorruptionName, corruptionNames } from '../src/engine/spec/corruptions';

type Registry = Pick<typeof own, 'corruptionByName'>;

const severities = [1, 3, 5];
const rounds = 7;

/** Processor time of this thread: others on the machine do not count. */
function threadCpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

/** A gradient with stripes and noise: no corruption finds nothing to do. */
function picture(side: number): Float32Array {
  const random = Random.of(0, 'picture');
  const x = new Float32Array(3 * side * side);
  for (let i = 0; i < x.length; i++) {
    const [column, row] = [i % side, Math.floor(i / side) % side];
    x[i] = (0.6 * (column + row)) / (2 * side) + (column % 8 < 3 ? 0.25 : 0) + 0.1 * random.uniform();
  }
  return x;
}

const { values: options } = parseArgs({
  options: {
    against: { type: 'string' },
    sides: { type: 'string', default: '32,224' },
    names: { type: 'string', default: corruptionNames.join() },
  },
});
const registries: Registry[] = [own];
if (options.against !== undefined) {
  const path = resolve(options.against, 'src/engine/corruption/registry.ts');
  registries.push((await import(pathToFileURL(path).href)) as Registry);
}
for (const side of options.sides.split(',').map(Number)) {
  const x = picture(side);
  const shape = [3, side, side];
  const images = side <= 64 ? 40 : 2;
  const totals = registries.map(() => 0);
  console.log(
    `${side} pixels${registries.length > 1 ? ': ms an image now, before, ratio before / now' : ': ms an image'}`,
  );
  const names = options.names.split(',') as CorruptionName[];
  for (const name of names) {
    const apply = (registry: Registry, severity: number, image: number) =>
      registry.corruptionByName(name).apply(x, shape, severity, [0, 1], Random.of(0, name, severity, image));
    for (const severity of severities) {
      const [mine, theirs] = registries.map((registry) => apply(registry, severity, 0));
      const at = theirs ? mine!.findIndex((value, i) => !Object.is(value, theirs[i])) : -1;
      if (at >= 0)
        throw new Error(`${name}, severity ${severity}: value ${at} is ${mine![at]}, and was ${theirs![at]}`);
    }
    const least = registries.map(() => Number.POSITIVE_INFINITY);
    for (let round = 0; round < rounds; round++) {
      for (const [r, registry] of registries.entries()) {
        const start = threadCpuMs();
        for (const severity of severities)
          for (let image = 0; image < images; image++) apply(registry, severity, image);
        least[r] = Math.min(least[r]!, (threadCpuMs() - start) / (severities.length * images));
      }
    }
    for (const [r, time] of least.entries()) totals[r]! += time / names.length;
    console.log(line(name, least));
  }
  console.log(`${line('mean of all', totals)}\n`);
}

function line(name: string, times: readonly number[]): string {
  const [now, before] = times;
  const figures = times.map((time) => time.toFixed(3).padStart(10)).join('');
  return `${name.padEnd(20)}${figures}${before === undefined ? '' : `${(before / now!).toFixed(2).padStart(8)} ×`}`;
}
