import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from '../../../src/engine/random';
import { gradients, type SingleNode } from './singleNode';

interface Window {
  readonly height: number;
  readonly width: number;
  readonly kernel: number;
  readonly stride: number;
  readonly pad: number;
}

const outputsOf = ({ height, width, kernel, stride, pad }: Window) =>
  [height, width].map((size) => Math.floor((size + 2 * pad - kernel) / stride) + 1) as [number, number];

/** PyTorch's rule, written as loops: of equal maxima the first in the window, row by row, has all of the gradient. */
function firstWinners(x: Float32Array, g: (i: number) => number, w: Window): Float64Array {
  const dx = new Float64Array(x.length);
  const [rows, columns] = outputsOf(w);
  const planes = x.length / (w.height * w.width);
  for (let plane = 0; plane < planes; plane++) {
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        let best = -1;
        for (let i = 0; i < w.kernel * w.kernel; i++) {
          const at = [row * w.stride - w.pad + Math.floor(i / w.kernel), column * w.stride - w.pad + (i % w.kernel)];
          if (at[0]! < 0 || at[0]! >= w.height || at[1]! < 0 || at[1]! >= w.width) continue;
          const flat = (plane * w.height + at[0]!) * w.width + at[1]!;
          if (best < 0 || x[flat]! > x[best]!) best = flat;
        }
        dx[best]! += g((plane * rows + row) * columns + column);
      }
    }
  }
  return dx;
}

/** The seed that {@link gradients} sends back. */
const seedAt = (i: number) => Math.fround(Math.sin(1.7 * i + 0.3) + 0.2);

describe('ties in MaxPool', () => {
  it('go to the first maximum of each window, side by side or overlapping', async () => {
    const windows = fc.record({
      height: fc.integer({ min: 3, max: 7 }),
      width: fc.integer({ min: 3, max: 7 }),
      kernel: fc.integer({ min: 2, max: 3 }),
      stride: fc.integer({ min: 1, max: 3 }),
      pad: fc.nat(1),
      seed: fc.integer({ min: 0, max: 1e6 }),
    });
    await fc.assert(
      fc.asyncProperty(windows, async ({ seed, ...drawn }) => {
        // Half of the cases are windows side by side, which have a form of their own.
        const tiling = seed % 2 === 0;
        const window = tiling ? { ...drawn, stride: drawn.kernel, pad: 0 } : drawn;
        const random = Random.of(seed, 'ties');
        const dims = [2, 2, window.height, window.width];
        const x = Float32Array.from({ length: dims.reduce((a, d) => a * d, 1) }, () => random.integer(3) - 1);
        const single: SingleNode = {
          op: 'MaxPool',
          x: { dims, data: x },
          inputs: ['x'],
          attributes: {
            kernel_shape: [window.kernel, window.kernel],
            strides: [window.stride, window.stride],
            pads: [window.pad, window.pad, window.pad, window.pad],
          },
        };
        const [dx] = await gradients(single, [2, 2, ...outputsOf(window)], 0);
        const expected = firstWinners(x, seedAt, window);
        expect(dx!.length).toBe(expected.length);
        for (const [i, value] of dx!.entries()) expect(value).toBeCloseTo(expected[i]!, 5);
      }),
      { numRuns: 40, seed: 5 },
    );
  });
});
