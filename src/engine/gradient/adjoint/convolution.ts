import type { GraphBuilder } from '../../onnx/builder';
import type { Constant } from '../../onnx/tensor';
import { exact, type Rule, type RuleContext, type RuleTable } from '../rule';
import { covered, groupsOf, type Window, windowOf } from './window';

/** Sizes of the spatial dimensions (after batch and channel), which must not move with the batch. */
export function spatial(c: RuleContext, shape: readonly (number | null)[]): number[] {
  return shape.slice(2).map((dim) => dim ?? c.unavailable('a spatial size moves with the batch'));
}

/**
 * The adjoint of sliding a window: what lies in the padding is cut off, and what no window reached is zero.
 *
 * @param tensor covers `size` from the start of the padding.
 */
export function cutPadding(
  b: GraphBuilder,
  tensor: string,
  window: Window,
  size: readonly number[],
  input: readonly number[],
): string {
  const missing = input.map((dim, i) => Math.max(0, window.padBegin[i]! + dim - size[i]!));
  const padded = missing.some((m) => m > 0)
    ? b.op('Pad', [tensor, b.ints([0, 0, ...missing.map(() => 0), 0, 0, ...missing])])
    : tensor;
  const exactAlready = input.every((dim, i) => window.padBegin[i] === 0 && size[i]! + missing[i]! === dim);
  if (exactAlready) return padded;
  const axes = input.map((_, i) => i + 2);
  const ends = input.map((dim, i) => window.padBegin[i]! + dim);
  return b.op('Slice', [padded, b.ints([...window.padBegin]), b.ints(ends), b.ints(axes)]);
}

/** dX of a convolution is the transposed convolution of G; at stride 1, the convolution with the flipped kernel. */
const conv: Rule = (c) => {
  if (c.needs(1)) c.unavailable('its kernel is computed from the input');
  const bias = c.needs(2) ? c.unavailable('its bias is computed from the input') : undefined;
  const input = spatial(c, c.shapeOf(0));
  const kernel = c.shapeOf(1).slice(2).map(Number);
  const window = windowOf(c.node, kernel, input);
  const outputs = spatial(c, c.shapeOfOutput(0));
  return [flippedConv(c, window, input, outputs) ?? transposedConv(c, window, input, outputs), undefined, bias];
};

function transposedConv(c: RuleContext, window: Window, input: readonly number[], outputs: readonly number[]): string {
  const whole = c.op('ConvTranspose', [c.g(), c.x(1)], {
    group: groupsOf(c.node),
    strides: window.strides,
    dilations: window.dilations,
    kernel_shape: window.kernel,
  });
  return cutPadding(c.builder, whole, window, covered(window, outputs), input);
}

/** ONNX Runtime's convolution is faster than its transposed convolution; it needs the kernel as numbers. */
function flippedConv(
  c: RuleContext,
  window: Window,
  input: readonly number[],
  outputs: readonly number[],
): string | undefined {
  const weights = c.constant(1);
  if (weights?.type !== 'float32' || window.strides.some((stride) => stride !== 1)) return undefined;
  // A kernel as wide as its input (a dense layer written as a convolution) would be slid over padding for the most part.
  const area = (size: readonly number[]) => size.reduce((a, dim) => a * dim, 1);
  if (area(input) > 2 * area(outputs)) return undefined;
  const reach = window.kernel.map((k, i) => (k - 1) * window.dilations[i]!);
  const begin = reach.map((r, i) => r - window.padBegin[i]!);
  const end = reach.map((_, i) => input[i]! - outputs[i]! + window.padBegin[i]!);
  if ([...begin, ...end].some((pad) => pad < 0)) return undefined;
  const groups = groupsOf(c.node);
  return c.op('Conv', [c.g(), c.builder.constant(flipKernel(weights, groups))], {
    group: groups,
    dilations: window.dilations,
    kernel_shape: window.kernel,
    pads: [...begin, ...end],
  });
}

/** [M, C/g, k…] to [C, M/g, reversed k…], within each group. */
function flipKernel(weights: Constant & { type: 'float32' }, groups: number): Constant {
  const [outs, insPerGroup, ...kernel] = weights.dims as [number, number, ...number[]];
  const outsPerGroup = outs / groups;
  const taps = kernel.reduce((a, k) => a * k, 1);
  const flipped = new Float32Array(weights.data.length);
  for (let group = 0; group < groups; group++) {
    for (let o = 0; o < outsPerGroup; o++) {
      for (let i = 0; i < insPerGroup; i++) {
        const source = ((group * outsPerGroup + o) * insPerGroup + i) * taps;
        const target = ((group * insPerGroup + i) * outsPerGroup + o) * taps;
        for (let t = 0; t < taps; t++) flipped[target + t] = weights.data[source + taps - 1 - t]!;
      }
    }
  }
  return { type: 'float32', dims: [insPerGroup * groups, outsPerGroup, ...kernel], data: flipped };
}

/** dX of a transposed convolution is the convolution of G with the same kernel and window. */
const convTranspose: Rule = (c) => {
  if (c.needs(1) || c.needs(2)) c.unavailable('its kernel or bias is computed from the input');
  const input = spatial(c, c.shapeOf(0));
  const outputs = spatial(c, c.shapeOfOutput(0));
  const kernel = c.shapeOf(1).slice(2).map(Number);
  const window = windowOf(c.node, kernel, outputs);
  const explicit = !c.node.attribute.some((a) => a.name === 'output_shape' || a.name === 'auto_pad');
  if (!explicit) c.unavailable('padding by output_shape or auto_pad is not supported');
  // The convolution may see further than the output was cut; the padding at the end is what makes the sizes agree.
  const end = covered(window, input).map((size, i) => size - window.padBegin[i]! - outputs[i]!);
  const cropped = end.some((pad) => pad < 0);
  const g = cropped
    ? c.op('Slice', [
        c.g(),
        c.builder.ints(input.map(() => 0)),
        c.builder.ints(outputs.map((dim, i) => dim + Math.min(0, end[i]!))),
        c.builder.ints(input.map((_, i) => i + 2)),
      ])
    : c.g();
  return [
    c.op('Conv', [g, c.x(1)], {
      group: groupsOf(c.node),
      strides: window.strides,
      dilations: window.dilations,
      kernel_shape: window.kernel,
      pads: [...window.padBegin, ...end.map((pad) => Math.max(0, pad))],
    }),
  ];
};

export const convolutionRules: RuleTable = { Conv: exact(conv), ConvTranspose: exact(convTranspose) };
