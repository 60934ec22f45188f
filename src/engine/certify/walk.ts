import { StepSchedule } from '../attack/apgdSchedule';
import type { Oracle } from '../attack/types';
import type { Random } from '../random';
import { place } from './box';
import type { Climb } from './slack';
import type { Watch } from './watch';

/** A point on its way up. */
export interface Walker {
  /** Number of its goal; null to go for the nearest one, which may change. */
  readonly goal: number | null;
  readonly climb: Climb;
  /** Direction of a step in a box whose sides are 1: signs of the gradient, or the gradient over its largest number. */
  readonly step: 'sign' | 'scaled';
  /** Share of the box that the first step crosses. */
  readonly first: number;
  /** Steps at first along a random direction of the outputs (ODI). */
  readonly diversify: number;
  readonly random: Random;
}

/** Share of a step that is new, as in APGD; the rest is what remains of the last one. */
const momentum = 0.75;

/**
 * Auto-PGD (Croce & Hein 2020) in a box: many walkers in one batch climb toward counterexamples of a property. Steps are
 * measured in sides of the box, which may differ by orders of magnitude. Walks of the first steps may follow output-diversified
 * directions (Tashiro et al. 2020) in place of a goal.
 *
 * @param starts [walkers, inputs], changed in place.
 * @param over asked before each step; true ends the walk.
 * @returns true when a counterexample was confirmed.
 */
export async function walk(
  oracle: Oracle,
  watch: Watch,
  walkers: readonly Walker[],
  starts: Float32Array,
  iterations: number,
  over: () => boolean,
): Promise<boolean> {
  const { box, goals, inputs, outputs } = watch;
  const { low, high, free } = box;
  const n = walkers.length;
  const x = starts;
  const previous = x.slice();
  const best = x.slice();
  const bestGradient = new Float32Array(x.length);
  const bestLoss = new Float64Array(n).fill(Number.NEGATIVE_INFINITY);
  const aims = new Float32Array(n * outputs);
  const labels = new Int32Array(n);
  const schedules = walkers.map(({ first }) => new StepSchedule(iterations, first));
  const directions = walkers.map(({ diversify, random }) =>
    diversify > 0 ? Float32Array.from({ length: outputs }, () => random.between(-1, 1)) : null,
  );
  // One constraint of one goal always has the same derivative by the outputs, which need not be known before.
  const fixed = walkers.every(({ goal }) => goal !== null && goals[goal]!.conjunction.length <= 1);
  let y: Float32Array = new Float32Array(n * outputs);
  const longest = iterations + Math.max(...walkers.map(({ diversify }) => diversify));
  const losses = new Float64Array(n);

  for (let iteration = 0; iteration <= longest; iteration++) {
    if (over()) return false;
    if (!fixed) y = await oracle.logits(x);
    aim();
    const result = await oracle.gradient(x, labels, 'linear', aims);
    y = result.logits;
    if (fixed) aim();
    if (await watch.see(x, y)) return true;
    if (iteration === longest) return false;
    for (let i = 0; i < n; i++) advance(i, iteration, result.gradient);
  }
  return false;

  function aim(): void {
    for (let i = 0; i < n; i++) {
      const { goal, climb } = walkers[i]!;
      const own = goals[goal ?? watch.nearest(x, y, i * inputs, i * outputs)]!;
      losses[i] = own.ascend(climb, x, y, i * inputs, i * outputs, outputs, aims);
    }
    diversifyAims();
  }

  function diversifyAims(): void {
    for (let i = 0; i < n; i++) {
      const direction = directions[i];
      if (direction) aims.set(direction, i * outputs);
    }
  }

  function advance(i: number, iteration: number, gradient: Float32Array): void {
    const { goal, climb, step, random, diversify } = walkers[i]!;
    const at = i * inputs;
    const odd = iteration < diversify;
    let length = 0.5;
    if (!odd) {
      const own = goals[goal ?? watch.nearest(x, y, at, i * outputs)]!;
      own.addInputGradient(climb, x, y, at, i * outputs, gradient);
      const loss = losses[i]!;
      const schedule = schedules[i]!;
      if (loss > bestLoss[i]!) {
        bestLoss[i] = loss;
        copy(x, best, at);
        copy(gradient, bestGradient, at);
      }
      if (schedule.observe(loss)) {
        copy(best, x, at);
        copy(best, previous, at);
        copy(bestGradient, gradient, at);
      }
      length = schedule.step;
    } else if (iteration + 1 === diversify) {
      directions[i] = null;
    }
    let largest = 0;
    for (let k = 0; k < free.length; k++) {
      const j = free[k]!;
      // What is not finite says nothing.
      if (!Number.isFinite(gradient[at + j])) gradient[at + j] = 0;
      const size = Math.abs(gradient[at + j]! * (high[j]! - low[j]!));
      if (size > largest) largest = size;
    }
    if (!(largest > 0)) {
      // A plateau: nothing to follow, so it goes on elsewhere.
      place(box, 'uniform', random, x.subarray(at, at + inputs));
      copy(x, previous, at);
      return;
    }
    const share = odd || iteration === diversify ? 1 : momentum;
    for (let k = 0; k < free.length; k++) {
      const j = free[k]!;
      const [from, to] = [low[j]!, high[j]!];
      const side = to - from;
      const slope = gradient[at + j]!;
      const along = step === 'sign' ? (slope > 0 ? 1 : slope < 0 ? -1 : 0) : (slope * side) / largest;
      const here = x[at + j]!;
      let next = here + length * side * along;
      next = Math.min(Math.max(next, from), to);
      next = here + share * (next - here) + (1 - share) * (here - previous[at + j]!);
      next = Math.min(Math.max(next, from), to);
      previous[at + j] = here;
      x[at + j] = next;
    }
  }

  function copy(from: Float32Array, to: Float32Array, at: number): void {
    to.set(from.subarray(at, at + inputs), at);
  }
}
