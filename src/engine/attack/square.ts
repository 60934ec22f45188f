import { Random } from '../random';
import { type NormBall, normBall } from './geometry';
import { checkRequest } from './request';
import { isBroken, margin } from './scores';
import { type Lattice, latticeOf, sign } from './squareRegion';
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
  norms: ['linf', 'l2'],
  defaults: { iterations: 0, restarts: 1, queries: 5000 },
  source:
    'Andriushchenko et al., Square Attack: a query-efficient black-box adversarial attack via random search, ECCV 2020, Algorithms 1-3',
  async run(request) {
    checkRequest(square, request);
    const { oracle, x, y, indices, budget, seed, signal, threat } = request;
    const size = oracle.exampleSize;
    const ball = normBall(threat, size, oracle.free);
    const lattice = latticeOf(oracle.exampleShape, oracle.free ?? size);
    const propose = threat.norm === 'linf' ? proposeLinf : proposeL2;
    const start = threat.norm === 'linf' ? startLinf : startL2;
    const adversarial = x.slice();
    const success = new Uint8Array(y.length);
    const leastMargin = new Float64Array(y.length).fill(Number.POSITIVE_INFINITY);
    const restarts = Math.max(1, budget.restarts);
    const queries = Math.floor(budget.queries / restarts);

    for (let restart = 0; restart < restarts; restart++) {
      let active: Search[] = [];
      for (let row = 0; row < y.length; row++) {
        if (success[row] === 1) continue;
        const centre = x.subarray(row * size, (row + 1) * size);
        active.push({
          row,
          centre,
          best: centre.slice(),
          proposal: new Float32Array(size),
          margin: Number.POSITIVE_INFINITY,
          random: Random.of(seed, square.name, restart, indices[row]!),
        });
      }
      const target = new Float64Array(size);
      for (let query = 0; query < queries && active.length > 0; query++) {
        signal?.throwIfAborted();
        const points = new Float32Array(active.length * size);
        active.forEach((search, k) => {
          if (query === 0) start(search, target, lattice, ball);
          else propose(search, target, lattice, ball, changedShare(query - 1));
          ball.project(search.centre, target, search.proposal);
          points.set(search.proposal, k * size);
        });
        const logits = await oracle.logits(points);
        active = active.filter((search, k) => {
          const reached = margin(logits, k, oracle.classes, y[search.row]!);
          const broken = isBroken(logits, k, oracle.classes, y[search.row]!);
          if (reached < search.margin) {
            search.margin = reached;
            search.best.set(search.proposal);
          }
          if (reached < leastMargin[search.row]!) {
            leastMargin[search.row] = reached;
            adversarial.set(search.proposal, search.row * size);
          }
          if (broken) success[search.row] = 1;
          return !broken;
        });
      }
    }
    return { adversarial, success, lossTrace: [] };
  },
};

/** The search for one example: its best point so far, and the one proposed. */
interface Search {
  readonly row: number;
  readonly centre: Float32Array;
  readonly best: Float32Array;
  readonly proposal: Float32Array;
  margin: number;
  readonly random: Random;
}

type Start = (search: Search, target: Float64Array, lattice: Lattice, ball: NormBall) => void;
type Propose = (search: Search, target: Float64Array, lattice: Lattice, ball: NormBall, share: number) => void;

/** Vertical stripes of ±ε (for vectors: a sign a feature), the start that the paper found best. */
const startLinf: Start = ({ centre, random }, target, lattice, ball) => {
  for (let channel = 0; channel < lattice.channels; channel++) {
    const stripes = Array.from({ length: lattice.width }, () => sign(random) * ball.radius);
    for (let p = 0; p < lattice.area; p++) {
      const i = channel * lattice.area + p;
      target[i] = centre[i]! + stripes[p % lattice.width]!;
    }
  }
};

/** Shifts a region by ±2ε, which the projection cuts to the other side of the ball, or leaves where it is. */
const proposeLinf: Propose = ({ best, random }, target, lattice, ball, share) => {
  target.set(best);
  const { positions } = lattice.draw(share, random, false);
  for (let channel = 0; channel < lattice.channels; channel++) {
    const shift = 2 * ball.radius * sign(random);
    for (const p of positions) {
      target[channel * lattice.area + p]! += lattice.spatial ? shift : 2 * ball.radius * sign(random);
    }
  }
};

/** Bumps all over the example, scaled to the sphere. */
const startL2: Start = ({ centre, random }, target, lattice, ball) => {
  target.fill(0);
  for (const { positions, pattern } of lattice.tiles(random)) {
    for (let channel = 0; channel < lattice.channels; channel++) {
      const s = sign(random);
      positions.forEach((p, k) => {
        target[channel * lattice.area + p]! += s * pattern[k]!;
      });
    }
  }
  toSphere(centre, target, ball.radius);
};

/** Takes the mass of one region, and what budget the bounds left unused, to another one (paper, Algorithm 3). */
const proposeL2: Propose = ({ centre, best, random }, target, lattice, ball, share) => {
  for (let i = 0; i < target.length; i++) target[i] = best[i]! - centre[i]!;
  const into = lattice.draw(share, random, true);
  const from = lattice.draw(share, random, true);
  const spent = target.reduce((sum, v) => sum + v * v, 0);
  const unused = Math.max(0, ball.radius ** 2 - spent) / lattice.channels;
  const both = new Set([...into.positions, ...from.positions]);
  for (let channel = 0; channel < lattice.channels; channel++) {
    const offset = channel * lattice.area;
    let mass = unused;
    for (const p of both) mass += target[offset + p]! ** 2;
    const old = into.positions.map((p) => target[offset + p]!);
    const oldLength = Math.hypot(...old) + 1e-12;
    const s = sign(random);
    const fresh = into.pattern.map((v, k) => s * v + old[k]! / oldLength);
    const scale = Math.sqrt(mass) / (Math.hypot(...fresh) + 1e-12);
    for (const p of from.positions) target[offset + p] = 0;
    into.positions.forEach((p, k) => {
      target[offset + p] = fresh[k]! * scale;
    });
  }
  toSphere(centre, target, ball.radius);
};

/** target ← centre + radius · target / ‖target‖ */
function toSphere(centre: Float32Array, target: Float64Array, radius: number): void {
  const scale = radius / (Math.sqrt(target.reduce((sum, v) => sum + v * v, 0)) + 1e-12);
  for (let i = 0; i < target.length; i++) target[i] = centre[i]! + target[i]! * scale;
}
