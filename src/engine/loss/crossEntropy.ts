import { type Loss, pushedBelow, rowSums } from './loss';

/**
 * Margin over the best wrong class at which the true logit is cut: from there the loss goes on along its tangent, so that
 * neither it nor its seed underflows.
 */
const tangentFrom = 40;

/** Below this −log(1 − s) is s to within what float32 resolves near 1, so that s itself is the more precise of the two. */
const tail = 2 ** -11.5;

/**
 * Cross-entropy −log softmax(z)_y, with its seed softmax(z) − e_y.
 *
 * The textbook form subtracts from 1 and is exactly zero once softmax(z)_y rounds to 1, at a margin of 17: an attack is
 * blind there, and a confident model looks robust. Here 1 − softmax(z)_y is the sum s of the other classes' shares, the true
 * logit is at most 40 above theirs, and what was cut off goes into the loss with the slope s. This form keeps its direction
 * and its order at every margin. Softmax and its logarithm are taken row by row, so that nothing depends on the batch.
 */
export const crossEntropy: Loss = (b, logits, onehot, classes) => {
  const isTrue = b.op('Greater', [onehot, b.scalar(0.5)]);
  const largest = b.op('ReduceMax', [pushedBelow(b, isTrue, logits), b.ints([1])], { keepdims: 1 });
  // The other logits are below the limit.
  const limited = b.op('Min', [logits, b.op('Add', [largest, b.scalar(tangentFrom)])]);
  const others = b.op('Where', [isTrue, b.scalar(0), b.op('Softmax', [limited], { axis: 1 })]);
  const share = rowSums(b, others, classes, 1);
  const logShare = b.op('Mul', [b.op('LogSoftmax', [limited], { axis: 1 }), onehot]);
  const near = rowSums(b, logShare, classes, 1, -1);
  const upToLimit = b.op('Where', [b.op('Less', [share, b.scalar(tail)]), share, near]);
  const beyond = rowSums(b, b.op('Sub', [limited, logits]), classes, 1);
  const loss = b.op('Add', [upToLimit, b.op('Mul', [share, beyond])]);
  return {
    loss: b.op('Reshape', [loss, b.ints([-1])]),
    seed: b.op('Sub', [others, b.op('Mul', [onehot, share])]),
  };
};
