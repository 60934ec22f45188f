import { argmaxOnehot, dot, type Loss, withoutTrueClass } from './loss';

/** max_{i≠y} z_i − z_y (Carlini and Wagner 2017, f₆ without its clamp): positive exactly when the example is broken. */
export const margin: Loss = (b, logits, onehot, classes) => {
  const runnerUp = argmaxOnehot(b, withoutTrueClass(b, logits, onehot), classes);
  const seed = b.op('Sub', [runnerUp, onehot]);
  return { loss: dot(b, logits, seed, classes), seed };
};
