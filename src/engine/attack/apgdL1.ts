import type { Walker, WalkerStart } from './ascent';

/** A stretch of the ascent within one ball. */
export interface Phase {
  /** Of the ball's radius against the threat model's. */
  readonly factor: number;
  readonly iterations: number;
}

/**
 * The ball shrinks on the way: 3ε for 30 % of the iterations, 2ε for 30 %, ε for the rest (Croce & Hein 2021, §3.3), which has one
 * iteration at least.
 */
export function phases(iterations: number): Phase[] {
  const part = Math.min(Math.ceil((3 * iterations) / 10), Math.floor((iterations - 1) / 2));
  const all = [
    { factor: 3, iterations: part },
    { factor: 2, iterations: part },
    { factor: 1, iterations: iterations - 2 * part },
  ];
  return all.filter((phase) => phase.factor === 1 || phase.iterations > 0);
}

/** A phase looks at its progress after this share of its iterations, and after each if that is none. */
const window = 0.04;
/** Of a step against the one before, where the perturbation did not get sparser; and of the shortest against the first. */
const slower = 1 / 1.5;
const slowest = 1 / 10;
/** Below this ratio of changed values before and after, the perturbation got sparser. */
const sparser = 0.95;
/** Coordinates that a step moves, against those that differ in the best point. */
const moved = 1 / 1.5;

/**
 * Auto-PGD for l1 (Croce & Hein, Mind the Box: l1-APGD for Sparse Adversarial Attacks on Image Classifiers, ICML 2021, Algorithms
 * 1 and 2): a step goes along the signs of the k largest entries of the gradient, with k from how sparse the best
 * perturbation is; the exact projection onto ball and bounds follows. Entries that the bounds hold do not count: where most
 * values lie at a bound, as in drawings on black, a step would otherwise lose the share that goes outward. Steps are of length ε while the perturbation gets
 * sparser, and shorter otherwise. Each phase starts from the best point of the last, in its own ball.
 */
export function beginL1({ centre, ball: own, random, iterations, place }: WalkerStart): Walker {
  const size = centre.length;
  const plan = phases(iterations);
  const point = new Float32Array(size);
  const best = new Float32Array(size);
  const bestGradient = new Float32Array(size);
  const target = new Float64Array(size);
  const sizes = new Float64Array(size);
  const [low, high] = own.bounds ?? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  let at = -1;
  let ball = own;
  let done = 0;
  let step = 0;
  let sparsity = 0;
  let chosen = 0;
  let bestLoss = Number.NEGATIVE_INFINITY;

  if (place) place(point);
  else {
    const spread = own.bounds === null ? own.radius : own.bounds[1] - own.bounds[0];
    for (let i = 0; i < size; i++) target[i] = centre[i]! + spread * random.normal();
    own.scaled(plan[0]!.factor).project(centre, target, point);
  }
  enter(point);

  /** The next phase, if there is one, from a point. */
  function enter(from: Float32Array): void {
    const phase = plan[at + 1];
    if (!phase) return;
    at++;
    ball = own.scaled(phase.factor);
    target.set(from);
    ball.project(centre, target, point);
    done = 0;
    step = ball.radius;
    sparsity = changed(point);
    chosen = sparsity * moved;
    bestLoss = Number.NEGATIVE_INFINITY;
    best.set(point);
    bestGradient.fill(0);
  }

  function changed(values: Float32Array): number {
    let count = 0;
    for (let i = 0; i < size; i++) if (values[i] !== centre[i]) count++;
    return count;
  }

  /** Takes note of the point that was evaluated. True where the walk goes on from the best one. */
  function observe(): boolean {
    if (done === 0 || done % Math.max(1, Math.trunc(window * plan[at]!.iterations)) !== 0) return false;
    const now = changed(best);
    const gotSparser = now / sparsity < sparser;
    step = gotSparser ? ball.radius : Math.max(step * slower, ball.radius * slowest);
    sparsity = now;
    chosen = now * moved;
    return gotSparser;
  }

  /** Moves the point along the signs of the largest entries that can move: `chosen` of them, and one at least. */
  function ascend(gradient: Float32Array): void {
    for (let i = 0; i < size; i++) {
      const g = gradient[i]!;
      const movable = g > 0 ? point[i]! < high : g < 0 && point[i]! > low;
      sizes[i] = movable ? Math.abs(g) : 0;
    }
    target.set(sizes);
    const most = Math.min(Math.max(Math.trunc(chosen), 1), size);
    const least = target.sort()[size - most]!;
    let larger = 0;
    for (let i = size - most; i < size; i++) if (target[i]! > least) larger++;
    // Of equal ones the first.
    let equal = least > 0 ? most - larger : 0;
    const along = step / Math.max(1, larger + equal);
    for (let i = 0; i < size; i++) {
      const take = sizes[i]! > least || (sizes[i] === least && equal-- > 0);
      target[i] = point[i]! + (take ? (gradient[i]! > 0 ? along : -along) : 0);
    }
    ball.project(centre, target, point);
  }

  return {
    point,
    advance(loss, gradientHere) {
      let gradient = gradientHere;
      if (done === 0 || loss > bestLoss) {
        best.set(point);
        bestGradient.set(gradient);
        bestLoss = loss;
      }
      if (observe()) {
        point.set(best);
        gradient = bestGradient;
      }
      if (done === plan[at]!.iterations) enter(best);
      else {
        done++;
        ascend(gradient);
      }
    },
    leaves() {
      if (done === plan[at]!.iterations) enter(best);
      else done++;
    },
  };
}
