import { type AttackBox, attackBox } from './attackBox';
import { Closest } from './closest';
import { approach } from './finalSearch';
import { goalOf } from './goal';
import type { AttackRequest, AttackResult, LossName } from './types';

/** The path of one example, of which every misclassified point is kept if it is the closest. */
export interface Seeker {
  readonly row: number;
  /** The point to evaluate next. */
  readonly point: Float32Array;
  /** Set by a seeker that will find nothing more. */
  readonly finished?: boolean;
  /**
   * Takes what the model says at `point`, and moves `point`.
   *
   * @param gradient of the loss, valid only during the call; what is not finite is 0.
   * @param broken whether `point` is misclassified.
   */
  advance(loss: number, gradient: Float32Array, broken: boolean): void;
}

export interface Seeking {
  readonly request: AttackRequest;
  readonly closest: Closest;
  readonly loss: LossName;
  readonly iterations: number;
}

/**
 * Moves seekers by gradients, a batch at a time, for so many iterations; the point after the last one is tried too. Those within ε
 * leave. Each example has its own seeker, so its outcome does not depend on its neighbours.
 *
 * @param first told of each seeker whether its first gradient was exactly zero.
 */
export async function seek(
  { request, closest, loss, iterations }: Seeking,
  seekers: readonly Seeker[],
  first?: (row: number, zero: boolean) => void,
): Promise<void> {
  const { oracle, y, signal } = request;
  const size = oracle.exampleSize;
  const free = oracle.free ?? size;
  const goal = goalOf(request);
  let active = seekers;
  for (let iteration = 0; iteration <= iterations && active.length > 0; iteration++) {
    signal?.throwIfAborted();
    const points = new Float32Array(active.length * size);
    const labels = new Int32Array(active.length);
    active.forEach(({ row, point }, k) => {
      points.set(point, k * size);
      labels[k] = y[row]!;
    });
    const last = iteration === iterations;
    const rows = active.map(({ row }) => row);
    const result = last
      ? null
      : await oracle.gradient(points, labels, goal.loss(loss), goal.aims(rows), goal.targets(rows));
    const logits = result?.logits ?? (await oracle.logits(points));
    active = active.filter((seeker, k) => {
      const broken = goal.reached(logits, k, seeker.row);
      if (broken) closest.offer(seeker.row, points.subarray(k * size, (k + 1) * size));
      if (closest.within(seeker.row) || result === null) return false;
      const gradient = result.gradient.subarray(k * size, (k + 1) * size);
      const zero = sanitize(gradient, free);
      if (iteration === 0) first?.(seeker.row, zero);
      seeker.advance(result.loss[k]!, gradient, broken);
      return seeker.finished !== true;
    });
  }
}

/** What a seeker begins from. */
export interface SeekerStart {
  readonly request: AttackRequest;
  readonly closest: Closest;
  readonly box: AttackBox;
  readonly row: number;
  /** 0 begins at the clean example, later ones elsewhere. */
  readonly restart: number;
}

/** Seeks from each example that is not broken within ε, restart after restart, and brings what was found closer at last. */
export async function seekClosest(
  request: AttackRequest,
  loss: LossName,
  begin: (start: SeekerStart) => Seeker,
): Promise<AttackResult> {
  const closest = new Closest(request);
  const box = attackBox(request.threat, request.oracle.exampleSize);
  const zeroGradient = new Uint8Array(request.y.length);
  const { iterations, restarts } = request.budget;
  for (let restart = 0; restart < Math.max(1, restarts); restart++) {
    const seekers = [...request.y.keys()]
      .filter((row) => !closest.within(row))
      .map((row) => begin({ request, closest, box, row, restart }));
    await seek({ request, closest, loss, iterations }, seekers, (row, zero) => {
      if (restart === 0 && zero) zeroGradient[row] = 1;
    });
  }
  await approach(request, closest);
  return { ...closest.result(), zeroGradient };
}

/** Sets what is not finite, and what may not change, to 0; returns whether all is 0. */
function sanitize(gradient: Float32Array, free: number): boolean {
  let zero = true;
  for (let i = 0; i < free; i++) {
    const g = gradient[i]!;
    if (!Number.isFinite(g)) gradient[i] = 0;
    else if (g !== 0) zero = false;
  }
  gradient.fill(0, free);
  return zero;
}

/** Half a cosine wave from `start`, at step 0, to `end`, at the last of `steps`. */
export function annealed(start: number, end: number, step: number, steps: number): number {
  return end + ((start - end) * (1 + Math.cos((Math.PI * step) / Math.max(1, steps)))) / 2;
}

/** The length that constants of papers, written for images in [0, 1], are in units of: the width of the data's range, or 1. */
export function unitLength({ threat }: Pick<AttackRequest, 'threat'>): number {
  return threat.bounds === null ? 1 : threat.bounds[1] - threat.bounds[0];
}
