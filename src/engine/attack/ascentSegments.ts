import { discard } from '../discard';
import type { Ascent, Run } from './ascent';
import { meanOfFinite } from './ascentWalk';
import { autoStep } from './autoStep';
import { type NormBall, normBall } from './geometry';
import { goalOf } from './goal';
import { joined, type Pack, rowOf, without } from './pack';
import { momentumWeight } from './segmentFields';
import { limitsOf, startPack } from './segmentStart';
import type { Attack, AttackRequest, AttackResult, SegmentResult, SegmentRunner } from './types';

/** An l2 ball in the graph is smaller by this share, so that float32 sums do not end outside the true one. */
const margin = 2e-6;

/** Segments get longer while fewer than this share of the examples break in one, shorter where more than twice as many do. */
const wasteful = 0.1;

/**
 * The ascent of `ascentWalk.ts`, with the iterations inside the model's graph, several at a time. The books are the same. An
 * example that is broken in a segment leaves the batch after it.
 *
 * How long segments are depends on the model and on outcomes alone, never on the clock: a batch's composition can change the
 * last bit of a result, and the same run must give the same report.
 *
 * @returns null where this cannot be done: the norm, the oracle, or numbers that are not finite.
 */
export async function ascendInSegments(
  attack: Attack,
  request: AttackRequest,
  ascent: Ascent,
  runs: readonly Run[],
): Promise<AttackResult | null> {
  const { oracle, x, y, threat } = request;
  if ((threat.norm !== 'linf' && threat.norm !== 'l2') || threat.constraints) return null;
  const runner = await oracle.segments?.({
    loss: ascent.loss,
    norm: threat.norm,
    momentum: ascent.auto,
    ...(request.targets ? { targeted: true } : {}),
  });
  if (!runner) return null;
  const n = y.length;
  const size = oracle.exampleSize;
  const ball = normBall(threat, size, oracle.free);
  const limits = limitsOf(ball, request);
  const books: Books = {
    adversarial: x.slice(),
    success: new Uint8Array(n),
    lossTrace: [],
    zeroGradient: new Uint8Array(n),
    strongest: new Float64Array(n).fill(Number.NEGATIVE_INFINITY),
    height: new Float64Array(n).fill(Number.NEGATIVE_INFINITY),
  };
  for (const [turn, run] of runs.entries()) {
    const rows = [...y.keys()].filter((row) => books.success[row] === 0);
    const place = await run.place?.(rows);
    const packs: Pack[] = [];
    for (let at = 0; at < rows.length; at += oracle.batchSize) {
      const some = rows.slice(at, at + oracle.batchSize);
      packs.push(startPack(attack, request, ascent, ball, limits, run, some, books, place));
    }
    if (!(await climb(packs, turn === 0, request, ascent, runner, ball, books))) return null;
  }
  discard(new Set([limits.low, limits.high]));
  if (ball.norm === 'l2') await settle(request, ball, books);
  const { adversarial, success, lossTrace, zeroGradient } = books;
  return { adversarial, success, lossTrace, zeroGradient };
}

interface Books {
  readonly adversarial: Float32Array;
  readonly success: Uint8Array;
  readonly lossTrace: number[];
  readonly zeroGradient: Uint8Array;
  /** [n]: the largest loss so far. */
  readonly strongest: Float64Array;
  /** [n]: the loss of what `adversarial` holds, infinite where that is broken. */
  readonly height: Float64Array;
}

/** Losses of one iteration, in all packs. */
interface Noted {
  readonly rows: number[];
  readonly losses: number[];
}

/** One restart. False where the model gave losses or gradients that are not finite. */
async function climb(
  packs: Pack[],
  first: boolean,
  request: AttackRequest,
  ascent: Ascent,
  runner: SegmentRunner,
  ball: NormBall,
  books: Books,
): Promise<boolean> {
  const { oracle, budget, signal } = request;
  const radius = ball.radius * (1 - margin);
  const trace = () => {
    if (first) books.lossTrace.push(meanOfFinite(books.strongest));
  };
  // What is broken at once waits for the rest of its segment.
  let length = runner.first;
  for (let done = 0; done < budget.iterations && packs.length > 0; ) {
    const before = examplesIn(packs);
    const iterations = Math.min(length, budget.iterations - done);
    const last = done + iterations === budget.iterations;
    // One more, in which the last points may be evaluated.
    const noted = Array.from({ length: iterations + 1 }, (): Noted => ({ rows: [], losses: [] }));
    const after: Pack[] = [];
    for (let pack of packs) {
      for (let at = 0; at < iterations && pack.rows.length > 0; ) {
        signal?.throwIfAborted();
        const n = pack.rows.length;
        const most = Math.min(iterations - at, runner.longest(n), reach(pack));
        const ends = last && runner.brief && !ascent.auto && at + most === iterations;
        const result = await runner.run(pack.fields, n, ends ? most + 1 : most, radius, !ends);
        if (!allFinite(result)) return false;
        if (first && done + at === 0) noteFlat(pack, result, books);
        note(pack, result, noted, at);
        const before = pack;
        pack = advance(pack, result, request, ball, books);
        at += result.iterations;
        if (ends) pack = none;
        discardPoints(before, result, pack);
      }
      after.push(pack);
    }
    noted.forEach(({ rows, losses }, j) => {
      rows.forEach((row, k) => {
        books.strongest[row] = Math.max(books.strongest[row]!, losses[k]!);
      });
      if (done + j > 0 && j < iterations) trace();
    });
    packs = joined(after, oracle.batchSize);
    const broken = 1 - examplesIn(packs) / before;
    if (broken > 2 * wasteful) length = Math.max(1, length >> 1);
    else if (broken < wasteful) length *= broken === 0 ? 4 : 2;
    done += iterations;
  }
  // The last points are evaluated too, and need no gradient. Where passes are brief, the last segment has done so.
  for (const pack of packs) {
    signal?.throwIfAborted();
    await finish(pack, request, runner, books);
    discardPoints(pack, null, none);
  }
  // What the last points are worth. Where all examples broke early, the best loss stays: traces of all batches have one length.
  while (first && books.lossTrace.length < budget.iterations) trace();
  return true;
}

/** Points that no later iteration reads. */
function discardPoints({ fields }: Pack, result: SegmentResult | null, after: Pack): void {
  const kept = new Set(Object.values(after.fields));
  // What starts at the examples starts at the caller's own array.
  for (const clean of [fields.centre, after.fields.centre]) if (clean) kept.add(clean);
  const passing = [
    fields.x!,
    fields.previous!,
    ...Object.values(result?.carried ?? {}),
    ...Object.values(result?.ended ?? {}),
  ];
  discard(new Set(passing.filter((points) => !kept.has(points))));
}

const none: Pack = { rows: [], fields: {}, schedules: [] };

function examplesIn(packs: readonly Pack[]): number {
  return packs.reduce((sum, { rows }) => sum + rows.length, 0);
}

/** Iterations that a segment may have: a step may be halved after the last one, and the first one has a weight of its own. */
function reach({ schedules, fields }: Pack): number {
  if (fields.weight?.some((weight) => weight !== momentumWeight)) return 1;
  let least = Number.POSITIVE_INFINITY;
  for (const schedule of schedules) least = Math.min(least, schedule.untilCheckpoint);
  return least + 1;
}

/** Only broken examples have an infinite score; a loss that is not finite cannot be told from it. */
function allFinite({ loss, size }: SegmentResult): boolean {
  return loss.every(Number.isFinite) && size.every(Number.isFinite);
}

function noteFlat({ rows }: Pack, { size }: SegmentResult, { zeroGradient }: Books): void {
  for (const [k, row] of rows.entries()) if (size[k] === 0) zeroGradient[row] = 1;
}

/** Takes losses down, from iteration `from` on: of each example up to the one in which it is first broken. */
function note({ rows }: Pack, { loss, score, iterations }: SegmentResult, noted: readonly Noted[], from: number): void {
  const n = rows.length;
  for (let k = 0; k < n; k++) {
    for (let j = 0; j < iterations; j++) {
      const { rows: those, losses } = noted[from + j]!;
      those.push(rows[k]!);
      losses.push(loss[j * n + k]!);
      if (score[j * n + k] === Number.POSITIVE_INFINITY) break;
    }
  }
}

/** The pack after a segment, without the examples that were broken in it. */
function advance(
  pack: Pack,
  result: SegmentResult,
  { x, oracle: { exampleSize: size } }: AttackRequest,
  ball: NormBall,
  { adversarial, success, height }: Books,
): Pack {
  const n = pack.rows.length;
  const last = (result.iterations - 1) * n;
  const { x: point, previous, earlier, gradientBefore } = result.carried as Record<string, Float32Array>;
  const after: Pack = { ...pack, fields: { ...pack.fields, ...(point && { x: point }), previous: previous! } };
  const { bar, top, best, bestGradient, weight, step } = after.fields;
  const records = recordsOf(pack, result);
  const at = (values: Float32Array, k: number) => values.subarray(k * size, (k + 1) * size);
  pack.rows.forEach((row, k) => {
    const raise = (score: number, candidate: Float32Array) => {
      if (!(score > height[row]!)) return;
      height[row] = score;
      adversarial.set(candidate, row * size);
    };
    const record = records[k]!;
    if (record.ended !== null) {
      bar![k] = record.score;
      const ended = at(result.ended.point!, record.ended);
      raise(record.score, ended);
      best?.set(ended, k * size);
      bestGradient?.set(at(result.ended.gradient!, record.ended), k * size);
    } else if (record.score > bar![k]!) {
      bar![k] = record.score;
      raise(record.score, at(previous!, k));
      best?.set(at(previous!, k), k * size);
      bestGradient?.set(at(gradientBefore!, k), k * size);
    }
    // With momentum, a point on a plateau is no record, but may be the strongest; then it is the last.
    if (result.size[last + k] === 0) raise(result.score[last + k]!, at(previous!, k));
    if (height[row] === Number.POSITIVE_INFINITY) {
      success[row] = 1;
      return;
    }
    if (top) top[k] = height[row]!;
    if (weight) weight[k] = momentumWeight;
    const schedule = pack.schedules[k];
    if (!schedule) return;
    for (let j = 0; j < result.iterations; j++) {
      if (result.size[j * n + k] === 0 || !schedule.observe(result.loss[j * n + k]!)) continue;
      // The step just taken was too long: from the best point instead, as the walk does. Only the last iteration can halve.
      step![k] = schedule.step;
      const to = at(point!, k);
      to.set(at(best!, k));
      const from = at(previous!, k);
      from.set(at(earlier!, k));
      const gradient = at(bestGradient!, k);
      const centre = x.subarray(row * size, (row + 1) * size);
      autoStep(ball, centre, { point: to, previous: from, gradient, step: schedule.step, weight: momentumWeight });
    }
  });
  return without(after, (k) => success[pack.rows[k]!] === 1);
}

/** The highest score that an example had in a segment, and where its point lies among the ended ones; null for the last. */
interface SegmentRecord {
  score: number;
  ended: number | null;
}

/** What the graph's own comparisons gave, by the same float32 numbers. */
function recordsOf({ fields, rows, schedules }: Pack, { score, size, iterations }: SegmentResult): SegmentRecord[] {
  const n = rows.length;
  const records = Array.from(fields.bar!, (bar): SegmentRecord => ({ score: bar, ended: null }));
  const held = new Uint8Array(n);
  let ended = 0;
  for (let j = 0; j < iterations; j++) {
    for (let k = 0; k < n; k++) {
      const at = j * n + k;
      const record = records[k]!;
      const higher =
        score[at]! > record.score &&
        !(schedules.length > 0 && size[at] === 0 && score[at] !== Number.POSITIVE_INFINITY);
      if (held[k] === 1 && !higher) record.ended = ended++;
      if (higher) {
        record.score = score[at]!;
        record.ended = null;
      }
      held[k] = higher ? 1 : 0;
    }
  }
  return records;
}

/** Evaluates the points at which a restart ends. */
async function finish(pack: Pack, request: AttackRequest, runner: SegmentRunner, books: Books): Promise<void> {
  const { oracle, y } = request;
  const { adversarial, success, strongest, height } = books;
  const labels = Int32Array.from(pack.rows, (row) => y[row]!);
  const { logits, loss } = await runner.evaluate(pack.fields.x!, labels, pack.fields.aim);
  const goal = goalOf(request);
  pack.rows.forEach((row, k) => {
    const broken = goal.reached(logits, k, row);
    const score = broken ? Number.POSITIVE_INFINITY : loss[k]!;
    if (score > height[row]!) {
      height[row] = score;
      adversarial.set(rowOf(pack, 'x', k), row * oracle.exampleSize);
    }
    if (loss[k]! > strongest[row]!) strongest[row] = loss[k]!;
    if (broken) success[row] = 1;
  });
}

/** Float32 sums can end a hair outside an l2 ball: what the exact projection moves is evaluated again. */
async function settle(request: AttackRequest, ball: NormBall, { adversarial, success }: Books): Promise<void> {
  const { oracle, x, y } = request;
  const goal = goalOf(request);
  const size = oracle.exampleSize;
  const projected = new Float32Array(size);
  const moved: number[] = [];
  for (const row of y.keys()) {
    const point = adversarial.subarray(row * size, (row + 1) * size);
    ball.project(x.subarray(row * size, (row + 1) * size), Float64Array.from(point), projected);
    if (success[row] === 1 && projected.some((value, i) => value !== point[i])) moved.push(row);
    point.set(projected);
  }
  if (moved.length === 0) return;
  const points = new Float32Array(moved.length * size);
  moved.forEach((row, k) => {
    points.set(adversarial.subarray(row * size, (row + 1) * size), k * size);
  });
  const logits = await oracle.logits(points);
  moved.forEach((row, k) => {
    success[row] = goal.reached(logits, k, row) ? 1 : 0;
  });
}
