import { firstColumn, type Loss, registerWidth, rowSums, withoutTrueClass } from './loss';

/** Below this, softplus(d) and σ(d) are e^d to float32's precision; ONNX Runtime's own would give 0. */
const tail = -15;

/** Below this (a loss of 4e-18) the loss goes on along its tangent, so that it neither ties nor underflows at any margin. */
const tangentFrom = -40;

/**
 * Cross-entropy −log softmax(z)_y, with its seed softmax(z) − e_y.
 *
 * Written by d = log Σ_{i≠y} exp z_i − z_y, the loss is softplus(d) and the seed σ(d)·(softmax over the other classes − e_y).
 * The textbook form subtracts from 1 and is exactly zero once softmax(z)_y rounds to 1, at a margin of 17: an attack is
 * blind there, and a confident model looks robust. This form keeps its direction and its order at every margin.
 */
export const crossEntropy: Loss = (b, logits, onehot, classes) => {
  const others = withoutTrueClass(b, logits, onehot);
  const largest = b.op('ReduceMax', [others, b.ints([1])], { keepdims: 1 });
  const weights = b.op('Exp', [b.op('Sub', [others, largest])]);
  // All columns are alike, for the functions that round by position.
  const sums = rowSums(b, weights, classes, registerWidth);
  const trueLogit = rowSums(b, b.op('Mul', [logits, onehot]), classes, 1);
  const d = b.op('Sub', [b.op('Add', [largest, b.op('Log', [sums])]), trueLogit]);
  const inTail = b.op('Less', [d, b.scalar(tail)]);
  const slope = b.op('Exp', [b.op('Max', [d, b.scalar(tangentFrom)])]);
  const beyond = b.op('Min', [b.op('Sub', [d, b.scalar(tangentFrom)]), b.scalar(0)]);
  const tailLoss = b.op('Mul', [slope, b.op('Add', [beyond, b.scalar(1)])]);
  const loss = b.op('Where', [inTail, tailLoss, b.op('Softplus', [d])]);
  const wrongness = b.op('Where', [inTail, slope, b.op('Sigmoid', [d])]);
  const direction = b.op('Sub', [b.op('Div', [weights, firstColumn(b, sums)]), onehot]);
  return {
    loss: b.op('Gather', [loss, b.intScalar(0)], { axis: 1 }),
    seed: b.op('Mul', [firstColumn(b, wrongness), direction]),
  };
};
