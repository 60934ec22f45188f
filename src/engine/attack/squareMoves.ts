import type { Random } from '../random';
import type { NormBall } from './geometry';
import { nextFloat } from './geometryL0';
import { linfLimits } from './projection';
import { type Lattice, sign } from './squareRegion';
import type { AttackThreat } from './types';

/** The search for one example. */
export interface Search {
  readonly row: number;
  readonly centre: Float32Array;
  /** The point that proposals change. */
  readonly best: Float32Array;
  /** Of `best`, in the norm: for l2 squared. Not kept for linf. */
  spent: number;
  margin: number;
  readonly random: Random;
  /** linf: the ends of the ball cut with the bounds, coordinate by coordinate; else empty. */
  readonly least: Float32Array;
  readonly most: Float32Array;
}

/** How Square searches in one norm. Points are written inside the ball and the bounds. */
export interface Moves {
  begin(search: Search): void;
  /** Writes a first point. */
  start(search: Search, out: Float32Array): void;
  /** Writes `best`, changed in one region, or in two. */
  propose(search: Search, share: number, out: Float32Array): void;
  /** To be called when `best` has become another. */
  accepted(search: Search): void;
}

export function movesOf(lattice: Lattice, ball: NormBall, { bounds, constraints }: AttackThreat): Moves {
  const [low, high] = bounds ?? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  if (ball.norm !== 'linf') return windowMoves(lattice, ball, low, high, constraints !== undefined);
  if (constraints === undefined) {
    return linfMoves(lattice, (centre, least, most) => linfLimits(centre, ball.radius, low, high, least, most));
  }
  return linfMoves(lattice, (centre, least, most) => {
    for (const [direction, end] of [
      [-2, least],
      [2, most],
    ] as const) {
      const beyond = Float64Array.from(centre, (c) => c + direction * ball.radius);
      ball.project(centre, beyond, end);
    }
  });
}

/** Every value is at one of its two ends, so that a change is a copy from one of two rows. */
function linfMoves(
  lattice: Lattice,
  limits: (centre: Float32Array, least: Float32Array, most: Float32Array) => void,
): Moves {
  const { channels, area, width } = lattice;
  const stripes = new Float64Array(width);
  return {
    begin: ({ centre, least, most }) => limits(centre, least, most),
    /** Vertical stripes of ±ε (for vectors: a sign a feature), the start that the paper found best. */
    start({ centre, least, most, random }, out) {
      out.set(centre);
      for (let channel = 0; channel < channels; channel++) {
        for (let j = 0; j < width; j++) stripes[j] = sign(random);
        const offset = channel * area;
        for (let p = 0; p < area; p++) out[offset + p] = (stripes[p % width]! < 0 ? least : most)[offset + p]!;
      }
    },
    /** Shifts a region by ±2ε, which the ball cuts to its other side, or leaves where it is. */
    propose({ best, least, most, random }, share, out) {
      out.set(best);
      const { positions } = lattice.draw(share, random, false);
      for (let channel = 0; channel < channels; channel++) {
        const offset = channel * area;
        let end = sign(random) < 0 ? least : most;
        for (let k = 0; k < positions.length; k++) {
          if (!lattice.spatial) end = sign(random) < 0 ? least : most;
          const i = offset + positions[k]!;
          out[i] = end[i]!;
        }
      }
    },
    accepted() {},
  };
}

/**
 * Proposals of l2 and l1: the mass of two windows, and what the bounds left of the budget, goes into one of them (paper,
 * Algorithm 3; AutoAttack for l1). In l2 that keeps the length, so that nothing outside the windows moves. In l1 AutoAttack
 * gives the window as many times the mass as there are channels; the projection takes what is too much from everywhere,
 * which leaves fewer values changed.
 *
 * @param constrained whether features have limits of their own, which the ball's projection knows.
 */
function windowMoves(lattice: Lattice, ball: NormBall, low: number, high: number, constrained: boolean): Moves {
  const { channels, area } = lattice;
  const euclidean = ball.norm === 'l2';
  const budget = euclidean ? ball.radius ** 2 * (1 - 1e-10) : ball.radius * (1 - 1e-10);
  const target = new Float64Array(channels * area);
  const inside = new Uint8Array(area);
  const fresh = new Float64Array(area);
  const size = (v: number) => (euclidean ? v * v : v < 0 ? -v : v);
  const length = (sum: number) => (euclidean ? Math.sqrt(sum) : sum);
  const needsProjection = constrained || (!euclidean && channels > 1);
  let whole = new Float64Array(channels * area);

  const put = (c: number, delta: number): number => {
    const cut = Math.min(Math.max(delta, Math.min(low - c, 0)), Math.max(high - c, 0));
    const rounded = Math.fround(c + cut) + 0;
    if (Math.abs(rounded - c) <= Math.abs(cut)) return rounded;
    return nextFloat(rounded, rounded > c ? -1 : 1);
  };
  return {
    begin() {},
    /** Bumps all over the example, scaled to the sphere. */
    start({ centre, random }, out) {
      target.fill(0);
      lattice.tiles(random, ({ positions, pattern }) => {
        for (let channel = 0; channel < channels; channel++) {
          const s = sign(random);
          for (let k = 0; k < positions.length; k++) target[channel * area + positions[k]!]! += s * pattern[k]!;
        }
      });
      let sum = 0;
      for (const v of target) sum += size(v);
      const scale = ball.radius / (length(sum) + 1e-12);
      if (whole.length !== centre.length) whole = new Float64Array(centre.length);
      whole.set(centre);
      for (let i = 0; i < target.length; i++) whole[i] = centre[i]! + scale * target[i]!;
      ball.project(centre, whole, out);
    },
    propose({ centre, best, spent, random }, share, out) {
      out.set(best);
      const into = lattice.draw(share, random, true);
      const from = lattice.draw(share, random, true);
      const unused = Math.max(0, budget - spent) / channels;
      const count = into.positions.length;
      if (needsProjection) for (let i = 0; i < best.length; i++) whole[i] = best[i]!;
      inside.fill(0);
      for (let k = 0; k < count; k++) inside[into.positions[k]!] = 1;
      for (let channel = 0; channel < channels; channel++) {
        const offset = channel * area;
        let old = 0;
        for (let k = 0; k < count; k++) {
          const i = offset + into.positions[k]!;
          old += size(best[i]! - centre[i]!);
        }
        let mass = unused + old;
        for (let k = 0; k < from.positions.length; k++) {
          const p = from.positions[k]!;
          const i = offset + p;
          if (inside[p] === 1) continue;
          mass += size(best[i]! - centre[i]!);
          out[i] = centre[i]!;
          if (needsProjection) whole[i] = centre[i]!;
        }
        const oldLength = length(old) + 1e-12;
        const s = sign(random);
        let sum = 0;
        for (let k = 0; k < count; k++) {
          const i = offset + into.positions[k]!;
          const v = s * into.pattern[k]! + (best[i]! - centre[i]!) / oldLength;
          fresh[k] = v;
          sum += size(v);
        }
        const scale = (length(mass) * (euclidean ? 1 : channels)) / (length(sum) + 1e-12);
        for (let k = 0; k < count; k++) {
          const i = offset + into.positions[k]!;
          if (needsProjection) whole[i] = centre[i]! + scale * fresh[k]!;
          else out[i] = put(centre[i]!, scale * fresh[k]!);
        }
      }
      if (needsProjection) ball.project(centre, whole, out);
    },
    accepted(search) {
      let sum = 0;
      for (let i = 0; i < search.best.length; i++) sum += size(search.best[i]! - search.centre[i]!);
      search.spent = sum;
    },
  };
}
