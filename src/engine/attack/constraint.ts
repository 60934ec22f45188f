import type { AttackThreat, Norm } from './types';

/**
 * What an attacker may do to each feature of a table. Numbers are in the space in which attacks act: data units divided by
 * the feature's scale, so that ε is in units of it. Arrays have one entry a feature.
 */
export interface FeatureConstraints {
  /** Data units in one unit of the attacks' space. */
  readonly scale: readonly number[];
  /** Smallest and largest value; infinite where none is stated. */
  readonly low: readonly number[];
  readonly high: readonly number[];
  /** Features that nobody can change. */
  readonly held: readonly boolean[];
  /** 1 where a value may only grow, -1 where it may only fall. */
  readonly direction: readonly (-1 | 0 | 1)[];
  /** Whole numbers, in data units. */
  readonly integer: readonly boolean[];
  /** One-hot groups: exactly one of their features is 1, the others 0, in data units. */
  readonly groups: readonly (readonly number[])[];
}

/** Whether some features take only certain values, so that a continuous attack's result has to be rounded. */
export function isDiscrete({ integer, groups }: FeatureConstraints): boolean {
  return groups.length > 0 || integer.includes(true);
}

/** An example as a person knows it: features with a scale are multiplied by it. */
export function inDataUnits(values: Float32Array, { constraints }: Pick<AttackThreat, 'constraints'>): Float32Array {
  return constraints ? values.map((value, i) => value * constraints.scale[i]!) : values;
}

/** Writes how far each coordinate may move from the centre, down (≤ 0) and up (≥ 0), leaving the norm aside. */
export function reachOf(
  { low, high, held, direction }: FeatureConstraints,
  centre: Float32Array,
  down: Float64Array,
  up: Float64Array,
): void {
  for (let i = 0; i < centre.length; i++) {
    const c = centre[i]!;
    down[i] = held[i] || direction[i] === 1 ? 0 : Math.min(0, low[i]! - c);
    up[i] = held[i] || direction[i] === -1 ? 0 : Math.max(0, high[i]! - c);
  }
}

/**
 * Replaces `delta` by the closest point (Euclidean) of {z : ‖z‖ ≤ radius, down ≤ z ≤ up}. The intersection's projection is
 * clip(s·δ) for l2 and the clipped soft threshold for l1, each with one number for all coordinates, found by bisection.
 */
export function projectDelta(
  norm: Norm,
  delta: Float64Array,
  down: Float64Array,
  up: Float64Array,
  radius: number,
): void {
  if (norm === 'linf') {
    for (let i = 0; i < delta.length; i++) {
      delta[i] = clip(delta[i]!, Math.max(down[i]!, -radius), Math.min(up[i]!, radius));
    }
    return;
  }
  const cut = norm === 'l2' ? scaled : softened;
  const size = (t: number): number => {
    let sum = 0;
    for (let i = 0; i < delta.length; i++) {
      const z = clip(cut(delta[i]!, t), down[i]!, up[i]!);
      sum += norm === 'l2' ? z * z : Math.abs(z);
    }
    return norm === 'l2' ? Math.sqrt(sum) : sum;
  };
  // At t = 0 nothing is taken away, at t = 1 (l2) or the largest coordinate (l1) everything is.
  let [inside, outside] = [0, 0];
  if (size(0) > radius) {
    inside = 1;
    if (norm === 'l1') for (let i = 0; i < delta.length; i++) inside = Math.max(inside, Math.abs(delta[i]!));
    for (let round = 0; round < 80; round++) {
      const middle = (inside + outside) / 2;
      if (size(middle) > radius) outside = middle;
      else inside = middle;
    }
  }
  for (let i = 0; i < delta.length; i++) delta[i] = clip(cut(delta[i]!, inside), down[i]!, up[i]!);
}

function scaled(value: number, t: number): number {
  return (1 - t) * value;
}

function softened(value: number, t: number): number {
  return value > 0 ? Math.max(0, value - t) : Math.min(0, value + t);
}

function clip(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(most, value));
}

const asFloat = new Float32Array(1);
const asBits = new Int32Array(asFloat.buffer);

/** centre + delta as a float32 that is no farther from the centre than delta. */
export function inward(centre: number, delta: number): number {
  asFloat[0] = centre + delta;
  if (Math.abs(asFloat[0] - centre) > Math.abs(delta)) {
    // The neighbour on the centre's side: bits of floats of one sign are in the order of their sizes.
    if (asFloat[0] === 0) asBits[0] = delta > 0 ? -0x7fffffff : 1;
    else asBits[0]! += asFloat[0] > 0 === delta > 0 ? -1 : 1;
  }
  // `+ 0` turns -0 into 0.
  return asFloat[0]! + 0;
}
