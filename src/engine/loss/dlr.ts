import { argmaxOnehot, dot, type Loss, onehot as onehotAt, withoutTrueClass } from './loss';

/**
 * Difference of logits ratio (Croce and Hein 2020, eq. 6): −(z_y − max_{i≠y} z_i)/(z_π1 − z_π3 + 1e-12), π sorting downwards;
 * invariant to shift and scale of the logits. Needs three classes.
 */
export const dlr: Loss = (b, logits, onehot, classes) => {
  const wrong = argmaxOnehot(b, withoutTrueClass(b, logits, onehot), classes);
  const difference = b.op('Sub', [wrong, onehot]);
  const [, ranks] = b.ops('TopK', [logits, b.ints([3])], 2, { axis: 1 }) as [string, string];
  const rank = (k: number) => onehotAt(b, b.op('Gather', [ranks, b.intScalar(k)], { axis: 1 }), classes);
  const spread = b.op('Sub', [rank(0), rank(2)]);
  const numerator = dot(b, logits, difference, classes);
  const denominator = b.op('Add', [dot(b, logits, spread, classes), b.scalar(1e-12)]);
  const loss = b.op('Div', [numerator, denominator]);
  const column = (row: string) => b.op('Unsqueeze', [row, b.ints([1])]);
  // d(n/d) = (dn − (n/d)·dd) / d
  const change = b.op('Sub', [difference, b.op('Mul', [column(loss), spread])]);
  return { loss, seed: b.op('Div', [change, column(denominator)]) };
};
