import { Random } from '../random';
import { normBall } from './geometry';
import { positionsOf, shuffle, within } from './geometryL0';
import { goalOf } from './goal';
import { checkRequest } from './request';
import type { Attack } from './types';

/**
 * Sparse-RS: random search over which positions change and to which corner of the bounds, by scores alone. `budget.queries`
 * is the number of forward passes an example, over all restarts together; the schedule is stretched over those of a restart.
 * A position's new value always differs from the clean one, which the authors ask of single changes only: on a dark
 * background half of the budget would be spent on painting black black.
 */
export const sparseRs: Attack = {
  name: 'sparse-rs',
  title: 'Sparse-RS',
  needs: 'scores',
  norms: ['l0'],
  targeted: true,
  defaults: { iterations: 0, restarts: 1, queries: 10000 },
  source:
    'Croce, Andriushchenko, Singh, Flammarion & Hein, Sparse-RS: a versatile framework for query-efficient sparse black-box adversarial attacks, AAAI 2022, Algorithms 1-2',
  async run(request) {
    checkRequest(sparseRs, request);
    const { oracle, x, y, indices, budget, seed, signal, threat } = request;
    const size = oracle.exampleSize;
    const goal = goalOf(request);
    const { channels, count } = positionsOf(oracle.free ?? size, threat.channels);
    const changed = normBall(threat, size, oracle.free).radius;
    const [low, high] = threat.bounds!;
    const corners = [within(low, low, high), within(high, low, high)] as const;
    const adversarial = x.slice();
    const success = new Uint8Array(y.length);
    const leastMargin = new Float64Array(y.length).fill(Number.POSITIVE_INFINITY);
    const restarts = Math.max(1, budget.restarts);
    const queries = Math.floor(budget.queries / restarts);
    let points = new Float32Array(y.length * size);

    for (let restart = 0; restart < restarts && changed > 0; restart++) {
      let active: Search[] = [];
      for (let row = 0; row < y.length; row++) {
        if (success[row] === 1) continue;
        active.push({
          row,
          best: x.slice(row * size, (row + 1) * size),
          positions: Int32Array.from({ length: count }, (_, p) => p),
          margin: Number.POSITIVE_INFINITY,
          random: Random.of(seed, sparseRs.name, restart, indices[row]!),
        });
      }
      for (let query = 0; query < queries && active.length > 0; query++) {
        signal?.throwIfAborted();
        // At least one; never more than there are positions left to change instead.
        const share = query === 0 ? 1 : renewedShare(query, queries);
        const renewed = query === 0 ? changed : Math.min(Math.max(1, Math.floor(share * changed)), count - changed);
        points = points.subarray(0, active.length * size);
        for (let k = 0; k < active.length; k++)
          propose(active[k]!, points.subarray(k * size, (k + 1) * size), query, renewed);
        const logits = await oracle.logits(points);
        const still: Search[] = [];
        for (let k = 0; k < active.length; k++) {
          const search = active[k]!;
          const { row } = search;
          const reached = goal.margin(logits, k, row);
          const broken = goal.reached(logits, k, row);
          const point = points.subarray(k * size, (k + 1) * size);
          if (reached < search.margin || broken || query === 0) {
            search.margin = reached;
            search.best.set(point);
          } else {
            swap(search.positions, renewed, changed);
          }
          if (reached < leastMargin[row]! || broken) {
            leastMargin[row] = reached;
            adversarial.set(point, row * size);
          }
          if (broken) success[row] = 1;
          else still.push(search);
        }
        active = still;
      }
    }
    return { adversarial, success, lossTrace: [] };

    /** Writes the next proposal, and moves its positions to the front of those that change. */
    function propose(search: Search, point: Float32Array, query: number, renewed: number): void {
      const { positions, random, row } = search;
      const integer = (below: number) => random.integer(below);
      point.set(search.best);
      if (query === 0) {
        shuffle(positions, changed, integer);
      } else if (renewed > 0) {
        shuffle(positions.subarray(0, changed), renewed, integer);
        shuffle(positions.subarray(changed), renewed, integer);
        for (let k = 0; k < renewed; k++) {
          for (let i = positions[k]!; i < count * channels; i += count) point[i] = x[row * size + i]!;
        }
        swap(positions, renewed, changed);
      } else {
        // All positions change already: one of them gets another colour.
        shuffle(positions, 1, integer);
      }
      for (let k = 0; k < Math.max(renewed, 1); k++) paint(point, row * size, positions[k]!, random);
    }

    /** A random corner of the bounds, other than the clean value, at one position. */
    function paint(point: Float32Array, offset: number, position: number, random: Random): void {
      let same = true;
      for (let i = position; i < count * channels; i += count) {
        point[i] = corners[random.uniform() < 0.5 ? 0 : 1];
        if (point[i] !== x[offset + i]) same = false;
      }
      if (!same) return;
      const i = position + count * (channels === 1 ? 0 : random.integer(channels));
      point[i] = corners[point[i] === corners[0] ? 1 : 0];
    }
  },
};

/** The search for one example. */
interface Search {
  readonly row: number;
  readonly best: Float32Array;
  /** All positions; those that differ from the clean example stand in front. */
  readonly positions: Int32Array;
  margin: number;
  readonly random: Random;
}

/** Exchanges the first `k` of the changed positions with the first of the unchanged; done twice, it is undone. */
function swap(positions: Int32Array, k: number, changed: number): void {
  if (changed + k > positions.length) return;
  for (let i = 0; i < k; i++) {
    const kept = positions[i]!;
    positions[i] = positions[changed + i]!;
    positions[changed + i] = kept;
  }
}

/** Of 10,000 queries, those after which the share of renewed positions falls, and by what it is divided then. */
const falls = [
  [0, 2],
  [50, 4],
  [200, 5],
  [500, 6],
  [1000, 8],
  [2000, 10],
  [4000, 12],
  [6000, 15],
  [8000, 20],
] as const;

/** Share of the changed positions that one proposal renews (paper, appendix A; α of 0.3 at the start). */
export function renewedShare(query: number, queries: number, initial = 0.3): number {
  const scaled = Math.floor((query / queries) * 10000);
  let divisor = 1;
  for (const [after, by] of falls) if (scaled > after) divisor = by;
  return initial / divisor;
}
