import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Random } from '../../../src/engine/random';
import type { PerturbationName } from '../../../src/engine/spec/stability';
import { perturbationByName } from '../../../src/engine/stability/registry';

interface Row {
  readonly name: PerturbationName;
  readonly frames: number;
  readonly at?: number[];
  /** Base64 of [3, 32, 32] bytes, by frame of `at`. */
  readonly levels?: string[];
  readonly mean?: number;
  readonly spread?: number;
  readonly change?: number;
}

// Written by bench/parity/perturbations.py --fixture: numpy, scipy, Pillow and torchvision with the constants of CIFAR-10-P.
const { shape, image, rows } = JSON.parse(
  readFileSync(new URL('../../fixtures/perturbation-parity.json', import.meta.url), 'utf8'),
) as { shape: number[]; image: string; rows: Row[] };
const picture = Float32Array.from(Buffer.from(image, 'base64'), (level) => level / 255);

/** All frames, by seed. */
function sequence(name: PerturbationName, draw: number): Float32Array[] {
  const perturbation = perturbationByName(name);
  const random = Random.of(0, name, draw);
  const frame = perturbation.open({ x: picture, shape, bounds: [0, 1], random });
  return Array.from({ length: perturbation.frames(shape) }, (_, k) => {
    const out = new Float32Array(picture.length);
    frame(k, out);
    return out;
  });
}

describe('without chance, as the libraries', () => {
  it.each(rows.filter(({ levels }) => levels !== undefined).map((row) => [row.name, row] as const))(
    '%s, to one level of 255',
    (name, { frames, at, levels }) => {
      const own = sequence(name, 0);
      expect(own).toHaveLength(frames);
      for (const [i, k] of at!.entries()) {
        const theirs = Buffer.from(levels![i]!, 'base64');
        let worst = 0;
        for (let j = 0; j < theirs.length; j++) worst = Math.max(worst, Math.abs(255 * own[k]![j]! - theirs[j]!));
        // They are rounded to levels, ours are not.
        expect(worst).toBeLessThan(0.51);
      }
    },
  );
});

describe('with chance, as the libraries on average', () => {
  it.each(rows.filter(({ mean }) => mean !== undefined).map((row) => [row.name, row] as const))(
    '%s, in mean, variance and step from frame to frame',
    (name, { frames, mean, spread, change }) => {
      const draws = name === 'snow' ? 60 : 6;
      const own = { mean: 0, spread: 0, change: 0 };
      for (let draw = 0; draw < draws; draw++) {
        const made = sequence(name, draw);
        expect(made).toHaveLength(frames);
        for (let k = 1; k < frames; k++) {
          let [sum, squares, step] = [0, 0, 0];
          for (let j = 0; j < picture.length; j++) {
            const value = made[k]![j]!;
            sum += value / picture.length;
            squares += value ** 2 / picture.length;
            step += Math.abs(value - made[k - 1]![j]!) / picture.length;
          }
          own.mean += sum / (draws * (frames - 1));
          own.spread += (squares - sum * sum) / (draws * (frames - 1));
          if (k > 1) own.change += step / (draws * (frames - 2));
        }
      }
      expect(Math.abs(own.mean / mean! - 1)).toBeLessThan(0.02);
      expect(Math.abs(own.spread / spread! - 1)).toBeLessThan(name === 'snow' ? 0.04 : 0.02);
      // Flakes are few, and how many there are differs from draw to draw.
      expect(Math.abs(own.change / change! - 1)).toBeLessThan(name === 'snow' ? 0.15 : 0.02);
    },
  );
});
