import type { GraphBuilder } from '../onnx/builder';

/** Names of the tensors that a loss adds to a graph. */
export interface LossHead {
  /** [N]; attacks maximise it. */
  readonly loss: string;
  /** [N, classes]: d loss_i / d logits_i, written out rather than differentiated. */
  readonly seed: string;
}

/**
 * A loss as a fragment of a graph.
 *
 * @param logits [N, classes]
 * @param onehot [N, classes], 1 at the true class
 * @param aim [N, classes], for losses that take one (`aimed.ts`); the others do not read it
 */
export type Loss = (builder: GraphBuilder, logits: string, onehot: string, classes: number, aim: string) => LossHead;

/** Sum over classes of a ⊙ b: [N]. */
export function dot(b: GraphBuilder, a: string, other: string, classes: number): string {
  return b.op('Reshape', [rowSums(b, b.op('Mul', [a, other]), classes, 1), b.ints([-1])]);
}

/**
 * Sums over classes times a factor, `width` times beside one another: [N, width]. By a product with ones: ONNX Runtime's ReduceSum adds up
 * a row in an order that depends on where in memory the row begins, so that an example's loss would depend on its neighbours.
 */
export function rowSums(b: GraphBuilder, rows: string, classes: number, width: number, factor = 1): string {
  return b.op('MatMul', [rows, b.floats(new Float32Array(classes * width).fill(factor), [classes, width])]);
}

/** Numbers in a vector register at most. ONNX Runtime's Log and Softplus round differently in one and in what is left over. */
export const registerWidth = 16;

/** 1 at the position of the largest entry of each row, the first of equals: [N, classes]. */
export function argmaxOnehot(b: GraphBuilder, rows: string, classes: number): string {
  const position = b.op('ArgMax', [rows], { axis: 1, keepdims: 0 });
  return onehot(b, position, classes);
}

export function onehot(b: GraphBuilder, position: string, classes: number): string {
  return b.op('OneHot', [position, b.ints([classes]), b.floats([0, 1])]);
}

/** Logits with the true class pushed below all others, so that a maximum finds the best wrong class. */
export function withoutTrueClass(b: GraphBuilder, logits: string, trueOnehot: string): string {
  return pushedBelow(b, b.op('Greater', [trueOnehot, b.scalar(0.5)]), logits);
}

/** Logits below all others where the condition holds. */
export function pushedBelow(b: GraphBuilder, condition: string, logits: string): string {
  return b.op('Where', [condition, b.scalar(-3.0e38), logits]);
}
