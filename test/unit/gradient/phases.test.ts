import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { constant, normal, values } from './cases/draw';
import { gradients, type SingleNode } from './singleNode';

interface Drawn {
  readonly height: number;
  readonly width: number;
  readonly kernel: readonly number[];
  readonly pads: readonly number[];
  readonly stride: number;
  readonly channels: number;
  readonly outs: number;
  readonly seed: number;
}

const outputsOf = ({ height, width, kernel, pads, stride }: Drawn) =>
  [height, width].map((size, i) => Math.floor((size + pads[i]! + pads[i + 2]! - kernel[i]!) / stride) + 1) as [
    number,
    number,
  ];

/** The seed that {@link gradients} sends back. */
const seedAt = (i: number) => Math.fround(Math.sin(1.7 * i + 0.3) + 0.2);

/** Every output's gradient, times the weight, to the element that was multiplied by it. */
function byLoops(weights: ArrayLike<number>, drawn: Drawn): Float64Array {
  const { height, width, kernel, pads, stride, channels, outs } = drawn;
  const [rows, columns] = outputsOf(drawn);
  const [high, wide] = kernel as [number, number];
  const dx = new Float64Array(channels * height * width);
  for (let out = 0; out < outs; out++) {
    for (let at = 0; at < rows * columns; at++) {
      const [top, left] = [stride * Math.floor(at / columns) - pads[0]!, stride * (at % columns) - pads[1]!];
      const g = seedAt(out * rows * columns + at);
      for (let tap = 0; tap < channels * high * wide; tap++) {
        const channel = Math.floor(tap / (high * wide));
        const [row, column] = [top + (Math.floor(tap / wide) % high), left + (tap % wide)];
        if (row < 0 || row >= height || column < 0 || column >= width) continue;
        dx[(channel * height + row) * width + column]! += g * weights[out * channels * high * wide + tap]!;
      }
    }
  }
  return dx;
}

/** How many convolutions each form takes, where the drawn case has it. */
const convolutionsOf = ({ stride, kernel, channels }: Drawn) =>
  stride === 1 ? 1 : channels > 8 && kernel.includes(3) ? 4 : 2;

describe('convolutions', () => {
  it.each([
    { stride: 1, channels: 8, outs: 24, size: 13 },
    { stride: 2, channels: 8, outs: 24, size: 13 },
    { stride: 2, channels: 16, outs: 16, size: 13 },
    // Fewer channels than the blocked convolution computes at once.
    { stride: 1, channels: 4, outs: 16, size: 15 },
    { stride: 2, channels: 3, outs: 9, size: 31 },
  ])(
    'are differentiated in phases at stride $stride and $channels channels, at odd and even sizes, kernels and paddings',
    async ({ stride, channels, outs, size }) => {
      const pad = fc.nat(2);
      const drawnCases = fc.record({
        height: fc.integer({ min: size, max: size + 5 }),
        width: fc.integer({ min: size, max: size + 5 }),
        kernel: fc.array(fc.integer({ min: 3, max: 6 }), { minLength: 2, maxLength: 2 }),
        pads: fc.tuple(pad, pad, pad, pad),
        stride: fc.constant(stride),
        channels: fc.constant(channels),
        outs: fc.constant(outs),
        seed: fc.nat(1e6),
      });
      let inPhases = 0;
      await fc.assert(
        fc.asyncProperty(drawnCases, async (drawn) => {
          const weights = constant([outs, channels, ...drawn.kernel], drawn.seed);
          const dims = [1, channels, drawn.height, drawn.width];
          const single: SingleNode = {
            op: 'Conv',
            x: { dims, data: values(dims, drawn.seed, normal) },
            inputs: ['x', weights],
            attributes: { kernel_shape: drawn.kernel, strides: [stride, stride], pads: drawn.pads },
          };
          const yDims = [1, outs, ...outputsOf(drawn)];
          const [dx] = await gradients(single, yDims, 0, (graph, first) => {
            const emitted = graph.node.slice(first).map((node) => node.opType);
            const convolutions = emitted.filter((type) => type === 'Conv').length;
            // A plain flipped convolution transposes its kernel alone.
            if (convolutions === convolutionsOf(drawn) && emitted.filter((type) => type === 'Transpose').length > 1)
              inPhases++;
          });
          const expected = byLoops(weights.data as Float32Array, drawn);
          expect(dx!.length).toBe(expected.length);
          const worst = dx!.reduce((most, value, i) => Math.max(most, Math.abs(value - expected[i]!)), 0);
          expect(worst).toBeLessThan(1e-3);
          const both = await gradients(single, yDims, 'both');
          const apart = dx!.reduce((most, value, i) => Math.max(most, Math.abs(value - both[0]![i]!)), 0);
          expect(apart).toBeLessThan(1e-3);
        }),
        { numRuns: stride === 2 && channels === 8 ? 30 : 12, seed: 3 },
      );
      expect(inPhases).toBeGreaterThan(4);
    },
  );
});
