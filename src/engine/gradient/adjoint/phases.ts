import type { RuleContext } from '../rule';
import { groupsOf, product, type Window } from './window';

/** One parity of the input's positions along an axis: what part of the kernel leads there, and how G is padded. */
interface Phase {
  /** Index of the last tap; every second one before it belongs to the phase. */
  readonly last: number;
  readonly taps: number;
  readonly padBegin: number;
  readonly padEnd: number;
}

/**
 * Along one axis, i = 2o + k − pad: positions of one parity are reached by every second tap k = r + 2m, from o = q − m with
 * q = (i + pad − r)/2. Undefined where no tap reaches it, or G would have to be cut.
 */
function phaseOf(window: Window, axis: number, parity: number, count: number, outputs: number): Phase | undefined {
  const pad = window.padBegin[axis]!;
  const r = (parity + pad) % 2;
  const taps = Math.ceil((window.kernel[axis]! - r) / 2);
  const shift = (parity + pad - r) / 2;
  const [padBegin, padEnd] = [taps - 1 - shift, count + shift - outputs];
  return taps < 1 || padBegin < 0 || padEnd < 0 ? undefined : { last: r + 2 * (taps - 1), taps, padBegin, padEnd };
}

/** Multiplications of one example from which four convolutions and their interleaving pay. */
const fewest = 2 ** 17;

/** With 3×3, one of the four would be a pointwise convolution, and the four together are slower than one transposed. */
const smallestKernel = 4;

/** Interleaving columns is a product with a permutation, whose cost an element grows with the width. */
const widest = 64;

/**
 * dX of a two-dimensional convolution at stride 2, as four convolutions of G: one for each parity of rows and columns, with
 * the taps of the kernel that lead there. No product is with a zero, and the blocked convolution is about three times as
 * fast as the transposed one at some tens of channels.
 *
 * @param g [n, M, ...outputs]
 * @returns [n, C, ...input], or undefined where another form is faster, or this one does not fit.
 */
export function phases(
  c: RuleContext,
  g: string,
  window: Window,
  channels: number,
  input: readonly number[],
  outputs: readonly number[],
): string | undefined {
  if (input.length !== 2 || groupsOf(c.node) !== 1 || channels % 8 !== 0 || input[1]! > widest) return undefined;
  if (window.strides.some((stride) => stride !== 2) || window.dilations.some((d) => d !== 1)) return undefined;
  const outs = Number(c.shapeOf(1)[0]);
  const work = product([channels, outs, ...window.kernel, ...outputs]);
  if (work < fewest || window.kernel.some((size) => size < smallestKernel)) return undefined;
  const counts = input.map((dim) => Math.ceil(dim / 2));
  const along = input.map((_, axis) => [0, 1].map((p) => phaseOf(window, axis, p, counts[axis]!, outputs[axis]!)));
  const [rows, columns] = along.map((two) => two.filter((phase) => phase !== undefined)) as [Phase[], Phase[]];
  if (rows.length < 2 || columns.length < 2) return undefined;
  const b = c.builder;
  const kernel = c.op('Transpose', [c.x(1)], { perm: [1, 0, 2, 3] });
  const part = (row: Phase, column: Phase) => {
    const ends = b.ints([-(2 ** 31), -(2 ** 31)]);
    const taps = c.op('Slice', [kernel, b.ints([row.last, column.last]), ends, b.ints([2, 3]), b.ints([-2, -2])]);
    return c.op('Conv', [g, taps], {
      kernel_shape: [row.taps, column.taps],
      pads: [row.padBegin, column.padBegin, row.padEnd, column.padEnd],
    });
  };
  const permutation = interleaving(counts[1]!, input[1]!);
  const matrix = b.floats(permutation, [2 * counts[1]!, input[1]!]);
  const lines = rows.map((row) => {
    const apart = columns.map((column) => part(row, column));
    return c.op('MatMul', [c.op('Concat', apart, { axis: 3 }), matrix]);
  });
  // Two rows side by side in memory are rows one after the other.
  const side = c.op('Concat', lines, { axis: 3 });
  const whole = c.op('Reshape', [side, b.ints([-1, channels, 2 * counts[0]!, input[1]!])]);
  if (input[0]! % 2 === 0) return whole;
  return c.op('Slice', [whole, b.ints([0]), b.ints([input[0]!]), b.ints([2])]);
}

/** [even columns, odd columns] to columns in order: [2·count, width]. */
function interleaving(count: number, width: number): Float32Array {
  const matrix = new Float32Array(2 * count * width);
  for (let to = 0; to < width; to++) matrix[((to % 2) * count + (to >> 1)) * width + to] = 1;
  return matrix;
}
