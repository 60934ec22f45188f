import { Random } from '../random';
import type { Ascent, Run, Walker, WalkerStart } from './ascent';
import { normBall } from './geometry';
import { goalOf } from './goal';
import type { Attack, AttackRequest, AttackResult } from './types';

/**
 * Runs a gradient ascent step by step: restarts, batching, early stop, and the books. Each example has its own walker and
 * random stream, so its outcome does not depend on its neighbours. A broken example leaves the batch at once.
 */
export async function walk(
  attack: Attack,
  request: AttackRequest,
  { loss, begin, path }: Ascent,
  runs: readonly Run[],
): Promise<AttackResult> {
  const { oracle, x, y, indices, budget, seed, signal } = request;
  const size = oracle.exampleSize;
  const n = y.length;
  const ball = normBall(request.threat, size, oracle.free);
  const goal = goalOf(request);
  const { evaluations, wayIn } = path?.(budget.iterations) ?? { evaluations: budget.iterations + 1, wayIn: 0 };
  const adversarial = x.slice();
  const success = new Uint8Array(n);
  const zeroGradient = new Uint8Array(n);
  const strongest = new Float64Array(n).fill(Number.NEGATIVE_INFINITY);
  const lossTrace: number[] = [];

  for (const [turn, run] of runs.entries()) {
    const { number, aim } = run;
    const place = await run.place?.([...y.keys()].filter((row) => success[row] === 0));
    let active: { readonly row: number; readonly walker: Walker }[] = [];
    for (let row = 0; row < n; row++) {
      if (success[row] === 1) continue;
      const centre = x.subarray(row * size, (row + 1) * size);
      const random = Random.of(seed, attack.name, number, indices[row]!);
      const start: WalkerStart = { centre, ball, random, iterations: budget.iterations };
      active.push({ row, walker: begin(place ? { ...start, place: (out) => place(row, out) } : start) });
    }
    for (let iteration = 0; iteration < evaluations && active.length > 0; iteration++) {
      const inside = iteration >= wayIn;
      signal?.throwIfAborted();
      const points = new Float32Array(active.length * size);
      const labels = new Int32Array(active.length);
      const aims = aim === null ? undefined : new Float32Array(active.length * oracle.classes);
      active.forEach(({ row, walker }, k) => {
        points.set(walker.point, k * size);
        labels[k] = y[row]!;
        if (aims) aim?.(row, aims.subarray(k * oracle.classes, (k + 1) * oracle.classes));
      });
      const targets = goal.targets(active.map(({ row }) => row));
      const result = await oracle.gradient(points, labels, loss, aims, targets);
      active = active.filter(({ row, walker }, k) => {
        const point = points.subarray(k * size, (k + 1) * size);
        const gradient = result.gradient.subarray(k * size, (k + 1) * size);
        const value = result.loss[k]!;
        const flat = gradient.every((g) => g === 0);
        if (turn === 0 && iteration === 0 && flat) zeroGradient[row] = 1;
        const broken = inside && goal.reached(result.logits, k, row);
        if (inside && (broken || value > strongest[row]!)) adversarial.set(point, row * size);
        // The losses do not all grow where the prediction flips; the trace is of the best loss in any case.
        if (inside && value > strongest[row]!) strongest[row] = value;
        if (broken) success[row] = 1;
        else if (flat) {
          walker.leaves?.();
          leavePlateau(walker.point, x.subarray(row * size, (row + 1) * size));
        } else if (iteration < evaluations - 1) walker.advance(value, gradient);
        return !broken;
      });
      if (turn === 0 && iteration > wayIn) lossTrace.push(meanOfFinite(strongest));
    }
    if (turn === 0) {
      // All examples broke early: the best loss stays as it is, and traces of all batches have one length.
      while (lossTrace.length < evaluations - wayIn - 1) lossTrace.push(meanOfFinite(strongest));
    }
  }
  return { adversarial, success, lossTrace, zeroGradient };
}

/**
 * Where the gradient is exactly zero (all rectifiers off, say) an ascent would stand still for the rest of its budget. Half
 * way back to the example is still inside ball and bounds, and its neighbourhood need not be flat.
 */
function leavePlateau(point: Float32Array, centre: Float32Array): void {
  for (let i = 0; i < point.length; i++) point[i] = centre[i]! + (point[i]! - centre[i]!) / 2;
}

/** Mean of those that are finite; 0 if none is. */
export function meanOfFinite(values: Float64Array): number {
  let sum = 0;
  let count = 0;
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    sum += value;
    count++;
  }
  return count === 0 ? 0 : sum / count;
}
