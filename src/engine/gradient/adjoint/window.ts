import { intAttribute, intsAttribute, stringAttribute } from '../../onnx/attribute';
import type { GraphBuilder } from '../../onnx/builder';
import type { NodeProto } from '../../onnx/generated/onnx_pb';
import type { Dim } from '../../onnx/observe';
import type { RuleContext } from '../rule';

/** Channels in a block of ONNX Runtime's blocked convolution (8 with AVX2): fewer are computed as if they were so many. */
export const channelBlock = 8;

/** A sliding window over spatial dimensions, with padding resolved to numbers. */
export interface Window {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly padBegin: readonly number[];
  readonly padEnd: readonly number[];
}

/**
 * Reads the window of a Conv or pooling node. `auto_pad` is resolved against observed sizes (ONNX: SAME_UPPER puts the
 * odd element at the end, SAME_LOWER at the beginning).
 */
export function windowOf(node: NodeProto, kernel: readonly number[], input: readonly number[]): Window {
  const rank = kernel.length;
  const strides = intsAttribute(node, 'strides') ?? Array<number>(rank).fill(1);
  const dilations = intsAttribute(node, 'dilations') ?? Array<number>(rank).fill(1);
  const auto = stringAttribute(node, 'auto_pad', 'NOTSET');
  const pads = intsAttribute(node, 'pads') ?? Array<number>(2 * rank).fill(0);
  if (auto === 'NOTSET') {
    return { kernel, strides, dilations, padBegin: pads.slice(0, rank), padEnd: pads.slice(rank) };
  }
  const totals = kernel.map((k, i) => {
    if (auto === 'VALID') return 0;
    const out = Math.ceil(input[i]! / strides[i]!);
    return Math.max(0, (out - 1) * strides[i]! + (k - 1) * dilations[i]! + 1 - input[i]!);
  });
  const begin = totals.map((total) => (auto === 'SAME_LOWER' ? Math.ceil(total / 2) : Math.floor(total / 2)));
  return { kernel, strides, dilations, padBegin: begin, padEnd: totals.map((total, i) => total - begin[i]!) };
}

/** Size that `outputs` windows cover, from the start of the padding. */
export function covered(window: Window, outputs: readonly number[]): number[] {
  return outputs.map((out, i) => (out - 1) * window.strides[i]! + (window.kernel[i]! - 1) * window.dilations[i]! + 1);
}

/** Number of groups of a convolution. */
export function groupsOf(node: NodeProto): number {
  return intAttribute(node, 'group', 1);
}

/** Sizes of the spatial dimensions (after batch and channel), which must not move with the batch. */
export function spatial(c: RuleContext, shape: readonly Dim[]): number[] {
  return shape.slice(2).map((dim) => dim ?? c.unavailable('a spatial size moves with the batch'));
}

/** The number of channels, which must not move with the batch. */
export function channelsOf(c: RuleContext, shape: readonly Dim[]): number {
  return shape[1] ?? c.unavailable('the number of channels moves with the batch');
}

/**
 * The part of the spatial dimensions of `tensor` that starts at `begin` and is `size` long; zero where the tensor does not
 * reach.
 *
 * @param tensor [n, c, ...from]
 * @param begin may be negative.
 */
export function spatialPart(
  b: GraphBuilder,
  tensor: string,
  from: readonly number[],
  begin: readonly number[],
  size: readonly number[],
): string {
  const before = begin.map((start) => Math.max(0, -start));
  const after = size.map((dim, i) => Math.max(0, begin[i]! + dim - from[i]!));
  const padded = [...before, ...after].some((pad) => pad > 0)
    ? b.op('Pad', [tensor, b.ints([0, 0, ...before, 0, 0, ...after])])
    : tensor;
  const cut = size.flatMap((dim, i) => {
    const start = begin[i]! + before[i]!;
    return start === 0 && before[i]! + from[i]! + after[i]! === dim ? [] : [{ start, end: start + dim, axis: i + 2 }];
  });
  if (cut.length === 0) return padded;
  return b.op('Slice', [
    padded,
    b.ints(cut.map(({ start }) => start)),
    b.ints(cut.map(({ end }) => end)),
    b.ints(cut.map(({ axis }) => axis)),
  ]);
}

export const product = (sizes: readonly number[]) => sizes.reduce((a, size) => a * size, 1);
