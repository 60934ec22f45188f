import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { corruptionByName } from '../../../src/engine/corruption/registry';
import { Random } from '../../../src/engine/random';
import type { CorruptionName } from '../../../src/engine/spec/corruptions';

interface Row {
  readonly name: CorruptionName;
  readonly severity: number;
  /** Base64 of [3, 32, 32] bytes. */
  readonly levels?: string;
  readonly mean?: number;
  readonly spread?: number;
}

// Written by bench/parity/corruptions.py --fixture: the package imagecorruptions with the constants of CIFAR-10-C.
const { shape, image, rows } = JSON.parse(
  readFileSync(new URL('../../fixtures/corruption-parity.json', import.meta.url), 'utf8'),
) as { shape: number[]; image: string; rows: Row[] };
const picture = Float32Array.from(Buffer.from(image, 'base64'), (level) => level / 255);
const apply = (row: Row, draw: number) =>
  corruptionByName(row.name).apply(picture, shape, row.severity, [0, 1], Random.of(0, row.name, row.severity, draw));

/** As the package does: 8 bits, what is beyond the point cut off. */
const toLevels = (x: Float32Array) => x.map((value) => Math.floor(255 * value + 1e-3));

describe('without chance, as the reference', () => {
  it.each(rows.filter((row) => row.levels !== undefined).map((row) => [row.name, row.severity, row] as const))(
    '%s, severity %i, to one level of 255',
    (_, __, row) => {
      const theirs = Buffer.from(row.levels!, 'base64');
      const own = toLevels(apply(row, 0));
      let worst = 0;
      for (let i = 0; i < own.length; i++) worst = Math.max(worst, Math.abs(own[i]! - theirs[i]!));
      expect(worst).toBeLessThanOrEqual(1);
    },
  );
});

describe('with chance, as the reference on average', () => {
  // Over `draws`; the reference over 400. Frost is drawn by us, and clouds vary as a whole from draw to draw.
  const draws = 400;
  it.each(rows.filter((row) => row.mean !== undefined).map((row) => [row.name, row.severity, row] as const))(
    '%s, severity %i, in mean and variance',
    (_, __, row) => {
      let mean = 0;
      let spread = 0;
      for (let draw = 0; draw < draws; draw++) {
        const x = toLevels(apply(row, draw));
        let sum = 0;
        let squares = 0;
        for (const level of x) {
          sum += level / 255 / x.length;
          squares += (level / 255) ** 2 / x.length;
        }
        mean += sum / draws;
        spread += (squares - sum * sum) / draws;
      }
      expect(Math.abs(mean / row.mean! - 1)).toBeLessThan(0.02);
      expect(Math.abs(spread / row.spread! - 1)).toBeLessThan(row.name === 'frost' ? 0.06 : 0.04);
    },
  );
});

describe('what mean and variance do not tell', () => {
  const shape224 = [3, 224, 224];
  const draws = (name: CorruptionName, severity: number, x: Float32Array, of: readonly number[], n: number) =>
    Array.from({ length: n }, (_, draw) =>
      corruptionByName(name).apply(x, of, severity, [0, 1], Random.of(0, name, severity, draw)),
    );
  const channelMeans = (x: Float32Array) =>
    [0, 1, 2].map((c) => x.subarray((c * x.length) / 3, ((c + 1) * x.length) / 3).reduce((sum, v) => sum + v, 0));

  it('mud is brown: it takes more from green than from red, and most from blue', () => {
    const white = new Float32Array(3 * 32 * 32).fill(1);
    const [mud] = draws('spatter', 5, white, [3, 32, 32], 1);
    const [red, green, blue] = channelMeans(mud!);
    expect(red).toBeGreaterThan(green!);
    expect(green).toBeGreaterThan(blue!);
  });

  it('glass blurs once more after it has moved the pixels', () => {
    // Stripes of one pixel: blurred once and shuffled, neighbours still differ widely.
    const stripes = Float32Array.from({ length: 3 * 224 * 224 }, (_, i) =>
      Math.floor((i % 224) / 8) % 2 === 0 ? 0 : 1,
    );
    const [glass] = draws('glass_blur', 5, stripes, shape224, 1);
    let roughest = 0;
    for (let i = 1; i < 224; i++)
      roughest = Math.max(roughest, Math.abs(glass![100 * 224 + i]! - glass![100 * 224 + i - 1]!));
    expect(roughest).toBeLessThan(0.2);
  });

  it('elastic moves the whole image, not its pixels alone: at severity 1 for 32 pixels nothing else happens', () => {
    const ramp = Float32Array.from({ length: 3 * 32 * 32 }, (_, i) => 0.2 + 0.6 * (Math.floor((i % 1024) / 32) / 31));
    const moved = draws('elastic_transform', 1, ramp, [3, 32, 32], 8);
    // An affine image of a ramp down the rows is a ramp: along a row it is straight, and in some draws it slopes.
    const slopes = moved.map((x) => x[16 * 32 + 20]! - x[16 * 32 + 12]!);
    for (const [k, x] of moved.entries()) {
      expect(x[16 * 32 + 16]! - x[16 * 32 + 12]!).toBeCloseTo(slopes[k]! / 2, 2);
    }
    expect(Math.max(...slopes.map(Math.abs))).toBeGreaterThan(0.01);
  });

  it('frost differs from draw to draw in brightness as well as in pattern', () => {
    const black = new Float32Array(3 * 32 * 32);
    // Of one kind of frost, the draws whose brightness is nearest to each other come from its own spread alone.
    const totals = draws('frost', 5, black, [3, 32, 32], 60).map((x) => channelMeans(x)[0]! / 1024);
    expect(new Set(totals.map((total) => total.toFixed(3))).size).toBeGreaterThan(20);
  });
});
