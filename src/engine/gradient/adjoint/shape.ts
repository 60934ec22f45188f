import { intAttribute, intsAttribute, stringAttribute } from '../../onnx/attribute';
import type { Dim } from '../../onnx/observe';
import { foldSeeds, fromEnd, gradientLike, reduceSum, unfoldSeeds } from '../emit';
import { fixedIntegers } from '../fixedIntegers';
import { adjoint, broadcastAdjoint, type Rule, type RuleContext, type RuleTable } from '../rule';
import { concat, split } from './concat';
import { pad } from './pad';
import { slice } from './slice';

/**
 * Elements keep their order: the gradient takes the input's shape. Where the batch keeps its place, it is written as 0 (as
 * it came) rather than -1, which would be a size that ONNX Runtime cannot tell from others when it plans memory: loading
 * then takes time that grows with the square of the number of nodes.
 */
const sameOrder: Rule = (c) => {
  const [from, to] = [c.shapeOf(0), c.shapeOfOutput(0)];
  const batch = from.indexOf(null);
  const kept =
    batch >= 0 && batch === to.indexOf(null) && sizeOf(from, 0, batch) === sizeOf(to, 0, batch)
      ? sizeOf(from, batch + 1) === sizeOf(to, batch + 1)
      : false;
  if (!kept || from.includes(0)) return [gradientLike(c, c.g(), 0)];
  const lead = c.seeds === null ? [] : [c.seeds];
  return [c.op('Reshape', [c.g(), c.builder.ints([...lead, ...from.map((dim) => dim ?? 0)])])];
};

/** Elements in a stretch of a shape; NaN, which equals nothing, where one of its sizes moves. */
function sizeOf(shape: readonly Dim[], start: number, end?: number): number {
  return shape.slice(start, end).reduce<number>((size, dim) => size * (dim ?? Number.NaN), 1);
}

/** Axes of one element come back. Where none are named, a batch of one loses its axis too, and has to find it again. */
const squeeze: Rule = (c) => {
  const axes = c.node.input[1] ? fixedIntegers(c, 1) : undefined;
  if (!axes?.length) return [gradientLike(c, c.g(), 0)];
  return [c.op('Unsqueeze', [c.g(), c.builder.ints(fromEnd(axes, c.shapeOf(0).length))])];
};

const unsqueeze: Rule = (c) => {
  const axes = fixedIntegers(c, 1);
  if (!axes?.length) return [gradientLike(c, c.g(), 0)];
  return [c.op('Squeeze', [c.g(), c.builder.ints(fromEnd(axes, c.shapeOfOutput(0).length))])];
};

const transpose: Rule = (c) => {
  const rank = c.shapeOf(0).length;
  const perm = intsAttribute(c.node, 'perm') ?? Array.from({ length: rank }, (_, i) => rank - 1 - i);
  const inverse = perm.map((_, axis) => perm.indexOf(axis));
  return [c.op('Transpose', [c.g()], { perm: c.seeds === null ? inverse : [0, ...inverse.map((axis) => axis + 1)] })];
};

/** Repetitions are summed: along an axis, [r·d] is seen as [r, d]. */
const tile: Rule = (c) => {
  const b = c.builder;
  const [from, to] = [c.shapeOf(0), c.shapeOfOutput(0)];
  const repeats = fixedIntegers(c, 1);
  const rank = from.length;
  // An axis of one element needs no other view, however often it was repeated.
  const single = from.flatMap((dim, i) => (dim === 1 && to[i] !== 1 ? [i - rank] : []));
  const summed = single.length > 0 ? reduceSum(b, c.g(), single, true) : c.g();
  const repeated = from.flatMap((dim, i) => {
    const once = repeats ? repeats[i] === 1 : dim !== null && dim === to[i];
    return dim === 1 || once ? [] : [i];
  });
  if (repeated.length === 0) return [summed];
  const view = from.flatMap((dim, i): Dim[] => (repeated.includes(i) ? [repeats?.[i] ?? null, dim] : [dim]));
  const axes = repeated.map((i, k) => i + k - rank - repeated.length);
  return [reduceSum(b, b.op('Reshape', [summed, viewOf(c, view, repeated)]), axes, false)];
};

/** The shape of a gradient in which repeated axes are two: numbers, or read at run time where several sizes move. */
function viewOf(c: RuleContext, view: readonly Dim[], repeated: readonly number[]): string {
  const b = c.builder;
  const lead = c.seeds === null ? [] : [c.seeds];
  if (view.filter((dim) => dim === null).length <= 1) return b.ints([...lead, ...view.map((dim) => dim ?? -1)]);
  const sizes = b.op('Shape', [c.x()]);
  const at = (tensor: string, i: number) => b.op('Slice', [tensor, b.ints([i]), b.ints([i + 1])]);
  const parts = c.shapeOf(0).flatMap((_, i) => (repeated.includes(i) ? [at(c.x(1), i), at(sizes, i)] : [at(sizes, i)]));
  return b.op('Concat', lead.length === 0 ? parts : [b.ints(lead), ...parts], { axis: 0 });
}

/** Blocks of channels back from the pixels: depth is [block, block, channel] (DCR) or [channel, block, block] (CRD). */
const depthToSpace: Rule = (c) => {
  const block = intAttribute(c.node, 'blocksize', 1);
  const g = foldSeeds(c, c.g(), c.shapeOfOutput(0));
  if (stringAttribute(c.node, 'mode', 'DCR') === 'DCR') {
    return [unfoldSeeds(c, c.op('SpaceToDepth', [g], { blocksize: block }), 0)];
  }
  const [channels, height, width] = fixedSizes(c, c.shapeOf(0).slice(1));
  const inner = channels! / (block * block);
  const seen = c.op('Reshape', [g, c.builder.ints([-1, inner, height!, block, width!, block])]);
  return [gradientLike(c, c.op('Transpose', [seen], { perm: [0, 1, 3, 5, 2, 4] }), 0)];
};

const spaceToDepth: Rule = (c) => {
  const g = foldSeeds(c, c.g(), c.shapeOfOutput(0));
  return [unfoldSeeds(c, c.op('DepthToSpace', [g], { blocksize: intAttribute(c.node, 'blocksize', 1) }), 0)];
};

function fixedSizes(c: RuleContext, dims: readonly Dim[]): number[] {
  return dims.map((dim) => dim ?? c.unavailable('a dimension other than the first moves with the batch'));
}

/** Gradients are float32 on both sides; conversions to integers stop the gradient before it gets here. */
const cast: Rule = (c) => [c.g()];

/** As {@link cast}, where the type is that of another tensor: no gradient comes through an integer. */
const castLike: Rule = (c) => [c.constant(1)?.type === 'int64' ? undefined : c.g()];

export const shapeRules: RuleTable = {
  Identity: adjoint((c) => [c.g()]),
  Reshape: adjoint(sameOrder, [0]),
  Flatten: adjoint(sameOrder),
  Squeeze: adjoint(squeeze, [0]),
  Unsqueeze: adjoint(unsqueeze, [0]),
  Transpose: adjoint(transpose),
  Concat: adjoint(concat),
  Split: adjoint(split, [0]),
  Slice: adjoint(slice, [0]),
  DepthToSpace: adjoint(depthToSpace),
  SpaceToDepth: adjoint(spaceToDepth),
  Expand: broadcastAdjoint((c) => [c.g()], [0]),
  Tile: adjoint(tile, [0]),
  Pad: adjoint(pad, [0, 2]),
  Cast: adjoint(cast),
  CastLike: adjoint(castLike, [0]),
};
