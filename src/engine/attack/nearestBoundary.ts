import type { Linearization } from './fabRun';
import { goalOf } from './goal';
import { likeliestTargets, type Targets } from './targets';
import type { AttackRequest } from './types';

/** With more classes than this, gradients of all of them cost more than they tell (DeepFool, §4.1, takes ten of 1000). */
const mostClasses = 32;
const likeliest = 10;
/** Floats of gradients that are held at a time. */
const mostFloats = 16 * 2 ** 20;

/** Linearizes towards the class whose boundary is closest in the linear picture. */
export type NearestBoundary = (points: Float32Array, rows: readonly number[]) => Promise<Linearization>;

/**
 * The closest of all boundaries at each point, by all classes' gradients in one pass; of many classes, and where the oracle has
 * no such pass, the likeliest ones, one at a time.
 */
export async function nearestBoundary(request: AttackRequest): Promise<NearestBoundary> {
  const { oracle, budget } = request;
  if (oracle.jacobian && oracle.classes <= mostClasses && budget.targets === undefined) return byJacobian(request);
  const most = budget.targets ?? (oracle.classes <= mostClasses ? oracle.classes - 1 : likeliest);
  return byTargets(request, await likeliestTargets({ ...request, budget: { ...budget, targets: most } }));
}

function byJacobian({ oracle, y, threat }: AttackRequest): NearestBoundary {
  const { classes, exampleSize: size } = oracle;
  const free = oracle.free ?? size;
  const batch = Math.max(1, Math.floor(mostFloats / (classes * size)));
  const slope = new Float64Array(size);
  return async (points, rows) => {
    const n = rows.length;
    const difference = new Float32Array(n);
    const gradient = new Float32Array(n * size);
    for (let at = 0; at < n; at += batch) {
      const end = Math.min(n, at + batch);
      const all = await oracle.jacobian!(points.subarray(at * size, end * size));
      for (let k = at; k < end; k++) {
        const label = y[rows[k]!]!;
        const scores = (k - at) * classes;
        const own = (scores + label) * size;
        let nearest = Number.POSITIVE_INFINITY;
        for (let c = 0; c < classes; c++) {
          if (c === label) continue;
          const other = (scores + c) * size;
          for (let i = 0; i < free; i++) slope[i] = all.gradient[other + i]! - all.gradient[own + i]!;
          const gap = all.logits[scores + c]! - all.logits[scores + label]!;
          const distance = Math.abs(gap) / (1e-12 + dualLength(threat.norm, slope, free));
          if (!(distance < nearest)) continue;
          nearest = distance;
          difference[k] = gap;
          gradient.set(slope, k * size);
        }
      }
    }
    return { difference, gradient };
  };
}

function byTargets({ oracle, y, threat }: AttackRequest, targets: Targets): NearestBoundary {
  const { exampleSize: size } = oracle;
  return async (points, rows) => {
    const difference = new Float32Array(rows.length);
    const gradient = new Float32Array(rows.length * size);
    const nearest = new Float64Array(rows.length).fill(Number.POSITIVE_INFINITY);
    for (let rank = 0; rank < targets.count; rank++) {
      const one = await towardsTarget({ oracle, y }, targets, rank, points, rows);
      for (let k = 0; k < rows.length; k++) {
        const slope = one.gradient.subarray(k * size, (k + 1) * size);
        const length = dualLength(threat.norm, slope, oracle.free ?? size);
        const distance = Math.abs(one.difference[k]!) / (1e-12 + length);
        if (!(distance < nearest[k]!)) continue;
        nearest[k] = distance;
        difference[k] = one.difference[k]!;
        gradient.set(slope, k * size);
      }
    }
    return { difference, gradient };
  };
}

/** Linearizes towards each example's target of this rank. Costs one backward pass an example. */
export async function towardsTarget(
  request: Pick<AttackRequest, 'oracle' | 'y' | 'targets'>,
  targets: Targets,
  rank: number,
  points: Float32Array,
  rows: readonly number[],
): Promise<Linearization> {
  const { oracle, y } = request;
  const { classes } = oracle;
  const goal = goalOf(request);
  const aim = new Float32Array(rows.length * classes);
  const labels = new Int32Array(rows.length);
  rows.forEach((row, k) => {
    labels[k] = y[row]!;
    if (!request.targets) aim[k * classes + y[row]!] = -1;
    aim[k * classes + targets.classes[row * targets.count + rank]!] = 1;
  });
  const { loss, gradient } = await oracle.gradient(points, labels, goal.loss('linear'), aim, goal.targets(rows));
  return { difference: loss, gradient };
}

/** Length in the dual norm: how fast a linear function with this slope can change. */
export function dualLength(norm: AttackRequest['threat']['norm'], slope: ArrayLike<number>, size: number): number {
  let length = 0;
  for (let i = 0; i < size; i++) {
    const s = slope[i]!;
    const v = s < 0 ? -s : s;
    if (norm === 'l2') length += v * v;
    else if (norm === 'linf') length += v;
    else if (v > length) length = v;
  }
  return norm === 'l2' ? Math.sqrt(length) : length;
}
