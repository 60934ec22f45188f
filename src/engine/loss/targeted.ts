import { crossEntropy } from './crossEntropy';
import { dot, type Loss, onehot as onehotAt } from './loss';
import { margin } from './margin';

/** log softmax(z)_t: grows as the model becomes sure of the target. Keeps its direction at every margin, as `crossEntropy` does. */
export const crossEntropyTargeted: Loss = (b, logits, _onehot, classes, aim) => {
  const away = crossEntropy(b, logits, aim, classes, aim);
  return { loss: b.op('Neg', [away.loss]), seed: b.op('Neg', [away.seed]) };
};

/** z_t − max_{i≠t} z_i (Carlini and Wagner 2017, f6 without its clamp): positive exactly when the target is predicted. */
export const marginTargeted: Loss = (b, logits, _onehot, classes, aim) => {
  const away = margin(b, logits, aim, classes, aim);
  return { loss: b.op('Neg', [away.loss]), seed: b.op('Neg', [away.seed]) };
};

/**
 * Targeted difference of logits ratio (Croce & Hein 2020, eq. 7): −(z_y − z_t)/(z_π1 − ½(z_π3 + z_π4) + 1e-12), π sorting
 * downwards. Needs four classes.
 */
export const dlrTargeted: Loss = (b, logits, onehot, classes, aim) => {
  const difference = b.op('Sub', [aim, onehot]);
  const [, ranks] = b.ops('TopK', [logits, b.ints([4])], 2, { axis: 1 }) as [string, string];
  const rank = (k: number) => onehotAt(b, b.op('Gather', [ranks, b.intScalar(k)], { axis: 1 }), classes);
  const middle = b.op('Mul', [b.op('Add', [rank(2), rank(3)]), b.scalar(0.5)]);
  const spread = b.op('Sub', [rank(0), middle]);
  const denominator = b.op('Add', [dot(b, logits, spread, classes), b.scalar(1e-12)]);
  const loss = b.op('Div', [dot(b, logits, difference, classes), denominator]);
  const column = (row: string) => b.op('Unsqueeze', [row, b.ints([1])]);
  // d(n/d) = (dn − (n/d)·dd) / d
  const change = b.op('Sub', [difference, b.op('Mul', [column(loss), spread])]);
  return { loss, seed: b.op('Div', [change, column(denominator)]) };
};

/** Σ_k aim_k·z_k: a direction in the space of logits (Tashiro et al. 2020), a targeted margin (e_t − e_y), or any output. */
export const linear: Loss = (b, logits, _onehot, classes, aim) => ({ loss: dot(b, logits, aim, classes), seed: aim });
