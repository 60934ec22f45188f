import type { GraphBuilder } from '../builder';

/**
 * Inputs or outputs of one node. Loading a chain that hangs on a node with 400 of them took ONNX Runtime 1.30 twice as
 * long as one whose nodes have 20.
 */
const widest = 32;

/** Cuts an axis of count·size elements into `count` parts, by a tree of splits where there are many. */
export function cutEvenly(builder: GraphBuilder, tensor: string, axis: number, count: number, size: number): string[] {
  if (count === 1) return [tensor];
  const groups = grouped(count);
  const sizes = builder.ints(groups.map((parts) => parts * size));
  const cut = builder.ops('Split', [tensor, sizes], groups.length, { axis });
  return groups.flatMap((parts, i) => cutEvenly(builder, cut[i]!, axis, parts, size));
}

/** Joins tensors along an axis, by a tree of concatenations where there are many. */
export function joinAll(builder: GraphBuilder, tensors: readonly string[], axis: number): string {
  if (tensors.length === 1) return tensors[0]!;
  let start = 0;
  const parts = grouped(tensors.length).map((count) => {
    start += count;
    return joinAll(builder, tensors.slice(start - count, start), axis);
  });
  return builder.op('Concat', parts, { axis });
}

/** How many of `count` things go into each branch of a tree: one each, or equal groups but for the last. */
function grouped(count: number): number[] {
  const each = count <= widest ? 1 : Math.ceil(Math.sqrt(count));
  return Array.from({ length: Math.ceil(count / each) }, (_, i) => Math.min(each, count - i * each));
}
