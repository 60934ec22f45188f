import type { LoweringContext } from './lowering';

/** Far below any score, and far enough from the end of float32 that several of it add up to a finite number. */
export const outOfSight = -1e30;

export interface AttentionParts {
  /** [batch, heads, queries, size]. */
  readonly q: string;
  /** [batch, key heads, keys, size]; consecutive query heads share a key head where there are fewer of those. */
  readonly k: string;
  /** [batch, key heads, keys, value size]. */
  readonly v: string;
  readonly heads: number;
  readonly keyHeads: number;
  readonly queries: number;
  readonly keys: number;
  readonly scale: number;
  /** c·tanh(scores/c); 0 for none. */
  readonly softcap?: number;
  /** Tensors that are added to the scores, broadcast to [batch, heads, queries, keys]. */
  readonly add: readonly string[];
  /** A query that sees no key at all attends to nothing; otherwise to all of them, by what masking left of the scores. */
  readonly emptyRows?: boolean;
  /** One more score, which takes probability and gives nothing: [1, heads, 1, 1] or a scalar. */
  readonly sink?: string;
}

export interface AttentionResult {
  /** [batch, heads, queries, value size]. */
  readonly y: string;
  /** Scores as scaled products, after the soft cap, after masks, and as probabilities: [batch, heads, queries, keys]. */
  readonly scores: readonly [string, string, string, string];
}

/** softmax(cap(scale·q·kᵀ) + …)·v. */
export function attention(c: LoweringContext, a: AttentionParts): AttentionResult {
  const b = c.builder;
  const group = a.heads / a.keyHeads;
  // Query heads that share a key head lie next to each other: together they are one head of more queries.
  const together = (tensor: string) =>
    group === 1 ? tensor : c.op('Reshape', [tensor, b.ints([0, a.keyHeads, group * a.queries, -1])]);
  const apart = (tensor: string) =>
    group === 1 ? tensor : c.op('Reshape', [tensor, b.ints([0, a.heads, a.queries, -1])]);
  const scaled = a.scale === 1 ? a.q : c.op('Mul', [a.q, b.scalar(a.scale)]);
  const products = apart(c.op('MatMul', [together(scaled), c.op('Transpose', [a.k], { perm: [0, 1, 3, 2] })]));
  const capped = a.softcap
    ? c.op('Mul', [c.op('Tanh', [c.op('Div', [products, b.scalar(a.softcap)])]), b.scalar(a.softcap)])
    : products;
  const bias = a.add.reduce<string | undefined>((sum, part) => (sum ? c.op('Add', [sum, part]) : part), undefined);
  const scores = bias ? c.op('Add', [capped, bias]) : capped;
  const probabilities = guarded(c, a, softmax(c, scores, a), bias);
  const y = apart(c.op('MatMul', [together(probabilities), a.v]));
  return { y, scores: [products, capped, scores, probabilities] };
}

function softmax(c: LoweringContext, scores: string, a: AttentionParts): string {
  if (a.sink === undefined) return c.op('Softmax', [scores], { axis: -1 });
  const b = c.builder;
  const last = b.ints([-1]);
  const column = c.op('Shape', [c.op('Slice', [scores, b.ints([0]), b.ints([1]), last])]);
  const all = c.op('Concat', [scores, c.op('Expand', [a.sink, column])], { axis: -1 });
  return c.op('Slice', [c.op('Softmax', [all], { axis: -1 }), b.ints([0]), b.ints([a.keys]), last]);
}

function guarded(c: LoweringContext, a: AttentionParts, probabilities: string, bias: string | undefined): string {
  if (!a.emptyRows || !bias) return probabilities;
  const b = c.builder;
  const best = c.op('ReduceMax', [bias, b.ints([-1])], { keepdims: 1 });
  return c.op('Where', [c.op('Greater', [best, b.scalar(outOfSight / 10)]), probabilities, b.scalar(0)]);
}

/** [batch, length, heads·size] to [batch, heads, length, size]. */
export function splitHeads(c: LoweringContext, x: string, length: number, heads: number): string {
  return c.op('Transpose', [c.op('Reshape', [x, c.builder.ints([0, length, heads, -1])])], { perm: [0, 2, 1, 3] });
}

/** [batch, heads, length, size] to [batch, length, heads·size]. */
export function joinHeads(c: LoweringContext, x: string, length: number): string {
  return c.op('Reshape', [c.op('Transpose', [x], { perm: [0, 2, 1, 3] }), c.builder.ints([0, length, -1])]);
}

/**
 * Zero where a query may look at a key, {@link outOfSight} elsewhere: [queries, keys]. Query i stands at `offset` + i among
 * the keys; with a window it sees that many keys, its own among them.
 */
export function causalBias(
  c: LoweringContext,
  queries: number,
  keys: number,
  offset: number,
  window = Number.POSITIVE_INFINITY,
  hidden = outOfSight,
): string {
  const bias = new Float32Array(queries * keys);
  for (let i = 0; i < queries; i++) {
    for (let j = 0; j < keys; j++) {
      const behind = offset + i - j;
      if (behind < 0 || behind >= window) bias[i * keys + j] = hidden;
    }
  }
  return c.builder.constant({ type: 'float32', dims: [queries, keys], data: bias });
}

/** Zero where a condition holds, `hidden` elsewhere. */
export function biasWhere(c: LoweringContext, condition: string, hidden = outOfSight): string {
  return c.op('Where', [condition, c.builder.scalar(0), c.builder.scalar(hidden)]);
}

/** 0 … count − 1 as int64. */
export function range(c: LoweringContext, count: number): string {
  return c.builder.ints(Array.from({ length: count }, (_, i) => i));
}

/** A size that must not move with the batch. */
export function fixedSize(c: LoweringContext, size: number | null | undefined, what: string): number {
  return size ?? c.leave(`${what} moves with the batch`);
}
