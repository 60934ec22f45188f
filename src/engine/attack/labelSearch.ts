import { Random } from '../random';
import { inward, reachOf } from './constraint';
import { type NormBall, normBall } from './geometry';
import { within } from './geometryL0';
import { checkRequest } from './request';
import { isBroken } from './scores';
import type { Attack, AttackRequest, AttackResult } from './types';

/**
 * The search for one example, written as if it were alone. It yields the points that it asks about, [k, ...example] and
 * inside the bounds, and is handed back which of them are misclassified, [k].
 */
export type LabelSearch = Generator<Float32Array, void, Uint8Array>;

/** What a search knows and may use. */
export interface LabelSearchStart {
  /** [size] */
  readonly clean: Float32Array;
  readonly ball: NormBall;
  readonly bounds: readonly [number, number] | null;
  /** Numbers at the front that may change. */
  readonly free: number;
  readonly shape: readonly number[];
  readonly random: Random;
  /** Queries not yet spent; it falls as points are asked about. A question for more ends the search. */
  readonly left: () => number;
  /** The closest misclassified point so far, and its distance in the norm; Infinity while there is none. */
  readonly closest: { readonly point: Float32Array; readonly distance: number };
}

/** Numbers held in one question to the model, over all searches: 64 MB. */
const mostNumbers = 2 ** 24;

/**
 * Runs a search for each example, the questions of all of them together, and keeps of each the closest misclassified point
 * that it asked about. One that has a point within ε leaves. Scores are looked at for nothing but the predicted label. Never
 * more than `budget.queries` forward passes an example, over all restarts together.
 */
export async function searchByLabels(
  attack: Attack,
  request: AttackRequest,
  begin: (start: LabelSearchStart) => LabelSearch,
): Promise<AttackResult> {
  checkRequest(attack, request);
  const { oracle, x, y, indices, threat, budget, seed, signal } = request;
  const size = oracle.exampleSize;
  const free = oracle.free ?? size;
  const ball = normBall(threat, size, oracle.free);
  const restarts = Math.max(1, budget.restarts);
  const { constraints } = threat;
  const down = new Float64Array(constraints ? size : 0);
  const up = new Float64Array(constraints ? size : 0);
  const points = x.slice();
  const distance = new Float64Array(y.length).fill(Number.POSITIVE_INFINITY);

  for (let restart = 0; restart < restarts; restart++) {
    let active: Asking[] = [];
    for (let row = 0; row < y.length; row++) {
      if (distance[row]! <= threat.epsilon) continue;
      const clean = x.subarray(row * size, (row + 1) * size);
      const asking: Asking = {
        row,
        left: Math.floor(budget.queries / restarts),
        closest: { point: clean.slice(), distance: Number.POSITIVE_INFINITY },
        clean,
        asked: new Float32Array(0),
        search: undefined as never,
      };
      asking.search = begin({
        clean,
        ball,
        bounds: threat.bounds,
        free,
        shape: oracle.exampleShape,
        random: Random.of(seed, attack.name, restart, indices[row]!),
        left: () => asking.left,
        closest: asking.closest,
      });
      if (take(asking, asking.search.next())) active.push(asking);
    }
    while (active.length > 0) {
      const next: Asking[] = [];
      for (let from = 0; from < active.length; ) {
        signal?.throwIfAborted();
        let numbers = 0;
        let to = from;
        while (to < active.length && (to === from || numbers + active[to]!.asked.length <= mostNumbers)) {
          numbers += active[to++]!.asked.length;
        }
        const asked = new Float32Array(numbers);
        let at = 0;
        for (let k = from; k < to; k++) {
          asked.set(active[k]!.asked, at);
          at += active[k]!.asked.length;
        }
        const logits = await oracle.logits(asked);
        let first = 0;
        for (let k = from; k < to; k++) {
          const asking = active[k]!;
          const count = asking.asked.length / size;
          const broken = new Uint8Array(count);
          for (let i = 0; i < count; i++) {
            if (!isBroken(logits, first + i, oracle.classes, y[asking.row]!)) continue;
            broken[i] = 1;
            keep(asking, asking.asked.subarray(i * size, (i + 1) * size));
          }
          first += count;
          if (asking.closest.distance < distance[asking.row]!) {
            distance[asking.row] = asking.closest.distance;
            points.set(asking.closest.point, asking.row * size);
          }
          if (asking.closest.distance <= threat.epsilon) asking.search.return();
          else if (take(asking, asking.search.next(broken))) next.push(asking);
        }
        from = to;
      }
      active = next;
    }
  }
  const found = Uint8Array.from(distance, (d) => (d < Number.POSITIVE_INFINITY ? 1 : 0));
  const success = Uint8Array.from(distance, (d) => (d <= threat.epsilon ? 1 : 0));
  return { adversarial: points, success, lossTrace: [], minimal: { points, found } };

  /** Whether the search goes on: with a question that it can pay for. */
  function take(asking: Asking, { done, value }: IteratorResult<Float32Array, void>): boolean {
    if (done || value === undefined) return false;
    if (value.length === 0 || value.length / size > asking.left) {
      asking.search.return();
      return false;
    }
    if (constraints) hold(asking.clean, value);
    asking.asked = value;
    asking.left -= value.length / size;
    return true;
  }

  /** Cuts points to what each feature may be, in place: the search sees what was asked. */
  function hold(clean: Float32Array, asked: Float32Array): void {
    reachOf(constraints!, clean, down, up);
    for (let from = 0; from < asked.length; from += size) {
      for (let i = 0; i < size; i++) {
        const delta = asked[from + i]! - clean[i]!;
        if (delta < down[i]!) asked[from + i] = inward(clean[i]!, down[i]!);
        else if (delta > up[i]!) asked[from + i] = inward(clean[i]!, up[i]!);
      }
    }
  }

  function keep({ clean, closest }: Asking, point: Float32Array): void {
    const reached = ball.distance(clean, point);
    if (reached >= closest.distance) return;
    closest.distance = reached;
    closest.point.set(point);
  }
}

interface Asking {
  readonly row: number;
  readonly clean: Float32Array;
  readonly closest: { point: Float32Array; distance: number };
  search: LabelSearch;
  /** [k, ...example] */
  asked: Float32Array;
  left: number;
}

/** Answers to a question of one point. */
export function* isMisclassified(point: Float32Array): Generator<Float32Array, boolean, Uint8Array> {
  return (yield point)[0] === 1;
}

/**
 * Looks for any misclassified point: the ends and the middle of the interval, the example's negative, noise.
 *
 * @param interval in which values lie: the bounds, or {@link roomAround}
 * @returns the point; null where none of a hundred is misclassified.
 */
export function* anyMisclassified(
  { clean, free, random, left }: LabelSearchStart,
  [low, high]: readonly [number, number],
): Generator<Float32Array, Float32Array | null, Uint8Array> {
  const candidates: ((value: number) => number)[] = [
    (value) => low + high - value,
    () => low,
    () => high,
    () => (low + high) / 2,
  ];
  for (let k = 0; k < 96; k++) {
    // Noise in full, and as black and white dots, of which networks see the contrast.
    candidates.push(
      k % 2 === 0
        ? () => random.between(low, high)
        : (value) => (random.uniform() < 0.5 ? low : random.uniform() < 0.5 ? high : value),
    );
  }
  for (const candidate of candidates) {
    if (left() < 1) return null;
    const point = clean.slice();
    for (let i = 0; i < free; i++) point[i] = within(candidate(clean[i]!), low, high);
    if (yield* isMisclassified(point)) return point;
  }
  return null;
}

/**
 * The interval within which attacks by labels look for a first misclassified point: the bounds, or there are none
 * one that leaves room on both sides of the example.
 */
export function roomAround({
  clean,
  bounds,
  ball,
}: Pick<LabelSearchStart, 'clean' | 'bounds' | 'ball'>): [number, number] {
  if (bounds !== null) return [bounds[0], bounds[1]];
  let largest = 0;
  for (const value of clean) largest = Math.max(largest, Math.abs(value));
  const reach = Math.max(10 * largest, 100 * ball.radius, 1e-3);
  return [-reach, reach];
}
