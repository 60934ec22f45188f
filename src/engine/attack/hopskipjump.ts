import { within } from './geometryL0';
import {
  anyMisclassified,
  isMisclassified,
  type LabelSearch,
  type LabelSearchStart,
  roomAround,
  searchByLabels,
} from './labelSearch';
import type { Attack } from './types';

/** Points of the first estimate of a gradient; the t-th has √t times as many (paper, §4 "Hyperparameters"). */
const firstEvaluations = 100;
/** A step that is still too long after so many halvings is not taken. */
const mostHalvings = 25;

/**
 * HopSkipJump: walks along the decision boundary, by labels alone: to the boundary by bisection, along an estimate of the
 * gradient there, and back. Minimal; it leaves an example within ε.
 */
export const hopSkipJump: Attack = {
  name: 'hopskipjump',
  title: 'HopSkipJump',
  needs: 'labels',
  norms: ['linf', 'l2'],
  minimal: true,
  defaults: { iterations: 0, restarts: 1, queries: 5000 },
  source:
    'Chen, Jordan & Wainwright, HopSkipJumpAttack: a query-efficient decision-based attack, IEEE S&P 2020, Algorithms 1-2',
  run: (request) => searchByLabels(hopSkipJump, request, walk),
};

function* walk(start: LabelSearchStart): LabelSearch {
  const { clean, ball, free, left } = start;
  const interval = roomAround(start);
  const theta = ball.norm === 'l2' ? 1 / (free * Math.sqrt(free)) : 1 / (free * free);
  const first = yield* anyMisclassified(start, interval);
  if (first === null) return;
  let point = yield* toBoundary(start, first, theta);
  for (let t = 1; left() > 2; t++) {
    const distance = ball.distance(clean, point);
    if (distance === 0) return;
    // Far from the boundary's own scale at first; then δ = √d·θ·distance (l2), d·θ·distance (linf), which is distance/d.
    const radius = t === 1 ? 0.1 * (interval[1] - interval[0]) : distance / free;
    const evaluations = Math.min(Math.floor(firstEvaluations * Math.sqrt(t)), left() - 2);
    const direction = yield* gradientDirection(start, point, radius, evaluations, interval);
    const moved = yield* longestStep(start, point, direction, distance / Math.sqrt(t), interval);
    if (moved !== null) point = yield* toBoundary(start, moved, theta);
  }
}

/** Bisects between the clean example and a misclassified point; for linf, between the sizes of boxes that it is cut to. */
export function* toBoundary(
  { clean, ball, left }: LabelSearchStart,
  point: Float32Array,
  theta: number,
): Generator<Float32Array, Float32Array, Uint8Array> {
  const euclidean = ball.norm === 'l2';
  let bad = euclidean ? 1 : ball.distance(clean, point);
  let good = 0;
  const tolerance = euclidean ? theta : Math.min(bad * theta, theta);
  let closest = point;
  while (bad - good > tolerance && left() > 0) {
    const middle = (bad + good) / 2;
    if (middle === bad || middle === good) break;
    const candidate = clean.slice();
    for (let i = 0; i < candidate.length; i++) {
      const c = clean[i]!;
      const delta = point[i]! - c;
      if (euclidean) candidate[i] = c + middle * delta;
      else candidate[i] = delta > middle ? c + middle : delta < -middle ? c - middle : point[i]!;
    }
    if (yield* isMisclassified(candidate)) {
      bad = middle;
      closest = candidate;
    } else {
      good = middle;
    }
  }
  return closest;
}

/** Where the boundary rises: the mean of random directions, weighted by whether a small step along each is misclassified. */
function* gradientDirection(
  { ball, free, random }: LabelSearchStart,
  point: Float32Array,
  radius: number,
  evaluations: number,
  [low, high]: readonly [number, number],
): Generator<Float32Array, Float64Array, Uint8Array> {
  const size = point.length;
  const asked = new Float32Array(evaluations * size);
  const noise = new Float64Array(free);
  for (let k = 0; k < evaluations; k++) {
    if (ball.norm === 'l2') for (let i = 0; i < free; i++) noise[i] = random.normal();
    else random.fillBetween(-1, 1, noise);
    let squares = 0;
    for (let i = 0; i < free; i++) squares += noise[i]! * noise[i]!;
    const scale = radius / (Math.sqrt(squares) + 1e-12);
    asked.set(point, k * size);
    for (let i = 0; i < free; i++) asked[k * size + i] = within(point[i]! + scale * noise[i]!, low, high);
  }
  const broken = yield asked;
  let sum = 0;
  for (let k = 0; k < evaluations; k++) sum += broken[k]!;
  // The mean is taken off, which lowers the variance; where all answers agree it would leave nothing.
  const mean = (2 * sum) / evaluations - 1;
  const baseline = sum === 0 || sum === evaluations ? 0 : mean;
  const direction = new Float64Array(size);
  for (let k = 0; k < evaluations; k++) {
    const weight = 2 * broken[k]! - 1 - baseline;
    for (let i = 0; i < free; i++) direction[i]! += weight * (asked[k * size + i]! - point[i]!);
  }
  if (ball.norm === 'linf') {
    for (let i = 0; i < free; i++) direction[i] = Math.sign(direction[i]!);
    return direction;
  }
  let squares = 0;
  for (let i = 0; i < free; i++) squares += direction[i]! * direction[i]!;
  for (let i = 0; i < free && squares > 0; i++) direction[i]! /= Math.sqrt(squares);
  return direction;
}

/** The longest of `length`, length/2, length/4 ... along the direction that stays misclassified; null if none does. */
function* longestStep(
  { left }: LabelSearchStart,
  point: Float32Array,
  direction: Float64Array,
  length: number,
  [low, high]: readonly [number, number],
): Generator<Float32Array, Float32Array | null, Uint8Array> {
  let step = length;
  for (let halving = 0; halving < mostHalvings && left() > 0; halving++, step /= 2) {
    const candidate = point.slice();
    for (let i = 0; i < candidate.length; i++) {
      if (direction[i] !== 0) candidate[i] = within(point[i]! + step * direction[i]!, low, high);
    }
    if (yield* isMisclassified(candidate)) return candidate;
  }
  return null;
}
