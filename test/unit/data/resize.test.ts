import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toGrey } from '../../../src/engine/data/image';
import { type Filter, resizeImage } from '../../../src/engine/data/resize';

interface Vectors {
  readonly cases: readonly {
    readonly filter: Filter;
    readonly size: string;
    readonly input: string;
    readonly output: string;
  }[];
  readonly luma: { readonly input: string; readonly output: string };
}

const vectors: Vectors = JSON.parse(readFileSync(join(import.meta.dirname, '../../fixtures/data/resize.json'), 'utf8'));
const bytes = (base64: string) => Uint8Array.from(Buffer.from(base64, 'base64'));

describe('resizing', () => {
  it.each(vectors.cases)('equals Pillow bit for bit: $filter $size', ({ filter, size, input, output }) => {
    const [channels = 0, height = 0, width = 0, newHeight = 0, newWidth = 0] = size.match(/\d+/g)!.map(Number);
    const resized = resizeImage(bytes(input), [channels, height, width], [newHeight, newWidth], filter);
    expect([...resized]).toEqual([...bytes(output)]);
  });

  it('computes floats as it does bytes, but for the rounding', () => {
    for (const { filter, size, input } of vectors.cases.filter((each) => each.filter === 'bilinear')) {
      const [channels = 0, height = 0, width = 0, newHeight = 0, newWidth = 0] = size.match(/\d+/g)!.map(Number);
      const exact = resizeImage(
        Float32Array.from(bytes(input)),
        [channels, height, width],
        [newHeight, newWidth],
        filter,
      );
      const rounded = resizeImage(bytes(input), [channels, height, width], [newHeight, newWidth], filter);
      exact.forEach((value, i) => {
        expect(Math.abs(value - rounded[i]!)).toBeLessThanOrEqual(1);
      });
    }
  });

  it('leaves a constant image constant, for all sizes', () => {
    fc.assert(
      fc.property(
        fc.nat(255),
        fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 4, maxLength: 4 }),
        (value, sizes) => {
          const [height = 1, width = 1, newHeight = 1, newWidth = 1] = sizes;
          const image = new Uint8Array(height * width).fill(value);
          const resized = resizeImage(image, [1, height, width], [newHeight, newWidth]);
          expect([...resized]).toEqual(Array(newHeight * newWidth).fill(value));
        },
      ),
    );
  });

  it("turns colours to grey as Pillow's convert('L') does", () => {
    expect([...toGrey(bytes(vectors.luma.input))]).toEqual([...bytes(vectors.luma.output)]);
  });
});
