import { attackBox } from './attackBox';
import { Closest, stacked } from './closest';
import { approach } from './finalSearch';
import { HyperplaneProjection, type PlaneNorm } from './hyperplane';
import { nearestBoundary } from './nearestBoundary';
import { checkRequest } from './request';
import { isBroken } from './scores';
import type { Attack, AttackRequest } from './types';

/** How far beyond the boundary the sum of the steps is taken (paper, §4.1; authors' code). */
const overshoot = 0.02;

/**
 * DeepFool: steps onto the closest linearized boundary until the prediction flips. Quick, and seldom the closest point. Steps are
 * exact within the data's bounds, where the paper clips them afterwards.
 */
export const deepfool: Attack = {
  name: 'deepfool',
  title: 'DeepFool',
  needs: 'gradient',
  norms: ['linf', 'l2'],
  minimal: true,
  defaults: { iterations: 50, restarts: 1, queries: 0 },
  source:
    'Moosavi-Dezfooli et al., DeepFool: a simple and accurate method to fool deep neural networks, CVPR 2016, Algorithm 2 and §3.3',
  async run(request) {
    checkRequest(deepfool, request);
    const { oracle, budget, signal, threat, y } = request;
    const size = oracle.exampleSize;
    const free = oracle.free ?? size;
    const closest = new Closest(request);
    const linearize = await nearestBoundary(request);
    const projection = new HyperplaneProjection(threat.norm as PlaneNorm, free);
    const boxes = attackBox(threat, size);
    const step = new Float64Array(size);
    const zeroGradient = new Uint8Array(y.length);
    // `sum` is where the steps lead, `point` a little further from the centre: where the model is asked.
    let active = [...y.keys()].map((row) => ({
      row,
      sum: Float64Array.from(closest.centre(row)),
      point: closest.centre(row).slice(),
    }));
    for (let iteration = 0; iteration < budget.iterations && active.length > 0; iteration++) {
      signal?.throwIfAborted();
      const before = stacked(active, size);
      const { difference, gradient } = await linearize(
        before,
        active.map(({ row }) => row),
      );
      active.forEach(({ row, sum, point }, k) => {
        const slope = gradient.subarray(k * size, (k + 1) * size);
        if (iteration === 0 && slope.every((g) => g === 0)) zeroGradient[row] = 1;
        const centre = closest.centre(row);
        const box = boxes.around(centre);
        projection.step(point, slope, -difference[k]!, box, step);
        for (let i = 0; i < free; i++) {
          sum[i]! += step[i]!;
          const beyond = centre[i]! + (1 + overshoot) * (sum[i]! - centre[i]!);
          point[i] = Math.max(box.low[i]!, Math.min(box.high[i]!, beyond));
        }
      });
      active = await standing(request, closest, active);
    }
    await approach(request, closest);
    return { ...closest.result(), zeroGradient };
  },
};

interface Walk {
  readonly row: number;
  readonly point: Float32Array;
}

/** Notes the walks that have crossed the boundary, and returns the others. */
async function standing<T extends Walk>({ oracle, y }: AttackRequest, closest: Closest, walks: readonly T[]) {
  const logits = await oracle.logits(stacked(walks, oracle.exampleSize));
  return walks.filter(({ row, point }, k) => {
    if (!isBroken(logits, k, oracle.classes, y[row]!)) return true;
    closest.offer(row, point);
    return false;
  });
}
