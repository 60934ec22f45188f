import { Random } from '../random';
import { apgdAscent } from './apgd';
import type { Walker, WalkerStart } from './ascent';
import { type NormBall, normBall } from './geometry';
import { plainWalker } from './pgd';
import { latticeOf, sign } from './squareRegion';
import { changedShare } from './squareSchedule';
import type { AttackBudget, AttackThreat, Norm, Oracle } from './types';

/** Attacks on the outputs of a model that gives numbers, not classes: how far can they be driven? */
export interface OutputRequest {
  readonly oracle: Oracle;
  /** [n, ...exampleShape] */
  readonly x: Float32Array;
  /** [n, outputs]: what is maximised of each example is Σ aim·outputs. */
  readonly aim: Float32Array;
  /** [n]: keys of the random streams; rows of the same example and other aims have other keys. */
  readonly keys: readonly string[];
  readonly threat: AttackThreat;
  readonly budget: AttackBudget;
  readonly seed: number;
  readonly signal?: AbortSignal;
}

export interface OutputResult {
  /** [n, ...exampleShape]: where Σ aim·outputs was largest; the example itself counts. */
  readonly points: Float32Array;
  /** [n]: that largest value, as the oracle gives it. Not trusted: the verifier computes its own. */
  readonly values: Float64Array;
}

/** There is no "broken": every example gets the whole budget, since the worst case itself is the figure. */
export interface OutputAttack {
  readonly name: 'fgsm' | 'pgd' | 'apgd' | 'square';
  readonly title: string;
  readonly needs: 'gradient' | 'scores';
  readonly norms: readonly Norm[];
  readonly source: string;
  run(request: OutputRequest): Promise<OutputResult>;
}

const madry = 'Madry et al., Towards Deep Learning Models Resistant to Adversarial Attacks, ICLR 2018, §2.1';

/** Weakest first. */
export const outputAttacks: readonly OutputAttack[] = [
  {
    name: 'fgsm',
    title: 'One gradient step on the output',
    needs: 'gradient',
    norms: ['linf', 'l2', 'l1'],
    source: 'Goodfellow et al., Explaining and Harnessing Adversarial Examples, ICLR 2015, §4',
    run: (request) => climb('fgsm', request, 1, (start) => plainWalker(start, start.ball.radius, 'centre')),
  },
  {
    name: 'pgd',
    title: 'Projected gradient ascent on the output',
    needs: 'gradient',
    norms: ['linf', 'l2', 'l1'],
    source: madry,
    run: (request) =>
      climb('pgd', request, request.budget.iterations, (start) =>
        plainWalker(start, (2.5 * start.ball.radius) / start.iterations, 'random'),
      ),
  },
  {
    name: 'apgd',
    title: 'Auto-PGD on the output',
    needs: 'gradient',
    norms: ['linf', 'l2', 'l1'],
    source: 'Croce & Hein, Reliable Evaluation of Adversarial Robustness, ICML 2020, Algorithm 1',
    run: (request) => climb('apgd', request, request.budget.iterations, apgdAscent('linear').begin),
  },
  {
    name: 'square',
    title: 'Random search on the output, after Square Attack',
    needs: 'scores',
    norms: ['linf', 'l2', 'l1'],
    source:
      'Andriushchenko et al., Square Attack: a query-efficient black-box adversarial attack via random search, ECCV 2020, Algorithm 1',
    run: search,
  },
];

/** The best points so far, to begin with the examples as they are. */
class Best {
  readonly points: Float32Array;
  readonly values: Float64Array;

  private constructor(
    request: OutputRequest,
    private readonly size: number,
  ) {
    this.points = request.x.slice();
    this.values = new Float64Array(request.keys.length).fill(Number.NEGATIVE_INFINITY);
  }

  static async begin(request: OutputRequest): Promise<Best> {
    const best = new Best(request, request.oracle.exampleSize);
    const outputs = await request.oracle.logits(request.x);
    for (let row = 0; row < best.values.length; row++)
      best.offer(row, request.x, row, aimed(request, outputs, row, row));
    return best;
  }

  /** Takes point `k` of `points` if its value is larger than the row's best; NaN never is. */
  offer(row: number, points: Float32Array, k: number, value: number): boolean {
    if (!(value > this.values[row]!)) return false;
    this.values[row] = value;
    this.points.set(points.subarray(k * this.size, (k + 1) * this.size), row * this.size);
    return true;
  }
}

/** Σ aim·outputs of point `k`, for the aim of `row`. */
function aimed({ oracle, aim }: OutputRequest, outputs: Float32Array, k: number, row: number): number {
  let sum = 0;
  for (let j = 0; j < oracle.classes; j++) sum += aim[row * oracle.classes + j]! * outputs[k * oracle.classes + j]!;
  return sum;
}

async function climb(
  name: string,
  request: OutputRequest,
  iterations: number,
  begin: (start: WalkerStart) => Walker,
): Promise<OutputResult> {
  const { oracle, x, aim, keys, budget, seed, signal, threat } = request;
  const size = oracle.exampleSize;
  const ball = normBall(threat, size, oracle.free);
  const best = await Best.begin(request);
  const labels = new Int32Array(keys.length);
  const points = new Float32Array(x.length);
  for (let restart = 0; restart < Math.max(1, budget.restarts); restart++) {
    const walkers = keys.map((key, row) =>
      begin({
        centre: x.subarray(row * size, (row + 1) * size),
        ball,
        random: Random.of(seed, name, restart, key),
        iterations,
      }),
    );
    for (let iteration = 0; iteration < iterations; iteration++) {
      signal?.throwIfAborted();
      for (const [row, { point }] of walkers.entries()) points.set(point, row * size);
      const { loss, gradient } = await oracle.gradient(points, labels, 'linear', aim);
      for (const [row, walker] of walkers.entries()) {
        best.offer(row, points, row, loss[row]!);
        walker.advance(loss[row]!, gradient.subarray(row * size, (row + 1) * size));
      }
    }
    // The last points need no gradient.
    for (const [row, { point }] of walkers.entries()) points.set(point, row * size);
    const outputs = await oracle.logits(points);
    for (let row = 0; row < keys.length; row++) best.offer(row, points, row, aimed(request, outputs, row, row));
  }
  return best;
}

/**
 * Changes a random part of the features, kept where the output grew; the part shrinks as Square Attack's squares do. In linf
 * a change goes to the other side of the ball; in l2 and l1 a random direction of the ball's radius is added and projected.
 */
async function search(request: OutputRequest): Promise<OutputResult> {
  const { oracle, x, keys, budget, seed, signal, threat } = request;
  const size = oracle.exampleSize;
  const free = oracle.free ?? size;
  const ball = normBall(threat, size, oracle.free);
  const lattice = latticeOf([free], free);
  const best = await Best.begin(request);
  const randoms = keys.map((key) => Random.of(seed, 'square', key));
  const proposals = new Float32Array(x.length);
  const target = new Float64Array(size);
  for (let query = 1; query < budget.queries; query++) {
    signal?.throwIfAborted();
    for (const [row, random] of randoms.entries()) {
      const centre = x.subarray(row * size, (row + 1) * size);
      const from = best.points.subarray(row * size, (row + 1) * size);
      for (let i = 0; i < size; i++) target[i] = from[i]!;
      const { positions } = lattice.draw(query === 1 ? 1 : changedShare(query - 1), random, false);
      const length = stepLength(ball, positions.length);
      for (const i of positions) target[i]! += length * sign(random);
      ball.project(centre, target, proposals.subarray(row * size, (row + 1) * size));
    }
    const outputs = await oracle.logits(proposals);
    for (let row = 0; row < keys.length; row++) best.offer(row, proposals, row, aimed(request, outputs, row, row));
  }
  return best;
}

/** Of each of so many changed coordinates. */
function stepLength({ norm, radius }: NormBall, changed: number): number {
  if (norm === 'linf') return 2 * radius;
  return norm === 'l2' ? radius / Math.sqrt(Math.max(1, changed)) : radius / Math.max(1, changed);
}
