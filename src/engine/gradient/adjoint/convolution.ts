import { hasAttribute, intsAttribute, stringAttribute } from '../../onnx/attribute';
import { foldSeeds, fromEnd, reduceSum, unfoldSeeds } from '../emit';
import { adjoint, type Rule, type RuleContext, type RuleTable } from '../rule';
import { inputGradient } from './inputGradient';
import { kernelGradient } from './kernelGradient';
import { channelsOf, covered, groupsOf, spatial, spatialPart, type Window, windowOf } from './window';

/** A convolution is linear in its input, its kernel and its bias, each while the others are held. */
const conv: Rule = (c) => {
  const input = spatial(c, c.shapeOf(0));
  const outputs = spatial(c, c.shapeOfOutput(0));
  const kernel = c.shapeOf(1).slice(2).map(Number);
  const window = windowOf(c.node, kernel, input);
  return [
    c.needs(0) ? inputGradient(c, window, input, outputs) : undefined,
    c.needs(1) ? convKernel(c, window, input, outputs) : undefined,
    c.needs(2) ? biasGradient(c) : undefined,
  ];
};

function convKernel(c: RuleContext, window: Window, input: readonly number[], outputs: readonly number[]): string {
  const groups = groupsOf(c.node);
  return kernelGradient(
    c,
    window,
    groups,
    { tensor: c.x(0), isGradient: false, channels: channelsOf(c, c.shapeOf(0)) / groups, size: input },
    { tensor: c.g(), isGradient: true, channels: channelsOf(c, c.shapeOfOutput(0)) / groups, size: outputs },
  );
}

/** G summed over examples and positions. */
function biasGradient(c: RuleContext): string {
  const rank = c.shapeOfOutput(0).length;
  const axes = c.shapeOfOutput(0).flatMap((_, axis) => (axis === 1 ? [] : [axis]));
  return reduceSum(c.builder, c.g(), fromEnd(axes, rank), false);
}

/** dX of a transposed convolution is the convolution of G with the same kernel and window. */
const convTranspose: Rule = (c) => {
  const input = spatial(c, c.shapeOf(0));
  const outputs = spatial(c, c.shapeOfOutput(0));
  const kernel = c.shapeOf(1).slice(2).map(Number);
  const window = transposedWindowOf(c, kernel, input, outputs);
  return [
    c.needs(0) ? transposedInput(c, window, input, outputs) : undefined,
    c.needs(1) ? transposedKernel(c, window, input, outputs) : undefined,
    c.needs(2) ? biasGradient(c) : undefined,
  ];
};

/**
 * The window of a ConvTranspose node, whose padding is what it cuts off. Only its beginning matters: the end follows from
 * the observed sizes, as do `output_shape` and `output_padding`.
 */
function transposedWindowOf(
  c: RuleContext,
  kernel: readonly number[],
  input: readonly number[],
  outputs: readonly number[],
): Window {
  const plain = windowOf(c.node, kernel, input);
  const auto = stringAttribute(c.node, 'auto_pad', 'NOTSET');
  if (!hasAttribute(c.node, 'output_shape') && !auto.startsWith('SAME')) return plain;
  const extra = intsAttribute(c.node, 'output_padding') ?? kernel.map(() => 0);
  const totals = covered(plain, input).map((size, i) => Math.max(0, size + extra[i]! - outputs[i]!));
  const begin = totals.map((total) => (auto === 'SAME_UPPER' ? Math.floor(total / 2) : Math.ceil(total / 2)));
  return { ...plain, padBegin: begin, padEnd: totals.map((total, i) => total - begin[i]!) };
}

function transposedInput(c: RuleContext, window: Window, input: readonly number[], outputs: readonly number[]): string {
  const g = foldSeeds(c, c.g(), c.shapeOfOutput(0));
  // The convolution may see further than the output was cut; the padding at the end is what makes the sizes agree.
  const end = covered(window, input).map((size, i) => size - window.padBegin[i]! - outputs[i]!);
  const kept = outputs.map((dim, i) => dim + Math.min(0, end[i]!));
  const seen = spatialPart(
    c.builder,
    g,
    outputs,
    outputs.map(() => 0),
    kept,
  );
  const dx = c.op('Conv', [seen, c.x(1)], {
    group: groupsOf(c.node),
    strides: window.strides,
    dilations: window.dilations,
    kernel_shape: window.kernel,
    pads: [...window.padBegin, ...end.map((pad) => Math.max(0, pad))],
  });
  return unfoldSeeds(c, dx, 0);
}

function transposedKernel(
  c: RuleContext,
  window: Window,
  input: readonly number[],
  outputs: readonly number[],
): string {
  const groups = groupsOf(c.node);
  return kernelGradient(
    c,
    window,
    groups,
    { tensor: c.g(), isGradient: true, channels: channelsOf(c, c.shapeOfOutput(0)) / groups, size: outputs },
    { tensor: c.x(0), isGradient: false, channels: channelsOf(c, c.shapeOf(0)) / groups, size: input },
  );
}

export const convolutionRules: RuleTable = { Conv: adjoint(conv), ConvTranspose: adjoint(convTranspose) };
