import { diameter } from './geometry';
import type { AttackThreat } from './types';

/** Multiples of the threat's ε at which the robustness curve is drawn, beside 0. */
const multiples = [1 / 4, 1 / 2, 3 / 4, 1, 3 / 2, 2, 4];

/**
 * The same threat with the whole data range to itself; a sound attack then breaks every example. Without bounds there is
 * no range, and a hundred times ε stands for it.
 */
export function unboundedThreat(threat: AttackThreat): AttackThreat {
  // Every value may be anything within the bounds: the same set in any norm, and in linf every attack knows it.
  if (threat.norm === 'edits') return { ...threat, epsilon: Number.POSITIVE_INFINITY };
  if (threat.norm === 'l0') return { norm: 'linf', epsilon: Number.POSITIVE_INFINITY, bounds: threat.bounds };
  return { ...threat, epsilon: threat.bounds === null ? 100 * threat.epsilon : Number.POSITIVE_INFINITY };
}

/**
 * ε of the robustness curve, rising, from 0: 1/4 to 4 times the threat's, but no further than the data range reaches
 * (nor past the threat's own ε if that is further still).
 * @param exampleSize numbers in one example: the reach of l2, l1 and l0 grows with it. The grid of l0 and of edits is whole numbers.
 */
export function epsilonGrid(threat: AttackThreat, exampleSize = 1): number[] {
  const positions = exampleSize / (threat.norm === 'l0' ? (threat.channels ?? 1) : 1);
  const reach = Math.max(threat.epsilon, diameter(threat.norm, threat.bounds, positions));
  if ((threat.norm === 'l0' || threat.norm === 'edits') && threat.epsilon > 0) {
    const whole = multiples.map((m) => Math.min(Math.max(1, Math.round(m * threat.epsilon)), reach));
    return [...new Set([0, ...whole])].sort((a, b) => a - b);
  }
  return [...new Set([0, ...multiples.map((m) => Math.min(m * threat.epsilon, reach))])].sort((a, b) => a - b);
}

/**
 * The smallest ε at which each example is known to be broken. One that is broken at distance d is broken in every ball of
 * radius d or more, so curves drawn from this never rise.
 */
export class MinimalEpsilon {
  private readonly least: Float64Array;

  constructor(examples: number) {
    this.least = new Float64Array(examples).fill(Number.POSITIVE_INFINITY);
  }

  /** Notes that `example` is broken at this ε; 0 for a clean error. */
  record(example: number, epsilon: number): void {
    if (epsilon < this.least[example]!) this.least[example] = epsilon;
  }

  /** The smallest ε at which `example` is known to be broken; Infinity if at none. */
  known(example: number): number {
    return this.least[example]!;
  }

  /** Whether `example` is known to be broken at `epsilon`. */
  broken(example: number, epsilon: number): boolean {
    return this.least[example]! <= epsilon;
  }

  /** Examples not known to be broken at `epsilon`. */
  standing(epsilon: number): number {
    return this.least.reduce((count, least) => count + (least <= epsilon ? 0 : 1), 0);
  }
}
