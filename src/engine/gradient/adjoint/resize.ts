import { float, intAttribute, intsAttribute, stringAttribute } from '../../onnx/attribute';
import { foldSeeds, scale, unfoldSeeds } from '../emit';
import { adjoint, type Rule, type RuleContext, type RuleTable } from '../rule';
import { gridSampleRules } from './gridSample';
import { imageRules } from './image';
import { multiplyAlong } from './separable';
import { product } from './window';

/** One axis that changes its size, or where its elements lie. */
interface Resized {
  readonly axis: number;
  readonly from: number;
  readonly to: number;
}

/**
 * Resize interpolates along one axis after the other, so its adjoint multiplies along each with the transposed matrix of
 * interpolation weights.
 */
const resize: Rule = (c) => {
  const shape = c.shapeOf(0);
  // ONNX Runtime copies what keeps its shape, whatever its scales.
  if (shape.every((dim, axis) => dim === c.shapeOfOutput(0)[axis])) return [c.g()];
  const resized = shape.flatMap((from, axis): Resized[] => {
    const to = c.shapeOfOutput(0)[axis];
    // A dimension that moves with the batch is no picture's.
    if (from === null || to === null || to === undefined) return [];
    return from !== to || isMoved(c, axis) ? [{ axis, from, to }] : [];
  });
  if (isRepetition(c, resized)) return [sumOfBlocks(c, resized)];
  const rank = shape.length;
  return [resized.reduce((g, one) => multiplyAlong(c, g, rank, one.axis - rank, transposedWeights(c, one)), c.g())];
};

const coordinates = (c: RuleContext) => stringAttribute(c.node, 'coordinate_transformation_mode', 'half_pixel');

/** The axes that scales, sizes and regions list, in their order. */
function listedAxes(c: RuleContext): number[] {
  const rank = c.shapeOf(0).length;
  return (intsAttribute(c.node, 'axes') ?? c.shapeOf(0).map((_, axis) => axis)).map((a) => (a < 0 ? a + rank : a));
}

/** Whether elements of an axis that keeps its size may be others: by a region of interest, or by a scale that was rounded. */
function isMoved(c: RuleContext, axis: number): boolean {
  const listed = listedAxes(c);
  const at = listed.indexOf(axis);
  if (at < 0) return false;
  if (coordinates(c) === 'tf_crop_and_resize') {
    const region = c.constant(1);
    if (!region || Number(region.data[at]) !== 0 || Number(region.data[listed.length + at]) !== 1) return true;
  }
  if (c.node.input[3]) return stringAttribute(c.node, 'keep_aspect_ratio_policy', 'stretch') !== 'stretch';
  const scales = c.constant(2);
  // Scales that are computed are computed from the sizes of pictures: batch and channels stay.
  return scales ? Number(scales.data[at]) !== 1 : axis >= 2;
}

/**
 * [to, from]: the operator itself, along this axis alone, on the rows of an identity. ONNX Runtime computes it when it
 * loads the graph, so that its own reading of every mode and attribute holds.
 */
function transposedWeights(c: RuleContext, one: Resized): string {
  const b = c.builder;
  const { from, to } = one;
  const identity = Float32Array.from({ length: from * from }, (_, at) => (at % (from + 1) === 0 ? 1 : 0));
  const policy = stringAttribute(c.node, 'keep_aspect_ratio_policy', 'stretch');
  const kept = c.node.attribute.filter(
    ({ name }) => !['axes', 'keep_aspect_ratio_policy', 'extrapolation_value'].includes(name),
  );
  const along = (data: string, inputs: readonly string[], attributes: Parameters<typeof b.op>[2] = {}) => {
    // What stands for elements outside of the picture is a constant, which the adjoint does not see.
    const resized = b.op('Resize', [data, ...inputs], { extrapolation_value: float(0), ...attributes });
    b.graph.node.at(-1)!.attribute.push(...kept);
    return resized;
  };
  const listed = listedAxes(c);
  const at = listed.indexOf(one.axis);
  const regions = region(c, at, listed.length);
  const sizes = c.node.input[3] ? (c.integers(3) ?? c.unavailable('its sizes are not constant')) : undefined;
  // A second axis, along which nothing changes, doubles: else what keeps its shape would be copied here too.
  const rows = b.floats(identity, [1, from, 1, from]);
  let plane: string;
  if (!sizes) {
    plane = along(rows, [regions, b.op('Concat', [b.floats([1, 1, 2]), entry(c, 2, at)], { axis: 0 })]);
  } else if (policy === 'stretch') {
    plane = along(rows, [regions, '', b.ints([1, from, 2, to])]);
  } else {
    // One scale for all axes is what one of them asks for: that one comes along.
    const wanted = (axis: number) => sizes[listed.indexOf(axis)]! / Number(c.shapeOf(0)[axis]);
    const most = policy === 'not_larger' ? Math.min : Math.max;
    const decisive = listed.find((axis) => wanted(axis) === most(...listed.map(wanted)))!;
    const beside = Number(c.shapeOf(0)[decisive]);
    if (from === to && beside === c.shapeOfOutput(0)[decisive]) {
      c.unavailable(`its scale of ${wanted(decisive)} leaves a size as it is`);
    }
    const repeated = b.op('Expand', [rows, b.ints([1, 1, beside, 1])]);
    const both = [decisive, one.axis].map((axis) => sizes[listed.indexOf(axis)]!);
    plane = along(repeated, [regions, '', b.ints(both)], { axes: [2, 3], keep_aspect_ratio_policy: policy });
  }
  const weights = b.op('Slice', [plane, b.ints([0]), b.ints([1]), b.ints([2])]);
  return b.op('Transpose', [b.op('Reshape', [weights, b.ints([from, to])])], { perm: [1, 0] });
}

/** Entry `at` of the vector that is input i, as a vector of one. */
function entry(c: RuleContext, i: number, at: number): string {
  const b = c.builder;
  return b.op('Slice', [c.x(i), b.ints([at]), b.ints([at + 1]), b.ints([0])]);
}

/** The region of interest along one axis as that of [1, 1, from, from]; '' where there is none. */
function region(c: RuleContext, at: number, count: number): string {
  if (coordinates(c) !== 'tf_crop_and_resize') return '';
  const [starts, ends] = [c.builder.floats([0, 0, 0]), c.builder.floats([1, 1, 1])];
  return c.op('Concat', [starts, entry(c, 1, at), ends, entry(c, 1, count + at)], { axis: 0 });
}

/** Whether every element is repeated a whole number of times along spatial axes. */
function isRepetition(c: RuleContext, resized: readonly Resized[]): boolean {
  if (resized.length === 0 || stringAttribute(c.node, 'mode', 'nearest') !== 'nearest') return false;
  if (resized.some(({ axis, from, to }) => axis < 2 || to % from !== 0)) return false;
  const rounding = stringAttribute(c.node, 'nearest_mode', 'round_prefer_floor');
  // floor(i / k), or (i + ½) / k − ½ rounded: it keeps ½ / k from the border between two elements.
  const whole =
    (coordinates(c) === 'asymmetric' && rounding === 'floor') ||
    (coordinates(c) === 'half_pixel' && rounding.startsWith('round_prefer'));
  if (!whole || intAttribute(c.node, 'antialias', 0) !== 0) return false;
  if (c.node.input[3]) return stringAttribute(c.node, 'keep_aspect_ratio_policy', 'stretch') === 'stretch';
  // A scale that is not whole may lead to the same sizes.
  const scales = c.constant(2);
  const listed = listedAxes(c);
  return resized.every(({ axis, from, to }) => Number(scales?.data[listed.indexOf(axis)]) === to / from);
}

function sumOfBlocks(c: RuleContext, resized: readonly Resized[]): string {
  const kernel = c.shapeOf(0).map((_, axis) => {
    const one = resized.find((r) => r.axis === axis);
    return one ? one.to / one.from : 1;
  });
  const block = kernel.slice(2);
  const g = foldSeeds(c, c.g(), c.shapeOfOutput(0));
  const mean = c.op('AveragePool', [g], { kernel_shape: block, strides: block });
  return unfoldSeeds(c, scale(c.builder, mean, product(block)), 0);
}

export const resizeRules: RuleTable = { Resize: adjoint(resize, [0]), ...imageRules, ...gridSampleRules };
