import { TensorProto_DataType } from '../../onnx/generated/onnx_pb';
import type { Dim } from '../../onnx/observe';
import { positionsLike, reduceSum, scatterFlat, zeroGradient } from '../emit';
import type { Rule, RuleContext } from '../rule';

/** Places for several contributions to one element are gathered and summed up to this many; scattered beyond. */
const fewContributions = 4;

/** Axis of input i counted from the end, where gradients with seeds have the same one. */
export function axisFromEnd(c: RuleContext, axis: number, i = 0): number {
  return axis < 0 ? axis : axis - c.shapeOf(i).length;
}

/** Pads a gradient along one axis; negative amounts cut. */
export function padAxis(c: RuleContext, tensor: string, axis: number, before: number, after: number): string {
  if (before === 0 && after === 0) return tensor;
  return c.op('Pad', [tensor, c.builder.ints([before, after]), '', c.builder.ints([axis])]);
}

/**
 * The adjoint of taking `indices` along one axis of input 0: element j receives the sum of the gradient at every k with
 * indices[k] = j.
 *
 * @param g has indices.length elements along `axis`, which counts from the end.
 * @param indices in [0, size).
 */
export function untake(
  c: RuleContext,
  g: string,
  axis: number,
  indices: readonly number[],
  size: number,
  i = 0,
): string {
  const [first = 0] = indices;
  // No index at all, or a run: what was cut off comes back as zeros.
  if (indices.every((index, k) => index === first + k)) {
    return padAxis(c, g, axis, first, size - first - indices.length);
  }
  // Only the stretch that the indices reach is worked on.
  const low = indices.reduce((least, index) => Math.min(least, index), size);
  const reach = indices.reduce((most, index) => Math.max(most, index), 0) - low + 1;
  const sources: number[][] = Array.from({ length: reach }, () => []);
  for (const [k, index] of indices.entries()) sources[index - low]!.push(k);
  const most = sources.reduce((m, from) => Math.max(m, from.length), 0);
  if (most > fewContributions && most * reach > 2 * (indices.length + reach)) {
    return scatterAlong(c, g, axis, c.builder.ints(indices), i);
  }
  // One zero behind the gradient stands for "from nowhere".
  const holes = sources.some((from) => from.length < most);
  const padded = holes ? padAxis(c, g, axis, 0, 1) : g;
  const from = sources.flatMap((s) => Array.from({ length: most }, (_, m) => BigInt(s[m] ?? indices.length)));
  const dims = most === 1 ? [reach] : [reach, most];
  const table = c.builder.constant({ type: 'int64', dims, data: BigInt64Array.from(from) });
  const gathered = c.op('Gather', [padded, table], { axis });
  const summed = most === 1 ? gathered : reduceSum(c.builder, gathered, [axis], false);
  return padAxis(c, summed, axis, low, size - low - reach);
}

/**
 * The same for indices that are known only at run time and do not repeat.
 *
 * @param at int64 vector of positions along the axis.
 * @param size int64 vector of one element: how many positions there are.
 */
export function untakeDistinct(c: RuleContext, g: string, axis: number, at: string, size: string): string {
  const b = c.builder;
  const count = b.op('Shape', [at]);
  const order = b.op('Range', [b.intScalar(0), b.op('Size', [at]), b.intScalar(1)]);
  const inverse = b.op('ScatterElements', [b.op('Expand', [count, size]), at, order], { axis: 0 });
  return b.op('Gather', [padAxis(c, g, axis, 0, 1), inverse], { axis });
}

/**
 * The same for any indices: adds them up one by one. (ScatterElements, since ScatterND races with itself in ONNX Runtime
 * where an index repeats.)
 *
 * @param at int64, as many as the gradient has along the axis.
 */
export function scatterAlong(c: RuleContext, g: string, axis: number, at: string, i: number): string {
  const b = c.builder;
  const column = b.op('Reshape', [at, b.ints([-1, ...Array<number>(-axis - 1).fill(1)])]);
  const everywhere = b.op('Expand', [column, b.op('Shape', [g])]);
  return b.op('ScatterElements', [zeroGradient(c, c.x(i)), everywhere, g], { axis, reduction: 'add' });
}

/** Size of the node's input i along an axis counted from the end, as an int64 vector of one element at run time. */
export function sizeAt(c: RuleContext, tensor: string, axis: number): string {
  return c.op('Shape', [tensor], axis === -1 ? { start: -1 } : { start: axis, end: axis + 1 });
}

/** Merges `count` axes of a gradient whose forward tensor has this shape, from axis `from` on (0: puts in an axis of one). */
export function mergeAxes(c: RuleContext, g: string, shape: readonly Dim[], from: number, count: number): string {
  if (count === 1) return g;
  const b = c.builder;
  if (count === 0) return b.op('Unsqueeze', [g, b.ints([from - shape.length - 1])]);
  const [before, merged, after] = [shape.slice(0, from), shape.slice(from, from + count), shape.slice(from + count)];
  const known = merged.every((dim) => dim !== null);
  const total = known ? merged.reduce<number>((product, dim) => product * (dim ?? 1), 1) : -1;
  // Zeros copy the sizes in front.
  const lead = Array<number>(before.length + (c.seeds === null ? 0 : 1)).fill(0);
  const open = after.filter((dim) => dim === null).length + (total === -1 ? 1 : 0);
  if (open <= 1) {
    return b.op('Reshape', [g, b.ints([...lead, total, ...after.map((dim) => dim ?? -1)])]);
  }
  const tail = b.op('Shape', [g], { start: -after.length });
  return b.op('Reshape', [g, b.op('Concat', [b.ints([...lead, -1]), tail], { axis: 0 })]);
}

/**
 * For any operator that only moves, repeats or drops elements of its first input: sends every element's position through
 * it, and adds the gradient up at the positions that came out.
 */
export const byPosition: Rule = (c) => {
  const positions = positionsLike(c.builder, c.x());
  const [moved] = c.builder.ops(c.node.opType, [positions, ...c.node.input.slice(1)], 1);
  // The attributes go over as they are; the builder writes only those it knows how to.
  c.builder.graph.node.at(-1)!.attribute = c.node.attribute;
  return [scatterFlat(c, 0, moved!, c.g())];
};

/** Puts the axis of seeds in front of indices that go with a gradient element by element. */
export function indicesWithSeeds(c: RuleContext, indices: string, rank: number): string {
  if (c.seeds === null) return indices;
  return c.op('Expand', [indices, c.builder.ints([c.seeds, ...Array<number>(rank).fill(1)])]);
}

/** int64, whatever integer type an index came in. */
export function asInt64(c: RuleContext, tensor: string): string {
  return c.op('Cast', [tensor], { to: TensorProto_DataType.INT64 });
}
