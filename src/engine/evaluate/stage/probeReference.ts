import { ballNorms } from '../../attack/geometry';
import type { AttackThreat } from '../../attack/types';
import { addCost, besideCascade, recordBroken, standingOf } from '../credit';
import { name } from '../evidence';
import { isCorrect } from '../state';
import { samplePositions, sampleSize } from './check';
import type { EvaluationFacts, Stage } from './stage';

interface References {
  /** [n]: distance of the nearer of two points that take no attack; Infinity where neither is misclassified. */
  readonly reach: Float64Array;
  readonly seconds: number;
}

const reference = {
  name: 'reference',
  title: 'Uniform images and examples of other classes',
  needs: 'labels',
} as const;

/**
 * Points that anybody can name without an attack: the nearest example of another class in the sample and, of an image, the
 * uniform image nearest to it. A smallest perturbation is no larger than the way there (Carlini et al. 2019 call a median l2
 * distance of 9 on MNIST infeasible by that argument). Runs after the attacks that measure distances.
 */
export function referenceStage(
  threatIndex: number,
  threatName: string,
  threat: AttackThreat,
  facts: EvaluationFacts,
): Stage<References> {
  const measurable = (ballNorms as readonly string[]).includes(threat.norm) && threat.norm !== 'l0';
  return {
    id: `probe/reference/${threatName}`,
    title: `Distances to other classes (${threatName})`,
    kind: 'scores',
    family: 'probe-reference',
    passes: 2,
    // All in one unit: the sample is its own set of neighbours.
    chunk: sampleSize,
    select: (state) =>
      measurable ? samplePositions(state.count).filter((i) => isCorrect(state, i)) : new Int32Array(),
    async run({ x, y }, { verifier, signal }) {
      const start = performance.now();
      const size = x.length / Math.max(1, y.length);
      const reach = new Float64Array(y.length).fill(Number.POSITIVE_INFINITY);
      const candidates = [nearestOfOtherClass(x, y, size, threat.norm)];
      if (facts.kind === 'image') candidates.push(uniform(x, facts.shape, threat.norm));
      const anywhere = { ...threat, epsilon: Number.POSITIVE_INFINITY };
      for (const adversarial of candidates) {
        signal?.throwIfAborted();
        const { confirmed, distance } = await verifier.confirm({ x, adversarial, y, threat: anywhere });
        for (let i = 0; i < y.length; i++) if (confirmed[i] === 1) reach[i] = Math.min(reach[i]!, distance[i]!);
      }
      return { reach, seconds: (performance.now() - start) / 1000 };
    },
    apply({ evidence, threats }, indices, { reach, seconds }) {
      const of = threats[threatIndex];
      if (!of) return;
      const found = [...indices.keys()].filter((i) => Number.isFinite(reach[i]));
      const before = Float64Array.from(indices, (index) => of.minimal.known(index));
      const closer = found.filter((i) => reach[i]! < before[i]!);
      const tally = {
        threatModel: threatName,
        examples: indices.length,
        found: found.length,
        closer: closer.length,
        medianFound: median(before),
        medianReference: median(reach),
        indices: [] as number[],
      };
      name(
        tally.indices,
        closer.map((i) => indices[i]!),
      );
      evidence.references.push(tally);
      const row = besideCascade(of, reference.title, reference, { iterations: 0, restarts: 1, queries: 2 });
      addCost(row, standingOf(of, indices), { refused: 0, forwards: 2 * indices.length, backwards: 0, seconds });
      indices.forEach((index, i) => {
        recordBroken(of, index, reach[i]!, row);
      });
    },
  };
}

/** The smallest distance within which half of the examples lie; null for ∞. */
function median(distances: Float64Array): number | null {
  const middle = distances.slice().sort()[Math.max(0, Math.ceil(distances.length / 2) - 1)];
  return middle === undefined || !Number.isFinite(middle) ? null : middle;
}

/** For each row of x [n, size] the nearest one with another label; the row itself where there is none. */
export function nearestOfOtherClass(
  x: Float32Array,
  y: Int32Array,
  size: number,
  norm: AttackThreat['norm'],
): Float32Array {
  const n = y.length;
  const least = new Float64Array(n).fill(Number.POSITIVE_INFINITY);
  const nearest = Int32Array.from(y.keys());
  for (let i = 0; i < n; i++) {
    for (let j = i + 1; j < n; j++) {
      if (y[i] === y[j]) continue;
      const enough = Math.max(least[i]!, least[j]!);
      const d = lengthBetween(x, i * size, j * size, size, norm, enough);
      if (d < least[i]!) {
        least[i] = d;
        nearest[i] = j;
      }
      if (d < least[j]!) {
        least[j] = d;
        nearest[j] = i;
      }
    }
  }
  const points = new Float32Array(x.length);
  for (let i = 0; i < n; i++) points.set(x.subarray(nearest[i]! * size, (nearest[i]! + 1) * size), i * size);
  return points;
}

/** In l2 the square, which sorts alike; stops once it is `enough`. */
function lengthBetween(
  x: Float32Array,
  a: number,
  b: number,
  size: number,
  norm: AttackThreat['norm'],
  enough: number,
): number {
  let length = 0;
  for (let k = 0; k < size && length < enough; k++) {
    const change = x[a + k]! - x[b + k]!;
    const by = change < 0 ? -change : change;
    if (norm === 'l2') length += by * by;
    else if (norm === 'l1') length += by;
    else if (by > length) length = by;
  }
  return length;
}

/**
 * For each image of x [n, C, H, W] the nearest one whose channels are each of one value: in l2 their mean, in l1 their median,
 * in linf the middle between the lowest and the highest.
 */
export function uniform(x: Float32Array, shape: readonly number[], norm: AttackThreat['norm']): Float32Array {
  const plane = (shape.at(-1) ?? 1) * (shape.at(-2) ?? 1);
  const points = new Float32Array(x.length);
  for (let at = 0; at < x.length; at += plane) {
    const values = x.subarray(at, at + plane);
    let [low, high, sum] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0];
    for (let k = 0; k < plane; k++) {
      const value = values[k]!;
      sum += value;
      if (value < low) low = value;
      if (value > high) high = value;
    }
    const level = norm === 'l2' ? sum / plane : norm === 'l1' ? values.slice().sort()[plane >> 1]! : (low + high) / 2;
    points.fill(level, at, at + plane);
  }
  return points;
}
