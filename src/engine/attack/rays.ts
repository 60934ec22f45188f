import { within } from './geometryL0';
import { isMisclassified, type LabelSearch, type LabelSearchStart, roomAround, searchByLabels } from './labelSearch';
import type { Attack } from './types';

/** How exactly a radius is found: the authors' 0.001 of the width of the bounds, where the radius itself is not small. */
const ofWidth = 1e-3;
const ofRadius = 1e-2;
/** Once no flip helps any more. */
const atLast = 1e-4;

/**
 * RayS: looks for the corner of an linf ball whose ray meets the decision boundary first, by labels alone: flips the signs
 * of ever smaller blocks of values, and keeps those flips under which the boundary comes closer. Without randomness.
 */
export const rays: Attack = {
  name: 'rays',
  title: 'RayS',
  needs: 'labels',
  norms: ['linf'],
  minimal: true,
  defaults: { iterations: 0, restarts: 1, queries: 5000 },
  source: 'Chen & Gu, RayS: a ray searching method for hard-label adversarial attack, KDD 2020, Algorithms 1-3',
  run: (request) => searchByLabels(rays, { ...request, budget: { ...request.budget, restarts: 1 } }, flipBlocks),
};

function* flipBlocks(start: LabelSearchStart): LabelSearch {
  const { free, left } = start;
  const interval = roomAround(start);
  const signs = new Int8Array(free).fill(1);
  let radius = yield* radiusAlong(start, signs, Number.POSITIVE_INFINITY, interval);
  for (let level = 0; ; level++) {
    const block = Math.max(1, Math.ceil(free / 2 ** level));
    const before = radius;
    for (let from = 0; from < free; from += block) {
      if (left() < 1) return;
      flip(signs, from, from + block);
      const reached = yield* radiusAlong(start, signs, radius, interval);
      if (reached < radius) radius = reached;
      else flip(signs, from, from + block);
    }
    // Single values were all tried, and none of them helped.
    if (block === 1 && radius === before) break;
  }
  yield* radiusAlong(start, signs, radius, interval, atLast);
}

function flip(signs: Int8Array, from: number, to: number): void {
  for (let i = from; i < to && i < signs.length; i++) signs[i] = -signs[i]! as 1 | -1;
}

/** The radius at which the ray meets the boundary, if that is below `best`; else Infinity, at the price of one query. */
function* radiusAlong(
  { clean, free, left }: LabelSearchStart,
  signs: Int8Array,
  best: number,
  [low, high]: readonly [number, number],
  precision = ofRadius,
): Generator<Float32Array, number, Uint8Array> {
  const at = (radius: number): Float32Array => {
    const point = clean.slice();
    for (let i = 0; i < free; i++) point[i] = within(clean[i]! + radius * signs[i]!, low, high);
    return point;
  };
  const width = high - low;
  let bad = Math.min(best, width);
  if (left() < 1 || !(yield* isMisclassified(at(bad)))) return Number.POSITIVE_INFINITY;
  let good = 0;
  while (bad - good > Math.min(precision * bad, ofWidth * width) && left() > 0) {
    const middle = (bad + good) / 2;
    if (yield* isMisclassified(at(middle))) bad = middle;
    else good = middle;
  }
  return bad;
}
