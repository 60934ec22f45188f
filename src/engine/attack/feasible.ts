import { Random } from '../random';
import { type FeatureConstraints, inward, isDiscrete, projectDelta, reachOf } from './constraint';
import { distance } from './constraintBall';
import { normBall } from './geometry';
import type { AttackThreat, Oracle } from './types';

/** Rounds of changing one feature at a time. */
const greedyRounds = 12;
/** Choices of rounding up to which all combinations are tried; of more, the nearest and some random ones. */
const mostChoices = 6;
const randomRoundings = 24;
/** Combinations of everything that is discrete up to which all within the ball are tried. */
const mostCombinations = 200;
/** Of these and of the roundings, how many are followed further. */
const branches = 4;
/** Steps along the gradient of what is continuous, once the rest is chosen. */
const polishSteps = 20;

export interface FeasibleRequest {
  readonly oracle: Oracle;
  readonly threat: AttackThreat;
  readonly constraints: FeatureConstraints;
  /** [n, features] clean examples. */
  readonly x: Float32Array;
  /** [n, features]: what an attack returned. */
  readonly points: Float32Array;
  /** [n]: keys of the random streams. */
  readonly keys: readonly string[];
  readonly seed: number;
  /** How strong point `k` of those given to the oracle is against `row`, by its outputs; infinite ends the search. */
  score(outputs: Float32Array, k: number, row: number): number;
  /** Gradients [m, features] of the score's continuous stand-in at points of the given rows; absent where there are none. */
  gradient?(points: Float32Array, rows: readonly number[]): Promise<Float32Array>;
  /** Evaluations of each row at most, where the attacker may ask only so often. */
  readonly queries?: number;
  readonly signal?: AbortSignal;
}

export interface FeasibleResult {
  /** [n, features]: points that satisfy every constraint. */
  readonly points: Float32Array;
  /** [n] */
  readonly scores: Float64Array;
}

/**
 * Turns points that continuous attacks return into ones that the constraints allow: whole numbers are rounded every way where
 * that is few ways, one-hot groups get one category, and what is continuous takes what is left of the ball. Then one feature
 * at a time is changed while that helps, and what is continuous climbs again.
 */
export async function feasible(request: FeasibleRequest): Promise<FeasibleResult> {
  const { oracle, threat, constraints, x, keys, seed } = request;
  const size = oracle.exampleSize;
  const ball = normBall({ ...threat, constraints }, size, oracle.free);
  const searches = keys.map((key, row) => new Search(request, row, ball.radius, Random.of(seed, 'feasible', key)));
  const relaxed = new Float32Array(x.length);
  for (const row of keys.keys()) {
    const at = [row * size, (row + 1) * size] as const;
    ball.project(x.subarray(...at), Float64Array.from(request.points.subarray(...at)), relaxed.subarray(...at));
  }
  const own = (search: Search, all: Float32Array) => all.subarray(search.row * size, (search.row + 1) * size);
  if (!isDiscrete(constraints)) {
    await evaluate(request, searches, (search) => [{ choice: [], point: own(search, relaxed) }]);
  } else {
    const slopes = await request.gradient?.(
      x,
      searches.map(({ row }) => row),
    );
    await evaluate(request, searches, (search) => {
      const point = own(search, relaxed);
      const targets = [Float64Array.from(point)];
      if (slopes) {
        // As far as the example's own slope leads: a relaxed point may have spent the ball on what is rounded away.
        const far = new Float64Array(size);
        const centre = own(search, x);
        ball.steepestAscent(search.continuousOnly(own(search, slopes)), centre, far);
        targets.push(far.map((direction, i) => centre[i]! + ball.radius * direction));
      }
      return search.roundings(point, targets);
    });
    const followed = searches.flatMap((search) => search.branch(branches));
    await greedy(request, followed);
    if (request.gradient) {
      await polish(request, followed, request.gradient, (search, gradient) => {
        const target = new Float64Array(size);
        // What is discrete is held, so that it takes nothing of the step.
        ball.steepestAscent(search.continuousOnly(gradient), search.point, target);
        for (let i = 0; i < size; i++) target[i] = search.point[i]! + search.step * target[i]!;
        return target;
      });
      await greedy(request, followed);
    }
    for (const { row, choice, point, score } of followed) searches[row]!.take({ choice, point }, score);
  }
  const result = { points: x.slice(), scores: new Float64Array(keys.length) };
  for (const { row, point, score } of searches) {
    result.points.set(point, row * size);
    result.scores[row] = score;
  }
  return result;
}

async function greedy(request: FeasibleRequest, searches: readonly Search[]): Promise<void> {
  let active = searches;
  for (let round = 0; round < greedyRounds && active.length > 0; round++) {
    request.signal?.throwIfAborted();
    active = await evaluate(request, active, (search) => search.neighbours());
  }
}

async function polish(
  request: FeasibleRequest,
  searches: readonly Search[],
  gradientAt: NonNullable<FeasibleRequest['gradient']>,
  step: (search: Search, gradient: Float32Array) => Float64Array,
): Promise<void> {
  const size = request.oracle.exampleSize;
  let active = searches.filter((search) => search.hasContinuous && search.score < Number.POSITIVE_INFINITY);
  for (const search of active) search.step = search.radius / 2;
  for (let k = 0; k < polishSteps && active.length > 0; k++) {
    request.signal?.throwIfAborted();
    const points = new Float32Array(active.length * size);
    for (const [i, { point }] of active.entries()) points.set(point, i * size);
    const rows = active.map(({ row }) => row);
    const gradients = await gradientAt(points, rows);
    const targets = new Map(active.map((s, i) => [s, step(s, gradients.subarray(i * size, (i + 1) * size))]));
    const better = new Set(
      await evaluate(request, active, (search) => {
        const point = search.place(search.choice, targets.get(search)!);
        return point === null ? [] : [{ choice: search.choice, point }];
      }),
    );
    for (const search of active) if (!better.has(search)) search.step /= 2;
    active = active.filter((s) => s.score < Number.POSITIVE_INFINITY && s.step > s.radius / 100);
  }
}

interface Candidate {
  /** Values of the whole numbers, then categories of the groups. */
  readonly choice: readonly number[];
  readonly point: Float32Array;
}

/** Evaluates candidates of all searches at a time; returns the searches that got better and are not at their end. */
async function evaluate(
  { oracle, score }: FeasibleRequest,
  searches: readonly Search[],
  candidatesOf: (search: Search) => readonly Candidate[],
): Promise<Search[]> {
  const size = oracle.exampleSize;
  const all = searches.flatMap((search) => {
    const some = candidatesOf(search).slice(0, search.left);
    search.left -= some.length;
    return some.map((candidate) => ({ search, candidate }));
  });
  const points = new Float32Array(all.length * size);
  for (const [k, { candidate }] of all.entries()) points.set(candidate.point, k * size);
  const outputs = all.length === 0 ? new Float32Array(0) : await oracle.logits(points);
  const better = new Set<Search>();
  for (const [k, { search, candidate }] of all.entries()) {
    if (search.take(candidate, score(outputs, k, search.row))) better.add(search);
  }
  return [...better].filter((search) => search.score < Number.POSITIVE_INFINITY);
}

/** The search for one example. */
class Search {
  choice: readonly number[];
  point: Float32Array;
  score = Number.NEGATIVE_INFINITY;
  /** Length of a step of what is continuous. */
  step = 0;
  /** Evaluations that are left. */
  left: number;
  /** What was evaluated first, with its scores. */
  private seen: { readonly candidate: Candidate; readonly score: number }[] | null = [];
  readonly hasContinuous: boolean;
  private readonly centre: Float32Array;
  private readonly down: Float64Array;
  private readonly up: Float64Array;
  private readonly whole: readonly number[];
  private readonly groups: readonly (readonly number[])[];
  private readonly discrete: ReadonlySet<number>;

  constructor(
    private readonly request: FeasibleRequest,
    readonly row: number,
    readonly radius: number,
    private readonly random: Random,
  ) {
    const { x, oracle, constraints } = request;
    const size = oracle.exampleSize;
    this.centre = x.subarray(row * size, (row + 1) * size);
    this.down = new Float64Array(size);
    this.up = new Float64Array(size);
    reachOf(constraints, this.centre, this.down, this.up);
    const grouped = new Set(constraints.groups.flat());
    this.whole = [...constraints.integer.keys()].filter((i) => constraints.integer[i] && !grouped.has(i));
    this.groups = constraints.groups;
    this.discrete = new Set([...grouped, ...this.whole]);
    this.left = request.queries ?? Number.POSITIVE_INFINITY;
    this.hasContinuous = this.discrete.size < size;
    this.choice = this.choiceAt(this.centre);
    this.point = this.centre;
  }

  take(candidate: Candidate, score: number): boolean {
    const { choice, point } = candidate;
    this.seen?.push({ candidate, score });
    if (!(score > this.score)) return false;
    this.choice = choice;
    this.point = point;
    this.score = score;
    return true;
  }

  /** Searches that go on from the best of what was evaluated so far, each from its own. */
  branch(count: number): Search[] {
    const sorted = [...(this.seen ?? [])].sort((a, b) => b.score - a.score).slice(0, count);
    this.seen = null;
    return sorted.map(({ candidate, score }) => {
      const search = new Search(this.request, this.row, this.radius, this.random);
      search.seen = null;
      search.left = Math.floor(this.left / sorted.length);
      search.take(candidate, score);
      return search;
    });
  }

  /** The gradient without what is discrete. */
  continuousOnly(gradient: Float32Array): Float32Array {
    return gradient.map((g, i) => (this.discrete.has(i) ? 0 : g));
  }

  /** The nearest whole numbers and the likeliest categories. */
  private choiceAt(point: ArrayLike<number>): number[] {
    const { scale } = this.request.constraints;
    return [
      ...this.whole.map((i) => Math.round(point[i]! * scale[i]!)),
      ...this.groups.map((group) =>
        group.reduce((best, i) => (point[i]! * scale[i]! > point[best]! * scale[best]! ? i : best), group[0]!),
      ),
    ];
  }

  /**
   * Roundings of a relaxed point: each whole number down or up, each group as it was or as the point has it. What is continuous
   * goes toward each of the targets.
   */
  roundings(relaxed: Float32Array, targets: readonly Float64Array[]): Candidate[] {
    const { scale } = this.request.constraints;
    const nearest = this.choiceAt(relaxed);
    const clean = this.choiceAt(this.centre);
    const others = nearest.map((value, k) => {
      if (k >= this.whole.length) return clean[k]!;
      const exact = relaxed[this.whole[k]!]! * scale[this.whole[k]!]!;
      return exact > value ? value + 1 : exact < value ? value - 1 : value;
    });
    const open = [...nearest.keys()].filter((k) => others[k] !== nearest[k]);
    const masks =
      open.length <= mostChoices
        ? Array.from({ length: 2 ** open.length }, (_, mask) => open.filter((_, bit) => (mask >> bit) & 1))
        : [[], ...Array.from({ length: randomRoundings }, () => open.filter(() => this.random.uniform() < 0.5))];
    const choices = masks.map((swapped) => nearest.map((value, k) => (swapped.includes(k) ? others[k]! : value)));
    // Shrunk toward the example until it fits: half of the way, a quarter, and not at all.
    for (const share of [0.5, 0.25, 0]) {
      choices.push(nearest.map((value, k) => (k < this.whole.length ? toward(clean[k]!, value, share) : clean[k]!)));
    }
    // A category that costs too much beside the numbers may fit without them.
    choices.push([...clean.slice(0, this.whole.length), ...nearest.slice(this.whole.length)]);
    const unique = new Map([...choices, ...this.combinations()].map((choice) => [choice.join(), choice]));
    return targets.flatMap((target) => this.placed([...unique.values()], target));
  }

  /** Every choice that the ball could hold, feature by feature; none where that is too many. */
  private combinations(): number[][] {
    const options = [
      ...this.whole.map((i) => {
        const [least, most] = this.span(i);
        return Array.from({ length: Math.min(mostCombinations + 1, most - least + 1) }, (_, k) => least + k);
      }),
      ...this.groups.map((group) => [...group]),
    ];
    const count = options.reduce((product, each) => product * each.length, 1);
    if (count > mostCombinations) return [];
    return options.reduce<number[][]>((all, each) => all.flatMap((start) => each.map((v) => [...start, v])), [[]]);
  }

  /** The least and the largest whole number that a feature can reach by itself. */
  private span(i: number): readonly [number, number] {
    const unit = this.request.constraints.scale[i]!;
    const c = this.centre[i]! * unit;
    return [
      Math.ceil(c + Math.max(this.down[i]!, -this.radius) * unit - 1e-6),
      Math.floor(c + Math.min(this.up[i]!, this.radius) * unit + 1e-6),
    ];
  }

  /** Points that differ in one whole number, by one or as far as it goes, or in one category. */
  neighbours(): Candidate[] {
    const choices: number[][] = [];
    const change = (k: number, value: number) => {
      if (value !== this.choice[k]) choices.push(this.choice.map((each, j) => (j === k ? value : each)));
    };
    for (const [k, i] of this.whole.entries()) {
      const value = this.choice[k]!;
      for (const other of new Set([value - 1, value + 1, ...this.span(i)])) change(k, other);
    }
    for (const [g, group] of this.groups.entries()) for (const i of group) change(this.whole.length + g, i);
    return this.placed(choices, Float64Array.from(this.point));
  }

  private placed(choices: readonly (readonly number[])[], target: Float64Array): Candidate[] {
    return choices.flatMap((choice) => {
      const point = this.place(choice, target);
      return point === null ? [] : [{ choice, point }];
    });
  }

  /** The point with this choice that is closest to `target` in its continuous features; null if the choice is not allowed. */
  place(choice: readonly number[], target: Float64Array): Float32Array | null {
    const { constraints, threat } = this.request;
    const { scale } = constraints;
    const { norm } = threat;
    const point = this.centre.slice();
    for (const [k, i] of this.whole.entries()) point[i] = this.exact(i, choice[k]!);
    for (const [g, group] of this.groups.entries()) {
      for (const i of group) point[i] = this.exact(i, i === choice[this.whole.length + g] ? 1 : 0);
    }
    for (const i of this.discrete) {
      const change = point[i]! - this.centre[i]!;
      const slack = 1e-7 * Math.max(1 / scale[i]!, Math.abs(point[i]!));
      if (change < this.down[i]! - slack || change > this.up[i]! + slack) return null;
    }
    const spent = distance(norm, this.centre, point);
    if (spent > this.radius) return null;
    const rest =
      norm === 'linf' ? this.radius : norm === 'l1' ? this.radius - spent : Math.sqrt(this.radius ** 2 - spent ** 2);
    const size = point.length;
    const delta = new Float64Array(size);
    const [down, up] = [this.down.slice(), this.up.slice()];
    for (let i = 0; i < size; i++) {
      if (this.discrete.has(i)) down[i] = up[i] = 0;
      else delta[i] = target[i]! - this.centre[i]!;
    }
    projectDelta(norm, delta, down, up, Math.max(0, rest * (1 - 1e-9)));
    for (let i = 0; i < size; i++) if (!this.discrete.has(i)) point[i] = inward(this.centre[i]!, delta[i]!);
    return point;
  }

  /** A value in data units, in the attacks' space; the example's own where it has that value, whatever the rounding. */
  private exact(i: number, value: number): number {
    const unit = this.request.constraints.scale[i]!;
    const same = Math.round(this.centre[i]! * unit) === value;
    return same ? this.centre[i]! : Math.fround(value / unit);
  }
}

function toward(from: number, to: number, share: number): number {
  return from + Math.trunc((to - from) * share);
}
