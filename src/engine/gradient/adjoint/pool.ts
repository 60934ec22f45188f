import { intAttribute, intsAttribute } from '../../onnx/attribute';
import { foldSeeds, scale, unfoldSeeds } from '../emit';
import { adjoint, type Rule, type RuleContext, type RuleTable } from '../rule';
import { repeatEach } from './repeat';
import { multiplyAlong } from './separable';
import { covered, product, spatial, spatialPart, type Window, windowOf } from './window';

/** G divided by how many elements each window averaged, and spread over the window. */
const averagePool: Rule = (c) => {
  const kernel = intsAttribute(c.node, 'kernel_shape') ?? c.unavailable('it has no kernel_shape');
  const input = spatial(c, c.shapeOf(0));
  const outputs = spatial(c, c.shapeOfOutput(0));
  const window = windowOf(c.node, kernel, input);
  const inside = outputs.map((count, axis) => tapsInside(window, axis, count, input[axis]!));
  if (outputs.every((count, axis) => count === 1 && inside[axis]!.flat().length === input[axis])) {
    return [spread(c, shares(c, inside, outputs), input)];
  }
  const dense = window.dilations.every((dilation) => dilation === 1);
  if (dense && window.strides.every((stride, axis) => stride === kernel[axis])) {
    const g = foldSeeds(c, shares(c, inside, outputs), c.shapeOfOutput(0));
    const whole = repeatEach(c.builder, g, kernel);
    return [unfoldSeeds(c, spatialPart(c.builder, whole, covered(window, outputs), window.padBegin, input), 0)];
  }
  const summed = input.reduce(
    (g, size, axis) => {
      const matrix = new Float32Array(outputs[axis]! * size);
      for (const [position, taps] of inside[axis]!.entries()) for (const at of taps) matrix[position * size + at] = 1;
      const constant = c.builder.floats(matrix, [outputs[axis]!, size]);
      return multiplyAlong(c, g, input.length + 2, axis - input.length, constant);
    },
    shares(c, inside, outputs),
  );
  return [summed];
};

/** The elements of the input that each position of the window covers along one axis, without those in the padding. */
function tapsInside(window: Window, axis: number, count: number, size: number): number[][] {
  return Array.from({ length: count }, (_, position) => {
    const start = position * window.strides[axis]! - window.padBegin[axis]!;
    const taps = Array.from({ length: window.kernel[axis]! }, (_, tap) => start + tap * window.dilations[axis]!);
    return taps.filter((at) => at >= 0 && at < size);
  });
}

/**
 * G divided by what each window's sum was divided by. With padding counted in, that is not asked of a formula (versions
 * differ about windows that reach beyond the padding) but of the operator itself, on ones.
 */
function shares(c: RuleContext, inside: readonly number[][][], outputs: readonly number[]): string {
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
  if (intAttribute(c.node, 'ceil_mode', 0) === 0) return average;
  // Shape inference may count a last window that starts past the input, which ONNX Runtime leaves out when it runs.
  const axes = outputs.map((_, i) => i + 2);
  const starts = c.builder.ints(outputs.map(() => 0));
  return c.op('Slice', [average, starts, c.builder.ints(outputs), c.builder.ints(axes)]);
}

/** [..., 1, 1] to [..., ...size]. */
function spread(c: RuleContext, tensor: string, size: readonly number[]): string {
  return c.op('Expand', [tensor, c.builder.ints([1, 1, ...size])]);
}

const globalAverage: Rule = (c) => {
  const size = spatial(c, c.shapeOf(0));
  return [spread(c, scale(c.builder, c.g(), 1 / product(size)), size)];
};

export const averagePoolRules: RuleTable = {
  AveragePool: adjoint(averagePool),
  GlobalAveragePool: adjoint(globalAverage),
};
