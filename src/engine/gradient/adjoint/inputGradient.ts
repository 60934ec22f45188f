import { foldSeeds, unfoldSeeds } from '../emit';
import type { RuleContext } from '../rule';
import { blocksFor, phases } from './phases';
import { repeatEach } from './repeat';
import { channelBlock, channelsOf, covered, groupsOf, product, spatialPart, type Window } from './window';

interface Form {
  readonly c: RuleContext;
  /** [n, M, ...outputs], seeds folded into n. */
  readonly g: string;
  readonly window: Window;
  readonly groups: number;
  readonly channels: number;
  readonly input: readonly number[];
  readonly outputs: readonly number[];
}

/** dX of a convolution, in the form that runs fastest; bench/convolution.ts measures what the choices rest on. */
export function inputGradient(
  c: RuleContext,
  window: Window,
  input: readonly number[],
  outputs: readonly number[],
): string {
  const g = foldSeeds(c, c.g(), c.shapeOfOutput(0));
  const form: Form = { c, g, window, groups: groupsOf(c.node), channels: channelsOf(c, c.shapeOf(0)), input, outputs };
  const dx = dense(form) ?? inPhases(form) ?? flipped(form) ?? flippedDepthwise(form) ?? transposed(form);
  return unfoldSeeds(c, dx, 0);
}

/**
 * Floats in a kernel that is rearranged: 32 MB. ONNX Runtime does it when it loads the graph, and holds three copies until
 * it is done; afterwards the session is no larger than with a transposed convolution, beside whose kernel it keeps the
 * forward pass' blocked one (10 kernels, 94 MB: 369 against 378 MB; at their peak 853 against 639 MB).
 */
const mostRearranged = 2 ** 23;

const isRearranged = (c: RuleContext) => product(c.shapeOf(1).map(Number)) <= mostRearranged;

/** A kernel as large as its input is a dense layer. A transposed convolution would read the weights once an example. */
function dense({ c, g, window, groups, channels, input, outputs }: Form): string | undefined {
  if (groups !== 1 || product(outputs) !== 1 || !isRearranged(c)) return undefined;
  if (input.some((dim, i) => dim !== window.kernel[i] || window.padBegin[i] !== 0)) return undefined;
  const b = c.builder;
  const flat = product([channels, ...input]);
  const rows = c.op('Reshape', [g, b.ints([-1, Number(c.shapeOf(1)[0])])]);
  const dx = c.op('MatMul', [rows, c.op('Reshape', [c.x(1), b.ints([-1, flat])])]);
  return c.op('Reshape', [dx, b.ints([-1, channels, ...input])]);
}

/**
 * At stride 1, the convolution of G with the flipped kernel: ONNX Runtime's convolution is blocked and runs on all
 * threads, its transposed convolution is a matrix product followed by a sum on one.
 */
function flipped(form: Form): string | undefined {
  const { c, window, groups, channels, input, outputs } = form;
  if (window.strides.some((stride) => stride !== 1)) return undefined;
  if ((groups === 1 && channels < channelBlock) || !isRearranged(c)) return undefined;
  // A kernel about as wide as its input would be slid over padding for the most part.
  if (product(input) > 2 * product(outputs)) return undefined;
  const begin = reach(window).map((r, i) => r - window.padBegin[i]!);
  const end = input.map((dim, i) => dim - outputs[i]! + window.padBegin[i]!);
  if ([...begin, ...end].some((pad) => pad < 0)) return undefined;
  return c.op('Conv', [form.g, flippedKernel(c)], {
    group: groups,
    dilations: window.dilations,
    kernel_shape: window.kernel,
    pads: [...begin, ...end],
  });
}

const reach = (window: Window) => window.kernel.map((k, i) => (k - 1) * window.dilations[i]!);

/**
 * A depthwise convolution with strides: zeros are put between the elements of G (repeated, then masked: that runs on all
 * threads, padding does not), and the rest is as at stride 1. A transposed convolution goes channel by channel.
 */
function flippedDepthwise(form: Form): string | undefined {
  const { c, window, groups, channels, input, outputs } = form;
  const { strides } = window;
  const multiplied = Number(c.shapeOf(1)[0]) !== channels;
  if (groups !== channels || groups < channelBlock || multiplied || input.length !== 2) return undefined;
  if (strides.some((stride, i) => stride > window.kernel[i]!)) return undefined;
  const b = c.builder;
  const size = outputs.map((count, i) => count * strides[i]!);
  const begin = reach(window).map((r, i) => r - window.padBegin[i]!);
  const end = input.map((dim, i) => dim + window.padBegin[i]! - size[i]!);
  if ([...begin, ...end].some((pad) => pad < 0)) return undefined;
  const [height, width] = size as [number, number];
  const first = Float32Array.from({ length: height * width }, (_, at) =>
    Math.floor(at / width) % strides[0]! === 0 && (at % width) % strides[1]! === 0 ? 1 : 0,
  );
  const apart = c.op('Mul', [repeatEach(b, form.g, strides), b.floats(first, [1, 1, height, width])]);
  return c.op('Conv', [apart, flippedKernel(c)], {
    group: groups,
    dilations: window.dilations,
    kernel_shape: window.kernel,
    pads: [...begin, ...end],
  });
}

function inPhases({ c, g, window, groups, channels, input, outputs }: Form): string | undefined {
  if (groups !== 1 || !isRearranged(c)) return undefined;
  const blocks = blocksFor(window, channels, Number(c.shapeOf(1)[0]), outputs);
  return blocks && phases(c, g, window, channels, input, outputs, blocks);
}

/** The transposed convolution of G; what lies in the padding is cut off, and what no window reached is zero. */
function transposed({ c, g, window, groups, input, outputs }: Form): string {
  const { strides, dilations, kernel, padBegin } = window;
  const size = covered(window, outputs);
  const attributes = { group: groups, strides, dilations, kernel_shape: kernel };
  const missing = input.map((dim, i) => padBegin[i]! + dim - size[i]!);
  // The operator cuts and extends by itself, though by less than a stride.
  if (missing.every((count, i) => count < strides[i]!)) {
    const end = missing.map((count) => Math.max(0, -count));
    const extra = missing.map((count) => Math.max(0, count));
    return c.op('ConvTranspose', [g, c.x(1)], { ...attributes, pads: [...padBegin, ...end], output_padding: extra });
  }
  const whole = c.op('ConvTranspose', [g, c.x(1)], attributes);
  return spatialPart(c.builder, whole, size, padBegin, input);
}

/**
 * [M, C/g, k…] to [C, M/g, reversed k…], within each group. Written as nodes, which ONNX Runtime folds when it loads the
 * graph: the kernel need not be known here, nor be copied into the file.
 */
function flippedKernel(c: RuleContext): string {
  const b = c.builder;
  const groups = groupsOf(c.node);
  const [outs, ins, ...kernel] = c.shapeOf(1).map(Number) as [number, number, ...number[]];
  const axes = kernel.map((_, i) => i);
  const exchange = (tensor: string, lead: readonly number[]) =>
    c.op('Transpose', [tensor], { perm: [...lead, ...axes.map((i) => i + lead.length)] });
  const reshaped = (tensor: string, dims: readonly number[]) => c.op('Reshape', [tensor, b.ints([...dims, ...kernel])]);
  const exchanged =
    groups === 1
      ? exchange(c.x(1), [1, 0])
      : reshaped(exchange(reshaped(c.x(1), [groups, outs / groups, ins]), [0, 2, 1]), [groups * ins, outs / groups]);
  const turned = axes.filter((i) => kernel[i] !== 1);
  if (turned.length === 0) return exchanged;
  const each = (value: number) => b.ints(turned.map(() => value));
  return c.op('Slice', [exchanged, each(-1), each(-(2 ** 31)), b.ints(turned.map((i) => i + 2)), each(-1)]);
}
