import { hasAttribute, intsAttribute, stringAttribute } from '../../onnx/attribute';
import { foldSeeds, fromEnd, reduceSum, unfoldSeeds } from '../emit';
import { adjoint, type Rule, type RuleContext, type RuleTable } from '../rule';
import { kernelGradient } from './kernelGradient';
import { channelsOf, covered, groupsOf, product, spatial, spatialPart, type Window, windowOf } from './window';

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

function inputGradient(c: RuleContext, window: Window, input: readonly number[], outputs: readonly number[]): string {
  const g = foldSeeds(c, c.g(), c.shapeOfOutput(0));
  const dx = flippedConv(c, g, window, input, outputs) ?? transposedConv(c, g, window, input, outputs);
  return unfoldSeeds(c, dx, 0);
}

/** The transposed convolution of G; what lies in the padding is cut off, and what no window reached is zero. */
function transposedConv(
  c: RuleContext,
  g: string,
  window: Window,
  input: readonly number[],
  outputs: readonly number[],
): string {
  const whole = c.op('ConvTranspose', [g, c.x(1)], {
    group: groupsOf(c.node),
    strides: window.strides,
    dilations: window.dilations,
    kernel_shape: window.kernel,
  });
  return spatialPart(c.builder, whole, covered(window, outputs), window.padBegin, input);
}

/** ONNX Runtime's convolution is faster than its transposed convolution. */
function flippedConv(
  c: RuleContext,
  g: string,
  window: Window,
  input: readonly number[],
  outputs: readonly number[],
): string | undefined {
  if (window.strides.some((stride) => stride !== 1)) return undefined;
  // A kernel as wide as its input (a dense layer written as a convolution) would be slid over padding for the most part.
  if (product(input) > 2 * product(outputs)) return undefined;
  const reach = window.kernel.map((k, i) => (k - 1) * window.dilations[i]!);
  const begin = reach.map((r, i) => r - window.padBegin[i]!);
  const end = reach.map((_, i) => input[i]! - outputs[i]! + window.padBegin[i]!);
  if ([...begin, ...end].some((pad) => pad < 0)) return undefined;
  return c.op('Conv', [g, flippedKernel(c)], {
    group: groupsOf(c.node),
    dilations: window.dilations,
    kernel_shape: window.kernel,
    pads: [...begin, ...end],
  });
}

/**
 * [M, C/g, k…] to [C, M/g, reversed k…], within each group. Written as nodes, which ONNX Runtime folds when it loads the
 * graph: the kernel need not be known, nor be copied into the file.
 */
function flippedKernel(c: RuleContext): string {
  const b = c.builder;
  const groups = groupsOf(c.node);
  const [outs, ins, ...kernel] = c.shapeOf(1).map(Number) as [number, number, ...number[]];
  const axes = kernel.map((_, i) => i);
  const grouped = groups === 1 ? c.x(1) : c.op('Reshape', [c.x(1), b.ints([groups, outs / groups, ins, ...kernel])]);
  const lead = groups === 1 ? [1, 0] : [0, 2, 1];
  const exchanged = c.op('Transpose', [grouped], { perm: [...lead, ...axes.map((i) => i + lead.length)] });
  const flat =
    groups === 1 ? exchanged : c.op('Reshape', [exchanged, b.ints([groups * ins, outs / groups, ...kernel])]);
  const turned = axes.filter((i) => kernel[i] !== 1);
  if (turned.length === 0) return flat;
  const each = (value: number) => b.ints(turned.map(() => value));
  return c.op('Slice', [flat, each(-1), each(-(2 ** 31)), b.ints(turned.map((i) => i + 2)), each(-1)]);
}

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
