import type { RuleContext } from '../rule';
import { channelBlock, groupsOf, product, type Window } from './window';

/**
 * One axis of the input in blocks: i = block·q + a − shift, with a phase a in [0, block). The kernel's tap k leads there from
 * o = (block/stride)·q + (a + pad − shift − k)/stride, where that is whole: in each phase every stride-th tap.
 */
interface Axis {
  readonly block: number;
  readonly stride: number;
  readonly kernel: number;
  /** Padding less the shift. */
  readonly lead: number;
  readonly shift: number;
  readonly count: number;
  readonly outputs: number;
}

/** Phases that share one convolution along an axis, and the offsets o − (block/stride)·q that any of them needs. */
interface Taps {
  readonly phases: readonly number[];
  readonly least: number;
  readonly most: number;
  /** Padding of G. */
  readonly begin: number;
  readonly end: number;
}

function axisOf(window: Window, i: number, size: number, outputs: number, block: number, shift: number): Axis {
  const [pad, stride, kernel] = [window.padBegin[i]!, window.strides[i]!, window.kernel[i]!];
  return { block, stride, kernel, lead: pad - shift, shift, count: Math.ceil((size + shift) / block), outputs };
}

/** The offsets of one phase, the highest tap first; undefined where no tap leads there. */
function offsetsOf({ stride, kernel, lead }: Axis, phase: number): readonly [number, number] | undefined {
  const lowest = (phase + lead) % stride;
  if (lowest >= kernel) return undefined;
  const highest = lowest + stride * Math.floor((kernel - 1 - lowest) / stride);
  return [(phase + lead - highest) / stride, (phase + lead - lowest) / stride];
}

/** Undefined where a phase has no taps, or G would have to be cut. */
function tapsOf(axis: Axis, phases: readonly number[]): Taps | undefined {
  const offsets = phases.map((phase) => offsetsOf(axis, phase));
  const known = offsets.filter((pair) => pair !== undefined);
  if (known.length < phases.length) return undefined;
  const [least, most] = [Math.min(...known.map(([a]) => a)), Math.max(...known.map(([, z]) => z))];
  const end = (axis.block / axis.stride) * (axis.count - 1) + most - (axis.outputs - 1);
  return least > 0 || end < 0 ? undefined : { phases, least, most, begin: -least, end };
}

/** Blocks of the input, and whether its columns are computed phase by phase, as its rows are. */
export interface Blocks {
  readonly size: readonly [number, number];
  readonly apart: boolean;
}

const upTo = (count: number) => Array.from({ length: count }, (_, i) => i);

/**
 * dX of a two-dimensional convolution by convolutions of G, each for a phase of rows, and for a phase of columns or for all of
 * them as channels beside one another, with the taps of the kernel that lead there. ONNX Runtime writes a blocked convolution's
 * result with channels last as cheaply as otherwise; there columns beside one another are in order, and rows are moved whole.
 *
 * @param g [n, M, ...outputs]
 * @returns [n, C, ...input], or undefined where this form does not fit.
 */
export function phases(
  c: RuleContext,
  g: string,
  window: Window,
  channels: number,
  input: readonly number[],
  outputs: readonly number[],
  { size, apart }: Blocks,
): string | undefined {
  if (input.length !== 2 || groupsOf(c.node) !== 1 || window.dilations.some((d) => d !== 1)) return undefined;
  const [high, wide] = size;
  const rows = axisOf(window, 0, input[0]!, outputs[0]!, high, 0);
  // Where columns share a convolution, fewest taps of each phase are zero when blocks begin where windows do.
  const columns = axisOf(window, 1, input[1]!, outputs[1]!, wide, apart ? 0 : window.padBegin[1]! % wide);
  const down = upTo(high).map((phase) => tapsOf(rows, [phase]));
  const across = (apart ? upTo(wide).map((phase) => [phase]) : [upTo(wide)]).map((some) => tapsOf(columns, some));
  if ([...down, ...across].some((taps) => taps === undefined)) return undefined;
  const b = c.builder;
  const kernel = c.op('Transpose', [c.x(1)], { perm: [1, 0, 2, 3] });
  const part = (row: Taps, column: Taps): string => {
    const result = c.op('Conv', [g, phaseKernel(c, kernel, rows, columns, row, column)], {
      kernel_shape: [row.most - row.least + 1, column.most - column.least + 1],
      strides: [rows.block / rows.stride, columns.block / columns.stride],
      pads: [row.begin, column.begin, row.end, column.end],
    });
    return c.op('Transpose', [result], { perm: [0, 2, 3, 1] });
  };
  const joined = (parts: readonly string[], axis: number) =>
    parts.length === 1 ? parts[0]! : c.op('Concat', [...parts], { axis });
  const line = b.ints([-1, rows.count, 1, columns.count * wide * channels]);
  const lines = down.map((row) =>
    c.op('Reshape', [
      joined(
        across.map((column) => part(row!, column!)),
        3,
      ),
      line,
    ]),
  );
  const covered = [rows.count * high, columns.count * wide] as const;
  const whole = c.op('Reshape', [joined(lines, 2), b.ints([-1, ...covered, channels])]);
  const cut = [rows, columns].flatMap(({ shift }, i) =>
    shift === 0 && covered[i] === input[i] ? [] : [{ from: shift, to: shift + input[i]!, axis: i + 1 }],
  );
  const slice = (of: (end: (typeof cut)[number]) => number) => b.ints(cut.map(of));
  const seen =
    cut.length === 0
      ? whole
      : c.op('Slice', [whole, slice(({ from }) => from), slice(({ to }) => to), slice(({ axis }) => axis)]);
  return c.op('Transpose', [seen], { perm: [0, 3, 1, 2] });
}

/**
 * [phases·C, M, offsets…]: for each phase of columns the taps that lead there, zero where others' do. Written as nodes, which
 * ONNX Runtime folds when it loads the graph.
 *
 * @param kernel [C, M, k…]
 */
function phaseKernel(c: RuleContext, kernel: string, rows: Axis, columns: Axis, row: Taps, column: Taps): string {
  const b = c.builder;
  const highest = (axis: Axis, phase: number) => phase + axis.lead - axis.stride * offsetsOf(axis, phase)![0];
  const parts = column.phases.map((phase) => {
    const taps = c.op('Slice', [
      kernel,
      b.ints([highest(rows, row.phases[0]!), highest(columns, phase)]),
      b.ints([-(2 ** 31), -(2 ** 31)]),
      b.ints([2, 3]),
      b.ints([-rows.stride, -columns.stride]),
    ]);
    const [least, most] = offsetsOf(columns, phase)!;
    const [before, after] = [least - column.least, column.most - most];
    return before + after === 0 ? taps : c.op('Pad', [taps, b.ints([0, 0, 0, before, 0, 0, 0, after])]);
  });
  return parts.length === 1 ? parts[0]! : c.op('Concat', parts, { axis: 0 });
}

/** Multiplications of one example from which this pays. */
const fewest = 2 ** 16;

/**
 * By shape, the blocks that run faster than one convolution of G would; undefined where none do. At stride 2 the blocked
 * convolution is about three times as fast as the transposed one at some tens of channels. Columns of odd small kernels are
 * computed apart: a third of the taps would be zero. At stride 1, two columns side by side fill two blocks of channels in place of
 * one, which runs nearly twice as fast and outweighs a column of taps that is zero in each.
 */
export function blocksFor(
  window: Window,
  channels: number,
  outs: number,
  outputs: readonly number[],
): Blocks | undefined {
  const { kernel, strides } = window;
  const [stride] = strides;
  if (kernel.length !== 2 || kernel.some((size) => size < 3)) return undefined;
  if ((stride !== 1 && stride !== 2) || strides[1] !== stride) return undefined;
  if (product([channels, outs, ...kernel, ...outputs]) < fewest) return undefined;
  const size: [number, number] = [stride, 2];
  if (channels < channelBlock) return isNarrow(window, channels, outs) ? { size, apart: false } : undefined;
  if (channels === channelBlock) return { size, apart: false };
  if (channels % channelBlock !== 0 || stride === 1) return undefined;
  return { size, apart: kernel.some((size) => size < 4) };
}

/** Outputs up to which the sum that follows a transposed convolution's matrix product, on one thread, takes its greater part. */
const fewOuts = 16;
/** Times as many multiplications as a transposed convolution needs, which the blocked one does in less time. */
const worthwhile = 1.7;

/** Whether two columns side by side pay for a gradient of less than a block of channels, which are computed as a block. */
function isNarrow({ kernel, strides }: Window, channels: number, outs: number): boolean {
  const width = kernel[1]!;
  const stride = strides[1]!;
  const filled = Math.ceil((2 * channels) / channelBlock) * channelBlock;
  // Two columns, from as many taps as lead to either: those of a stride of 2 share them but for the odd one.
  const taps = stride === 2 ? Math.ceil(width / 2) : width + 1;
  // Of a row, for each column of G.
  const each = (filled * taps * stride) / 2;
  return outs <= fewOuts && each <= worthwhile * channels * width;
}
