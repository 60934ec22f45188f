import { dot, type Loss } from './loss';

/** Cross-entropy −log softmax(z)_y; seed softmax(z) − e_y. Stable at saturation, since LogSoftmax is. */
export const crossEntropy: Loss = (b, logits, onehot) => {
  const logProbabilities = b.op('LogSoftmax', [logits], { axis: 1 });
  return {
    loss: b.op('Neg', [dot(b, logProbabilities, onehot)]),
    seed: b.op('Sub', [b.op('Exp', [logProbabilities]), onehot]),
  };
};
