import { intAttribute, intsAttribute } from '../../onnx/attribute';
import { foldSeeds, scale, unfoldSeeds } from '../emit';
import { adjoint, type Rule, type RuleContext, type RuleTable } from '../rule';
import { repeatEach } from './repeat';
import { multiplyAlong } from './separable';
import { product, spatial, type Window, windowOf } from './window';

/** A pooling node's windows over its input. */
export interface Pooling {
  readonly window: Window;
  readonly input: readonly number[];
  readonly outputs: readonly number[];
  /** For each axis and position of the window, the elements of the input under it, without those in the padding. */
  readonly inside: readonly (readonly number[][])[];
}

export function poolingOf(c: RuleContext): Pooling {
  const kernel = intsAttribute(c.node, 'kernel_shape') ?? c.unavailable('it has no kernel_shape');
  const input = spatial(c, c.shapeOf(0));
  const outputs = spatial(c, c.shapeOfOutput(0));
  const window = windowOf(c.node, kernel, input);
  const inside = outputs.map((count, axis) =>
    Array.from({ length: count }, (_, position) => {
      const start = position * window.strides[axis]! - window.padBegin[axis]!;
      const taps = Array.from({ length: kernel[axis]! }, (_, tap) => start + tap * window.dilations[axis]!);
      return taps.filter((at) => at >= 0 && at < input[axis]!);
    }),
  );
  return { window, input, outputs, inside };
}

/** The adjoint of summing over windows: every element is the sum over the windows that it lies in. */
export function spreadOverWindows(c: RuleContext, tensor: string, pooling: Pooling): string {
  const { window, input, outputs, inside } = pooling;
  if (outputs.every((count, axis) => count === 1 && inside[axis]!.flat().length === input[axis])) {
    return spread(c, tensor, input);
  }
  const dense = window.dilations.every((dilation) => dilation === 1);
  // ONNX Runtime has a quick way of its own for doubling alone; other repetitions, and padding, are faster as products.
  const doubles = window.kernel.every((size, axis) => size === 2 && window.strides[axis] === 2);
  if (dense && doubles && outputs.every((count, axis) => 2 * count === input[axis])) {
    return unfoldSeeds(c, repeatEach(c.builder, foldSeeds(c, tensor, c.shapeOfOutput(0)), window.kernel), 0);
  }
  if (dense && window.strides.every((stride) => stride === 1)) return slidBack(c, tensor, pooling);
  // Windows are products of intervals: the sum goes along one axis after the other, from the last, where it is one product.
  return input.reduceRight((g, size, axis) => {
    const owners: (number | null)[] = Array<number | null>(size).fill(null);
    for (const [position, taps] of inside[axis]!.entries()) for (const at of taps) owners[at] = position;
    const disjoint = inside[axis]!.flat().length === owners.filter((position) => position !== null).length;
    if (disjoint && axis < input.length - 1) return taken(c, g, input.length, axis, owners, outputs[axis]!);
    const matrix = new Float32Array(outputs[axis]! * size);
    for (const [position, taps] of inside[axis]!.entries()) for (const at of taps) matrix[position * size + at] = 1;
    const constant = c.builder.floats(matrix, [outputs[axis]!, size]);
    return multiplyAlong(c, g, input.length + 2, axis - input.length, constant);
  }, tensor);
}

/**
 * Windows without a common element: what lies in one is moved whole, zeros to what lies in none.
 *
 * @param windowOf for each element along the axis, its window.
 * @param count of windows along the axis.
 */
function taken(
  c: RuleContext,
  tensor: string,
  spatialAxes: number,
  axis: number,
  windowOf: readonly (number | null)[],
  count: number,
): string {
  const b = c.builder;
  const rank = spatialAxes + 2 + (c.seeds === null ? 0 : 1);
  const at = rank - spatialAxes + axis;
  const ends = Array.from({ length: rank }, (_, i) => (i === at ? 1 : 0));
  const source = windowOf.includes(null) ? c.op('Pad', [tensor, b.ints([...ends.map(() => 0), ...ends])]) : tensor;
  return c.op('Gather', [source, b.ints(windowOf.map((position) => position ?? count))], { axis: at });
}

/** At stride 1 the windows that an element lies in are a window of the output. */
function slidBack(c: RuleContext, tensor: string, { window, input, outputs }: Pooling): string {
  const begin = window.kernel.map((k, i) => k - 1 - window.padBegin[i]!);
  const end = input.map((dim, i) => dim - outputs[i]! + window.padBegin[i]!);
  const mean = c.op('AveragePool', [foldSeeds(c, tensor, c.shapeOfOutput(0))], {
    kernel_shape: window.kernel,
    pads: [...begin, ...end],
    count_include_pad: 1,
  });
  return unfoldSeeds(c, scale(c.builder, mean, product(window.kernel)), 0);
}

/** [..., 1, 1] to [..., ...size]. */
export function spread(c: RuleContext, tensor: string, size: readonly number[]): string {
  return c.op('Expand', [tensor, c.builder.ints([1, 1, ...size])]);
}

/** G divided by how many elements each window averaged, and spread over the window. */
const averagePool: Rule = (c) => {
  const pooling = poolingOf(c);
  return [spreadOverWindows(c, shares(c, pooling), pooling)];
};

/**
 * G divided by what each window's sum was divided by. With padding counted in, that is not asked of a formula (versions
 * differ about windows that reach beyond the padding) but of the operator itself, on ones.
 */
function shares(c: RuleContext, { inside, outputs }: Pooling): string {
  const counts = inside.reduce<number[]>(
    (products, taps) => products.flatMap((a) => taps.map((along) => a * along.length)),
    [1],
  );
  const weights = counts.map((count) => 1 / Math.max(1, count));
  const padded = intAttribute(c.node, 'count_include_pad', 0) === 1;
  if (!padded && new Set(weights).size === 1) return scale(c.builder, c.g(), weights[0]!);
  const weight = c.builder.floats(weights, [1, 1, ...outputs]);
  return c.op('Mul', [c.g(), padded ? c.op('Mul', [weight, averageOfOnes(c, outputs)]) : weight]);
}

function averageOfOnes(c: RuleContext, outputs: readonly number[]): string {
  const size = spatial(c, c.shapeOf(0));
  const ones = c.builder.floats(new Float32Array(product(size)).fill(1), [1, 1, ...size]);
  const average = c.op('AveragePool', [ones]);
  c.builder.graph.node.at(-1)!.attribute = c.node.attribute;
  return asObserved(c, average, outputs);
}

/**
 * A pooling result, for shape inference as long as it is. With ceil_mode that may count a last window that starts past the
 * input, which ONNX Runtime leaves out when it runs.
 */
export function asObserved(c: RuleContext, tensor: string, outputs: readonly number[]): string {
  if (intAttribute(c.node, 'ceil_mode', 0) === 0) return tensor;
  const b = c.builder;
  const axes = outputs.map((_, i) => i + 2);
  return c.op('Slice', [tensor, b.ints(outputs.map(() => 0)), b.ints(outputs), b.ints(axes)]);
}

const globalAverage: Rule = (c) => {
  const size = spatial(c, c.shapeOf(0));
  return [spread(c, scale(c.builder, c.g(), 1 / product(size)), size)];
};

/** What was put at positions is read from there. (Of several at one position PyTorch too lets all have the gradient.) */
const maxUnpool: Rule = (c) => {
  const b = c.builder;
  const seeds = c.seeds === null ? [] : [c.seeds];
  const flat = c.op('Reshape', [c.g(), b.ints([...seeds, -1])]);
  return [c.op('Gather', [flat, c.x(1)], { axis: seeds.length })];
};

export const averagePoolRules: RuleTable = {
  AveragePool: adjoint(averagePool),
  GlobalAveragePool: adjoint(globalAverage),
  MaxUnpool: adjoint(maxUnpool, [0]),
};
