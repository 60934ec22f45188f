import { Random } from '../random';
import { normBall } from './geometry';
import { goalOf } from './goal';
import { checkRequest } from './request';
import { movesOf, type Search } from './squareMoves';
import { latticeOf } from './squareRegion';
import { changedShare } from './squareSchedule';
import type { Attack } from './types';

/**
 * Square Attack: random search over square changes, by scores alone. It needs no gradient, and so sees through masked
 * ones. `budget.queries` is the number of forward passes an example, over all restarts together.
 */
export const square: Attack = {
  name: 'square',
  title: 'Square Attack',
  needs: 'scores',
  norms: ['linf', 'l2', 'l1'],
  targeted: true,
  defaults: { iterations: 0, restarts: 1, queries: 5000 },
  source:
    'Andriushchenko et al., Square Attack: a query-efficient black-box adversarial attack via random search, ECCV 2020, Algorithms 1-3; l1: Croce & Hein, Mind the box: l1-APGD for sparse adversarial attacks on image classifiers, ICML 2021, §4',
  async run(request) {
    checkRequest(square, request);
    const { oracle, x, y, indices, budget, seed, signal, threat } = request;
    const size = oracle.exampleSize;
    const goal = goalOf(request);
    const ball = normBall(threat, size, oracle.free);
    const lattice = latticeOf(oracle.exampleShape, oracle.free ?? size, threat.norm === 'l1' ? 'l1' : 'l2');
    const moves = movesOf(lattice, ball, threat);
    const adversarial = x.slice();
    const success = new Uint8Array(y.length);
    const leastMargin = new Float64Array(y.length).fill(Number.POSITIVE_INFINITY);
    const restarts = Math.max(1, budget.restarts);
    const queries = Math.floor(budget.queries / restarts);
    const points = new Float32Array(y.length * size);
    const limits = threat.norm === 'linf' ? size : 0;

    for (let restart = 0; restart < restarts; restart++) {
      let active: Search[] = [];
      for (let row = 0; row < y.length; row++) {
        if (success[row] === 1) continue;
        const centre = x.subarray(row * size, (row + 1) * size);
        const search: Search = {
          row,
          centre,
          best: centre.slice(),
          spent: 0,
          margin: Number.POSITIVE_INFINITY,
          random: Random.of(seed, square.name, restart, indices[row]!),
          least: new Float32Array(limits),
          most: new Float32Array(limits),
        };
        moves.begin(search);
        active.push(search);
      }
      for (let query = 0; query < queries && active.length > 0; query++) {
        signal?.throwIfAborted();
        const share = changedShare(query - 1);
        for (let k = 0; k < active.length; k++) {
          const out = points.subarray(k * size, (k + 1) * size);
          if (query === 0) moves.start(active[k]!, out);
          else moves.propose(active[k]!, share, out);
        }
        const logits = await oracle.logits(points.subarray(0, active.length * size));
        const still: Search[] = [];
        for (let k = 0; k < active.length; k++) {
          const search = active[k]!;
          const { row } = search;
          const reached = goal.margin(logits, k, row);
          const broken = goal.reached(logits, k, row);
          const point = points.subarray(k * size, (k + 1) * size);
          if (reached < leastMargin[row]!) {
            leastMargin[row] = reached;
            adversarial.set(point, row * size);
          }
          if (broken) {
            success[row] = 1;
            adversarial.set(point, row * size);
            continue;
          }
          if (reached < search.margin) {
            search.margin = reached;
            search.best.set(point);
            moves.accepted(search);
          }
          still.push(search);
        }
        active = still;
      }
    }
    return { adversarial, success, lossTrace: [] };
  },
};
