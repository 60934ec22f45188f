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
