import { Random } from '../random';
import type { PlaneNorm } from './hyperplane';
import { annealed, type Seeker, type SeekerStart, seekClosest, unitLength } from './minimalWalk';
import { dualLength } from './nearestBoundary';
import { checkRequest } from './request';
import type { Attack } from './types';

/** Step lengths and changes of the radius: first, and annealed to (paper, Algorithm 1; authors' code). */
const firstStep = 1;
const lastStep = 0.01;
const firstChange = 0.05;
const lastChange = 0.001;

/**
 * Fast minimum norm: the radius starts at the linear estimate of the boundary, shrinks after each misclassified point to no more
 * than the closest one, and grows otherwise; the gradient of the logit difference moves the point within it. The projection
 * onto ball and bounds is the exact one, where the paper projects onto one and then clips to the other.
 */
export const fmn: Attack = {
  name: 'fmn',
  title: 'Fast minimum norm',
  needs: 'gradient',
  norms: ['linf', 'l2', 'l1'],
  targeted: true,
  minimal: true,
  defaults: { iterations: 300, restarts: 1, queries: 0 },
  source:
    'Pintor et al., Fast Minimum-norm Adversarial Attacks through Adaptive Norm Constraints, NeurIPS 2021, Algorithm 1',
  async run(request) {
    checkRequest(fmn, request);
    return seekClosest(request, 'margin', begin);
  },
};

function begin({ request, closest, box, row, restart }: SeekerStart): Seeker {
  const { threat, seed, indices, budget, oracle } = request;
  const norm = threat.norm as PlaneNorm;
  const centre = closest.centre(row);
  const size = centre.length;
  const free = oracle.free ?? size;
  const unit = unitLength(request);
  const random = Random.of(seed, fmn.name, restart, indices[row]!);
  const point = centre.slice();
  const target = Float64Array.from(centre);
  const offset = new Float64Array(size);
  let radius = Number.POSITIVE_INFINITY;
  let best = Number.POSITIVE_INFINITY;
  let iteration = 0;
  if (restart > 0) {
    for (let i = 0; i < free; i++) target[i] = centre[i]! + (0.1 * unit * random.normal()) / Math.sqrt(free);
    box.project(centre, target, Number.MAX_VALUE, point);
  }
  return {
    row,
    point,
    advance(loss, gradient, broken) {
      const change = annealed(firstChange, lastChange, iteration, budget.iterations);
      const step = unit * annealed(firstStep, lastStep, iteration, budget.iterations);
      iteration++;
      for (let i = 0; i < free; i++) offset[i] = point[i]! - centre[i]!;
      const length = lengthOf(norm, offset, free);
      if (broken) {
        if (length < best) best = length;
        radius = Math.min(radius * (1 - change), best);
      } else if (best < Number.POSITIVE_INFINITY) radius *= 1 + change;
      else {
        // What stands at its bound gains nothing.
        const { low, high } = box.around(centre);
        for (let i = 0; i < free; i++) {
          const g = gradient[i]!;
          offset[i] = (g > 0 && point[i]! >= high[i]!) || (g < 0 && point[i]! <= low[i]!) ? 0 : g;
        }
        const slope = dualLength(norm, offset, free);
        // A little beyond the estimate, which would lead to the boundary and not across it; without a slope, a step's length.
        radius = length + (slope > 0 ? (1 + change) * (Math.abs(loss) / slope) : step);
      }
      const steepness = dualLength('l2', gradient, free);
      for (let i = 0; i < free; i++) {
        const direction = steepness > 0 ? gradient[i]! / steepness : random.normal() / Math.sqrt(free);
        target[i] = point[i]! + step * direction;
      }
      box.project(centre, target, radius, point);
    },
  };
}

function lengthOf(norm: PlaneNorm, offset: Float64Array, free: number): number {
  let sum = 0;
  for (let i = 0; i < free; i++) {
    const v = offset[i]! < 0 ? -offset[i]! : offset[i]!;
    if (norm === 'l2') sum += v * v;
    else if (norm === 'l1') sum += v;
    else if (v > sum) sum = v;
  }
  return norm === 'l2' ? Math.sqrt(sum) : sum;
}
