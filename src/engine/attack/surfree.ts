import { within } from './geometryL0';
import { toBoundary } from './hopskipjump';
import {
  anyMisclassified,
  isMisclassified,
  type LabelSearch,
  type LabelSearchStart,
  roomAround,
  searchByLabels,
} from './labelSearch';
import { directionsAbout } from './surfreeDirection';
import type { Attack } from './types';

/** Largest angle tried at first (paper, §5.1). */
const firstAngle = Math.PI / 6;
/**
 * How the largest angle follows what was found, and how many angles are tried on either side of a direction. The authors' 0.98
 * and 3 take hundreds of queries to come down to the few degrees that are left after the first steps: on an MNIST network a
 * thousand queries reached 2.5 with these, 2.1 with those here, as the median distance.
 */
const angleFactor = 0.9;
const angles: number = 1;
/** Share of the distance that a bisection may leave: directions cost less than exact angles. */
const precision = 0.01;
/** Directions that a new one is made orthogonal to. */
const remembered = 100;

/**
 * SurFree: by labels alone and without an estimate of any gradient. In the plane of the example, a point on the boundary and
 * a random direction, the circle that has the two as its diameter holds points that are closer the further they are turned;
 * the furthest one that stays misclassified is the next point. Most of its queries gain distance, so it is strong early.
 */
export const surfree: Attack = {
  name: 'surfree',
  title: 'SurFree',
  needs: 'labels',
  norms: ['l2'],
  minimal: true,
  defaults: { iterations: 0, restarts: 1, queries: 5000 },
  source: 'Maho, Furon & Le Merrer, SurFree: a fast surrogate-free black-box attack, CVPR 2021, Algorithms 1-2',
  run: (request) => searchByLabels(surfree, request, turn),
};

function* turn(start: LabelSearchStart): LabelSearch {
  const { clean, free, left } = start;
  const interval = roomAround(start);
  const first = yield* anyMisclassified(start, interval);
  if (first === null) return;
  const theta = 1 / (free * Math.sqrt(free));
  let point = yield* toBoundary(start, first, theta);
  const draw = directionsAbout(start, interval[1] - interval[0]);
  let largest = firstAngle;
  const earlier: Float64Array[] = [];
  const outward = new Float64Array(free);
  for (let tried = 0; left() > 0; tried++) {
    let squares = 0;
    for (let i = 0; i < free; i++) {
      outward[i] = point[i]! - clean[i]!;
      squares += outward[i]! * outward[i]!;
    }
    const distance = Math.sqrt(squares);
    if (distance === 0) return;
    for (let i = 0; i < free; i++) outward[i]! /= distance;
    const side = orthogonal(draw(), [outward, ...earlier]);
    // Nothing is left to turn to: the example has hardly more values than directions are remembered.
    if (side === null) {
      if (earlier.length === 0) return;
      earlier.length = 0;
      continue;
    }
    const found = yield* furthest(start, outward, side, distance, largest, interval);
    if (found === null) {
      largest *= angleFactor;
    } else {
      largest = Math.min(largest / angleFactor, Math.PI / 2);
      point = found;
    }
    earlier.unshift(side);
    if (earlier.length > Math.min(remembered, free - 2)) earlier.pop();
    // Clipping to the bounds leaves points off the circle, and so short of the boundary.
    if (tried % 50 === 49 && left() > 20) point = yield* toBoundary(start, point, theta);
  }
}

/** The misclassified point furthest along the circle, to either side; null if none of those tried is misclassified. */
function* furthest(
  { clean, free, left }: LabelSearchStart,
  outward: Float64Array,
  side: Float64Array,
  distance: number,
  largest: number,
  [low, high]: readonly [number, number],
): Generator<Float32Array, Float32Array | null, Uint8Array> {
  const at = (angle: number): Float32Array => {
    const along = distance * Math.cos(angle) ** 2;
    const across = distance * Math.cos(angle) * Math.sin(angle);
    const point = clean.slice();
    for (let i = 0; i < free; i++) {
      point[i] = within(clean[i]! + along * outward[i]! + across * side[i]!, low, high);
    }
    return point;
  };
  for (let k = angles; k >= 1; k--) {
    for (const sign of [1, -1]) {
      if (left() < 1) return null;
      let good = (sign * largest * k) / angles;
      let best = at(good);
      if (!(yield* isMisclassified(best))) continue;
      // Outward while it goes, then between the last that went and the first that did not.
      let bad = good;
      for (;;) {
        bad = good + (sign * largest) / angles;
        // Further in than the largest, the next angle failed before.
        if (k < angles || Math.abs(bad) >= Math.PI / 2 || left() < 1) break;
        const point = at(bad);
        if (!(yield* isMisclassified(point))) break;
        good = bad;
        best = point;
      }
      while (Math.abs(Math.cos(good) - Math.cos(bad)) > precision && left() > 0) {
        const middle = (good + bad) / 2;
        const point = at(middle);
        if (yield* isMisclassified(point)) {
          good = middle;
          best = point;
        } else {
          bad = middle;
        }
      }
      return best;
    }
  }
  return null;
}

/** The part of `direction` orthogonal to unit vectors, of length 1; null if nothing is left of it. */
function orthogonal(direction: Float64Array, to: readonly Float64Array[]): Float64Array | null {
  // The unit vectors are nearly orthogonal to one another, not exactly: the first one has moved since. It goes last.
  for (const unit of [...to].reverse()) {
    let product = 0;
    for (let i = 0; i < direction.length; i++) product += direction[i]! * unit[i]!;
    for (let i = 0; i < direction.length; i++) direction[i]! -= product * unit[i]!;
  }
  let squares = 0;
  for (const value of direction) squares += value * value;
  const length = Math.sqrt(squares);
  if (!(length > 1e-6)) return null;
  for (let i = 0; i < direction.length; i++) direction[i]! /= length;
  return direction;
}
