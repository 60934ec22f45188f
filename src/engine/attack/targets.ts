import type { AttackRequest } from './types';

/** Target classes that AutoAttack tries at most (Croce & Hein 2020, §4). */
const usualTargets = 9;

/** Wrong classes that a targeted attack tries on each example. */
export interface Targets {
  /** Targets of each example. */
  readonly count: number;
  /** [n, count]: likeliest first by the clean logits, of equal ones the first class. */
  readonly classes: Int32Array;
}

/**
 * The target of each example where the request has them; else the wrong classes with the largest logits at the clean examples: `budget.targets` of them (9 if absent), or all where the
 * model has fewer, at the cost of one forward pass an example.
 */
export async function likeliestTargets({ oracle, x, y, budget, targets: given }: AttackRequest): Promise<Targets> {
  if (given) return { count: 1, classes: given };
  const { classes } = oracle;
  const count = Math.min(budget.targets ?? usualTargets, classes - 1);
  const targets = new Int32Array(y.length * count);
  const logits = y.length === 0 ? new Float32Array(0) : await oracle.logits(x);
  for (const [row, label] of y.entries()) {
    const scores = logits.subarray(row * classes, (row + 1) * classes);
    const order = [...scores.keys()].filter((k) => k !== label);
    order.sort((a, b) => (scores[a] === scores[b] ? a - b : scores[b]! > scores[a]! ? 1 : -1));
    targets.set(order.slice(0, count), row * count);
  }
  return { count, classes: targets };
}
