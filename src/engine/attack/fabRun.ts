import { Random } from '../random';
import { type AttackBox, attackBox } from './attackBox';
import { Closest, stacked } from './closest';
import { approach } from './finalSearch';
import { normBall } from './geometry';
import { goalOf } from './goal';
import { HyperplaneProjection, type PlaneNorm } from './hyperplane';
import type { Attack, AttackRequest, AttackResult } from './types';

/** Constants of the paper (§3) and of the authors' code. */
const mostBias = 0.1;
const overshoot = 1.05;
const backward = 0.9;
/** Lengths of steps are taken for this at least, so that their ratio is defined. */
const leastLength = 1e-8;

/** The classifier near some points, as a linear function of the input for each: positive beyond the boundary looked at. */
export interface Linearization {
  /** [n]: score of the other class less that of the true one, or of the target less the highest other. */
  readonly difference: Float32Array;
  /** [n, ...exampleShape]: its gradient. */
  readonly gradient: Float32Array;
}

/** Where the boundary is looked for. */
export interface BoundarySearch {
  /** Keys the random starts. */
  readonly key: string;
  linearize(points: Float32Array, rows: readonly number[]): Promise<Linearization>;
}

/**
 * The Fast Adaptive Boundary attack: steps onto the linearized boundary, drawn to the clean example, and back towards it from
 * beyond (Croce & Hein 2020, Algorithm 1). Every search is run on the examples that have not been broken within ε.
 *
 * @param searches one after another, each with all restarts: one for each target class, or a single one.
 */
export async function runFab(
  attack: Attack,
  request: AttackRequest,
  searches: readonly BoundarySearch[],
): Promise<AttackResult> {
  const { oracle, y, indices, budget, seed, threat } = request;
  const size = oracle.exampleSize;
  const free = oracle.free ?? size;
  const closest = new Closest(request);
  const zeroGradient = new Uint8Array(y.length);
  const field: Field = {
    request,
    closest,
    zeroGradient,
    box: attackBox(threat, size),
    projection: new HyperplaneProjection(threat.norm as PlaneNorm, free),
  };
  for (const search of searches) {
    for (let restart = 0; restart < Math.max(1, budget.restarts); restart++) {
      const active: Walk[] = [];
      for (let row = 0; row < y.length; row++) {
        if (closest.within(row)) continue;
        const point = closest.centre(row).slice();
        if (restart > 0) {
          const radius = startRadius(threat.epsilon, closest.distance[row]!);
          // Without ε, bounds and anything found there is nowhere else to start from.
          if (radius === Number.POSITIVE_INFINITY && threat.bounds === null) continue;
          const random = Random.of(seed, attack.name, search.key, restart, indices[row]!);
          normBall({ ...threat, epsilon: radius }, size, oracle.free).randomStart(closest.centre(row), random, point);
        }
        active.push({ row, point });
      }
      await walk(field, search, active, restart === 0 && search === searches[0]);
    }
  }
  await approach(request, closest);
  return { ...closest.result(), zeroGradient };
}

/** Half of ε or of what is known to be enough, whichever is less (paper, §2.4); of the latter where ε is 0. */
function startRadius(epsilon: number, known: number): number {
  return epsilon > 0 ? Math.min(epsilon, known) / 2 : known / 2;
}

interface Walk {
  readonly row: number;
  readonly point: Float32Array;
}

interface Field {
  readonly request: AttackRequest;
  readonly closest: Closest;
  readonly zeroGradient: Uint8Array;
  readonly box: AttackBox;
  readonly projection: HyperplaneProjection;
}

async function walk(field: Field, search: BoundarySearch, walks: readonly Walk[], first: boolean): Promise<void> {
  const { request, closest, zeroGradient } = field;
  const { oracle, budget, signal } = request;
  const goal = goalOf(request);
  const size = oracle.exampleSize;
  const stepper = new Stepper(field);
  let active = walks;
  for (let iteration = 0; iteration < budget.iterations && active.length > 0; iteration++) {
    signal?.throwIfAborted();
    const { difference, gradient } = await search.linearize(
      stacked(active, size),
      active.map(({ row }) => row),
    );
    for (let k = 0; k < active.length; k++) {
      const { row, point } = active[k]!;
      const slope = gradient.subarray(k * size, (k + 1) * size);
      if (first && iteration === 0 && slope.every((g) => g === 0)) zeroGradient[row] = 1;
      stepper.step(closest.centre(row), point, slope, difference[k]!);
    }
    const logits = await oracle.logits(stacked(active, size));
    active = active.filter(({ row, point }, k) => {
      if (!goal.reached(logits, k, row)) return true;
      closest.offer(row, point);
      const centre = closest.centre(row);
      for (let i = 0; i < size; i++) point[i] = centre[i]! + backward * (point[i]! - centre[i]!);
      return !closest.within(row);
    });
  }
}

/** One step of the walk, with its scratch memory. */
class Stepper {
  private readonly own: Float64Array;
  private readonly clean: Float64Array;
  /** The least value of a coordinate, the one wanted, and the greatest. */
  private readonly places = new Float64Array(3);

  constructor(private readonly field: Field) {
    const size = field.request.oracle.exampleSize;
    this.own = new Float64Array(size);
    this.clean = new Float64Array(size);
  }

  /** Moves `point`, at which the linear function has this value and slope. */
  step(centre: Float32Array, point: Float32Array, slope: Float32Array, difference: number): void {
    const { own, clean, places } = this;
    const { projection, request } = this.field;
    const box = this.field.box.around(centre);
    const free = request.oracle.free ?? point.length;
    let between = 0;
    for (let i = 0; i < free; i++) {
      const g = slope[i]!;
      if (Number.isFinite(g)) between += g * (point[i]! - centre[i]!);
    }
    const ownLength = Math.max(leastLength, projection.step(point, slope, -difference, box, own));
    const cleanLength = Math.max(leastLength, projection.step(centre, slope, between - difference, box, clean));
    const bias = Math.min(mostBias, ownLength / (ownLength + cleanLength));
    for (let i = 0; i < free; i++) {
      const c = centre[i]!;
      const moved = (1 - bias) * (point[i]! + overshoot * own[i]!) + bias * (c + overshoot * clean[i]!);
      // Read from a place, since which it will be is nothing that a processor can guess.
      places[0] = box.low[i]!;
      places[1] = moved;
      places[2] = box.high[i]!;
      point[i] = places[1 + Number(moved > places[2]!) - Number(moved < places[0]!)]!;
    }
  }
}
