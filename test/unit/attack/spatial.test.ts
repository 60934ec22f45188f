import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gridPoints, transformImage } from '../../../src/engine/attack/spatial';

const still = { rotation: 0, dx: 0, dy: 0 };

const images = fc
  .tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1, max: 7 }))
  .chain(([channels, height, width]) =>
    fc
      .array(fc.float({ min: 0, max: 1, noNaN: true }), {
        minLength: channels * height * width,
        maxLength: channels * height * width,
      })
      .map((values) => ({ shape: [channels, height, width] as const, x: Float32Array.from(values) })),
  );

describe('rotations and shifts of an image', () => {
  it('nothing turned and nothing shifted is the image, to the bit', () => {
    fc.assert(
      fc.property(images, fc.constantFrom<number | 'border'>(0, 0.5, 'border'), ({ shape, x }, fill) => {
        expect(transformImage(x, shape, still, fill)).toEqual(x);
      }),
    );
  });

  it('a shift by whole pixels moves values exactly, and fills what comes in', () => {
    fc.assert(
      fc.property(images, fc.integer({ min: -3, max: 3 }), fc.integer({ min: -3, max: 3 }), ({ shape, x }, dx, dy) => {
        const [channels, height, width] = shape;
        const zeros = transformImage(x, shape, { rotation: 0, dx, dy }, 0);
        const border = transformImage(x, shape, { rotation: 0, dx, dy }, 'border');
        for (let c = 0; c < channels; c++) {
          for (let row = 0; row < height; row++) {
            for (let column = 0; column < width; column++) {
              const at = (r: number, k: number) => x[(c * height + r) * width + k]!;
              const [fromRow, fromColumn] = [row - dy, column - dx];
              const inside = fromRow >= 0 && fromRow < height && fromColumn >= 0 && fromColumn < width;
              const here = (c * height + row) * width + column;
              expect(zeros[here]).toBe(inside ? at(fromRow, fromColumn) : 0);
              const clamp = (v: number, most: number) => Math.min(most, Math.max(0, v));
              expect(border[here]).toBe(at(clamp(fromRow, height - 1), clamp(fromColumn, width - 1)));
            }
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  it('a quarter turn of a square image, counterclockwise, is the image turned', () => {
    const x = Float32Array.from([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    const turned = transformImage(x, [1, 3, 3], { rotation: 90, dx: 0, dy: 0 }, 0);
    [3, 6, 9, 2, 5, 8, 1, 4, 7].forEach((value, i) => {
      expect(turned[i]).toBeCloseTo(value, 5);
    });
  });

  it('the shift comes after the turn', () => {
    const x = Float32Array.from([0, 0, 0, 0, 0, 1, 0, 0, 0]);
    // Right of the middle goes above it, then one to the left.
    const moved = transformImage(x, [1, 3, 3], { rotation: 90, dx: -1, dy: 0 }, 0);
    expect(Array.from(moved, (v) => Math.round(v))).toEqual([1, 0, 0, 0, 0, 0, 0, 0, 0]);
  });

  it('two half turns come back; values stay between the least and the largest, fill included', () => {
    fc.assert(
      fc.property(images, fc.double({ min: -180, max: 180, noNaN: true }), ({ shape, x }, rotation) => {
        const half = { rotation: 180, dx: 0, dy: 0 };
        const twice = transformImage(transformImage(x, shape, half, 'border'), shape, half, 'border');
        twice.forEach((value, i) => {
          expect(value).toBeCloseTo(x[i]!, 4);
        });
        const turned = transformImage(x, shape, { rotation, dx: 1, dy: 0 }, 0.25);
        const [low, high] = [Math.min(0.25, ...x), Math.max(0.25, ...x)];
        for (const value of turned) expect(value >= low - 1e-6 && value <= high + 1e-6).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it('a small turn of a smooth image agrees with the function that it samples', () => {
    const size = 41;
    const field = (u: number, v: number) => 0.5 + 0.4 * Math.sin(u / 6) * Math.cos(v / 7);
    const x = new Float32Array(size * size);
    for (let row = 0; row < size; row++) for (let k = 0; k < size; k++) x[row * size + k] = field(k - 20, row - 20);
    const angle = (17 * Math.PI) / 180;
    const turned = transformImage(x, [1, size, size], { rotation: 17, dx: 2, dy: -3 }, 0);
    for (const [row, column] of [
      [20, 20],
      [14, 25],
      [26, 12],
    ] as const) {
      const [u, v] = [column - 2 - 20, row + 3 - 20];
      const from = field(Math.cos(angle) * u - Math.sin(angle) * v, Math.sin(angle) * u + Math.cos(angle) * v);
      expect(turned[row * size + column]).toBeCloseTo(from, 2);
    }
  });
});

describe('a grid', () => {
  it('is that of Engstrom et al.: 31 rotations by 5 by 5 shifts in whole pixels, the untouched image once and first', () => {
    const points = gridPoints({ rotation: 30, translation: 0.1, counts: [31, 5, 5] }, [1, 28, 28]);
    expect(points).toHaveLength(775);
    expect(points[0]).toEqual(still);
    expect(points.filter((p) => p.rotation === 0 && p.dx === 0 && p.dy === 0)).toHaveLength(1);
    expect(new Set(points.map((p) => p.dx))).toEqual(new Set([-3, -2, 0, 2, 3]));
    expect(Math.max(...points.map((p) => p.rotation))).toBe(30);
    expect(points.some((p) => Object.is(p.dx, -0) || Object.is(p.rotation, -0))).toBe(false);
  });

  it('of one point each way is the untouched image', () => {
    expect(gridPoints({ rotation: 30, translation: 0.1, counts: [1, 1, 1] }, [3, 8, 8])).toEqual([still]);
  });

  it('shifts by shares of width and height where they differ', () => {
    const points = gridPoints({ rotation: 0, translation: 0.25, counts: [1, 3, 3] }, [1, 8, 4]);
    expect(Math.max(...points.map((p) => p.dx))).toBe(1);
    expect(Math.max(...points.map((p) => p.dy))).toBe(2);
  });
});
