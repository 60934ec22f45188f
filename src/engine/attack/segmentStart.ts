import { isAimed } from '../loss/aimed';
import { Random } from '../random';
import { StepSchedule } from './apgdSchedule';
import type { Ascent, Place, Run } from './ascent';
import type { NormBall } from './geometry';
import { type Pack, someRows } from './pack';
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
  limits: Limits,
  run: Run,
  rows: readonly number[],
  { height }: Standing,
  place?: Place,
): Pack {
  const { x, y, indices, budget, seed, oracle } = request;
  const { exampleSize: size, classes } = oracle;
  const n = rows.length;
  const examples = () => new Float32Array(n * size);
  const centre = someRows(x, rows, size);
  const low = someRows(limits.low, rows, size);
  const high = someRows(limits.high, rows, size);
  const stays = ascent.start === 'centre' && !place;
  const start = stays ? centre : examples();
  const onehot = new Float32Array(n * classes);
  const aim = new Float32Array(isAimed(ascent.loss) ? n * classes : 0);
  rows.forEach((row, k) => {
    onehot[k * classes + y[row]!] = 1;
    if (aim.length > 0) run.aim?.(row, aim.subarray(k * classes, (k + 1) * classes));
    if (stays) return;
    const own = (values: Float32Array) => values.subarray(k * size, (k + 1) * size);
    if (place) {
      place(row, own(start));
      return;
    }
    const random = Random.of(seed, attack.name, run.number, indices[row]!);
    ball.randomStart(own(centre), random, own(start), [own(low), own(high)]);
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

/** [n, ...example]: the limits of each coordinate: of its value for linf, of its distance from the centre for l2. */
export interface Limits {
  readonly low: Float32Array;
  readonly high: Float32Array;
}

/** Those of all examples of a request, which are the same in all its runs. */
export function limitsOf(ball: NormBall, { x, oracle, threat }: AttackRequest): Limits {
  const [least, most] = threat.bounds ?? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  const size = oracle.exampleSize;
  const free = oracle.free ?? size;
  const [low, high] = [new Float32Array(x.length), new Float32Array(x.length)];
  if (ball.norm === 'linf') linfLimits(x, ball.radius, least, most, low, high);
  for (let from = 0; from < x.length; from += size) {
    const held = from + free;
    if (ball.norm === 'linf') {
      low.set(x.subarray(held, from + size), held);
      high.set(x.subarray(held, from + size), held);
    } else {
      for (let i = from; i < held; i++) {
        low[i] = -reach(-x[i]!, -least);
        high[i] = reach(x[i]!, most);
      }
    }
  }
  return { low, high };
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
