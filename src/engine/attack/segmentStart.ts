import { isAimed } from '../loss/aimed';
import { Random } from '../random';
import { StepSchedule } from './apgdSchedule';
import type { Ascent, Place, Run } from './ascent';
import type { NormBall } from './geometry';
import type { Pack } from './pack';
import { linfLimits } from './projection';
import type { Attack, AttackRequest } from './types';

/** What is known of the examples of a request before a run. */
export interface Standing {
  /** [n]: the losses of the strongest points so far. */
  readonly height: Float64Array;
}

/** The fields of `segmentFields.ts` at the start of a run, for some rows of the request. */
export function startPack(
  attack: Attack,
  request: AttackRequest,
  ascent: Ascent,
  ball: NormBall,
  run: Run,
  rows: readonly number[],
  { height }: Standing,
  place?: Place,
): Pack {
  const { x, y, indices, budget, seed, oracle, threat } = request;
  const { exampleSize: size, classes } = oracle;
  const n = rows.length;
  const examples = () => new Float32Array(n * size);
  const [centre, start, low, high] = [examples(), examples(), examples(), examples()];
  const onehot = new Float32Array(n * classes);
  const aim = new Float32Array(isAimed(ascent.loss) ? n * classes : 0);
  const limits = limitsOf(ball, threat.bounds, oracle.free ?? size);
  rows.forEach((row, k) => {
    const [from, to] = [k * size, (k + 1) * size];
    const own = x.subarray(row * size, (row + 1) * size);
    centre.set(own, from);
    onehot[k * classes + y[row]!] = 1;
    if (aim.length > 0) run.aim?.(row, aim.subarray(k * classes, (k + 1) * classes));
    const [least, most] = [low.subarray(from, to), high.subarray(from, to)];
    limits(own, least, most);
    if (place) place(row, start.subarray(from, to));
    else if (ascent.start === 'centre') start.set(own, from);
    else {
      const random = Random.of(seed, attack.name, run.number, indices[row]!);
      ball.randomStart(own, random, start.subarray(from, to), [least, most]);
    }
  });
  const step = ascent.step(ball.radius, budget.iterations);
  const fields: Record<string, Float32Array> = {
    onehot,
    ...(aim.length > 0 ? { aim } : {}),
    centre,
    low,
    high,
    step: new Float32Array(n).fill(step),
    x: start,
    previous: start,
    bar: Float32Array.from(rows, (row) => height[row]!),
  };
  if (!ascent.auto) return { rows, fields, schedules: [] };
  return {
    rows,
    fields: {
      ...fields,
      // Momentum goes back to the best point of its own restart.
      bar: new Float32Array(n).fill(Number.NEGATIVE_INFINITY),
      top: fields.bar!,
      best: examples(),
      bestGradient: examples(),
      weight: new Float32Array(n).fill(1),
    },
    schedules: rows.map(() => new StepSchedule(budget.iterations, step)),
  };
}

/** Writes the limits of each coordinate: of its value for linf, of its distance from the centre for l2. */
function limitsOf(ball: NormBall, bounds: readonly [number, number] | null, free: number) {
  const [least, most] = bounds ?? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  if (ball.norm === 'linf') {
    return (centre: Float32Array, low: Float32Array, high: Float32Array) => {
      linfLimits(centre, ball.radius, least, most, low, high);
      low.set(centre.subarray(free), free);
      high.set(centre.subarray(free), free);
    };
  }
  return (centre: Float32Array, low: Float32Array, high: Float32Array) => {
    for (let i = 0; i < free; i++) {
      low[i] = -reach(-centre[i]!, -least);
      high[i] = reach(centre[i]!, most);
    }
  };
}

/** The largest float32 that can be added to `centre` in float32 without passing `bound`; 0 from past it. */
function reach(centre: number, bound: number): number {
  let distance = Math.fround(Math.max(0, bound - centre));
  while (distance > 0 && Number.isFinite(distance) && Math.fround(centre + distance) > bound) {
    distance = Math.fround(distance * (1 - 2 ** -23));
    // A bound that the centre's own spacing steps over cannot be approached.
    if (Math.fround(centre + distance / 2) > bound) distance = 0;
  }
  return distance;
}
