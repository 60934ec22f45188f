import { Random } from '../random';
import { annealed, type Seeker, type SeekerStart, seekClosest, unitLength } from './minimalWalk';
import { checkRequest } from './request';
import type { Attack } from './types';

/** Constants of the paper (Algorithm 1, §4 and §5). */
const firstRadius = 1;
const radiusChange = 0.05;
const firstStep = 1;
const lastStep = 0.01;

/**
 * Decoupled direction and norm: the gradient gives the direction, and the radius shrinks by 5 % after a misclassified point,
 * and grows by as much after another. The paper rounds to 256 levels; here values stay as they are.
 */
export const ddn: Attack = {
  name: 'ddn',
  title: 'Decoupled direction and norm',
  needs: 'gradient',
  norms: ['l2'],
  targeted: true,
  minimal: true,
  defaults: { iterations: 300, restarts: 1, queries: 0 },
  source:
    'Rony et al., Decoupling Direction and Norm for Efficient Gradient-Based L2 Adversarial Attacks and Defenses, CVPR 2019, Algorithm 1',
  async run(request) {
    checkRequest(ddn, request);
    return seekClosest(request, 'ce', begin);
  },
};

function begin({ request, closest, box, row, restart }: SeekerStart): Seeker {
  const { seed, indices, budget, oracle } = request;
  const centre = closest.centre(row);
  const size = centre.length;
  const free = oracle.free ?? size;
  const unit = unitLength(request);
  const random = Random.of(seed, ddn.name, restart, indices[row]!);
  const point = centre.slice();
  const target = Float64Array.from(centre);
  const offset = new Float64Array(size);
  let radius = firstRadius * unit;
  let iteration = 0;
  const seeker: Seeker = {
    row,
    point,
    advance(_loss, gradient, broken) {
      const step = unit * annealed(firstStep, lastStep, iteration, budget.iterations);
      iteration++;
      let length = 0;
      for (let i = 0; i < free; i++) length += gradient[i]! * gradient[i]!;
      const flat = length === 0;
      // Without a direction any will do (as in the authors' code).
      if (flat) for (let i = 0; i < free; i++) offset[i] = random.normal();
      else for (let i = 0; i < free; i++) offset[i] = gradient[i]!;
      if (flat) for (let i = 0; i < free; i++) length += offset[i]! * offset[i]!;
      const scale = step / Math.sqrt(length);
      radius *= broken ? 1 - radiusChange : 1 + radiusChange;
      let moved = 0;
      for (let i = 0; i < free; i++) {
        offset[i] = point[i]! - centre[i]! + scale * offset[i]!;
        moved += offset[i]! * offset[i]!;
      }
      // Onto the sphere, from inside too.
      const stretch = moved > 0 ? radius / Math.sqrt(moved) : 0;
      for (let i = 0; i < free; i++) target[i] = centre[i]! + stretch * offset[i]!;
      box.project(centre, target, radius, point);
    },
  };
  if (restart > 0) {
    // Elsewhere on a small sphere.
    for (let i = 0; i < free; i++) target[i] = centre[i]! + (0.1 * unit * random.normal()) / Math.sqrt(free);
    box.project(centre, target, radius, point);
  }
  return seeker;
}
