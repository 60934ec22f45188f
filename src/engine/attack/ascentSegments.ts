import type { Ascent } from './ascent';
import { meanOfFinite } from './ascentWalk';
import { autoStep } from './autoStep';
import { type NormBall, normBall } from './geometry';
import { joined, type Pack, rowOf, without } from './pack';
import { isBroken } from './scores';
import { momentumWeight } from './segmentFields';
import { startPack } from './segmentStart';
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
): Promise<AttackResult | null> {
  const { oracle, x, y, budget, threat } = request;
  if (threat.norm !== 'linf' && threat.norm !== 'l2') return null;
  const runner = await oracle.segments?.({ loss: ascent.loss, norm: threat.norm, momentum: ascent.auto });
  if (!runner) return null;
  const n = y.length;
  const size = oracle.exampleSize;
  const ball = normBall(threat, size, oracle.free);
  const books: Books = {
    adversarial: x.slice(),
    success: new Uint8Array(n),
    lossTrace: [],
    zeroGradient: new Uint8Array(n),
    strongest: new Float64Array(n).fill(Number.NEGATIVE_INFINITY),
  };
  for (let restart = 0; restart < budget.restarts; restart++) {
    const rows = [...y.keys()].filter((row) => books.success[row] === 0);
    const packs: Pack[] = [];
    for (let at = 0; at < rows.length; at += oracle.batchSize) {
      const some = rows.slice(at, at + oracle.batchSize);
      packs.push(startPack(attack, request, ascent, ball, restart, some, books));
    }
    if (!(await climb(packs, restart === 0, request, runner, ball, books))) return null;
  }
  if (ball.norm === 'l2') await settle(request, runner, ball, books);
  const { adversarial, success, lossTrace, zeroGradient } = books;
  return { adversarial, success, lossTrace, zeroGradient };
}

interface Books {
  readonly adversarial: Float32Array;
  readonly success: Uint8Array;
  readonly lossTrace: number[];
  readonly zeroGradient: Uint8Array;
  readonly strongest: Float64Array;
}

/** One restart. False where the model gave losses or gradients that are not finite. */
async function climb(
  packs: Pack[],
  first: boolean,
  request: AttackRequest,
  runner: SegmentRunner,
  ball: NormBall,
  books: Books,
): Promise<boolean> {
  const { oracle, budget, signal } = request;
  const radius = ball.radius * (1 - margin);
  const trace = () => {
    if (first) books.lossTrace.push(meanOfFinite(books.strongest));
  };
  let length = 1;
  for (let done = 0; done < budget.iterations && packs.length > 0; ) {
    const most = packs.map((pack) => Math.min(runner.longest(pack.rows.length), reach(pack)));
    const iterations = Math.min(length, budget.iterations - done, ...most);
    const results: SegmentResult[] = [];
    for (const pack of packs) {
      signal?.throwIfAborted();
      const result = await runner.run(pack.fields, pack.rows.length, iterations, radius);
      if (!allFinite(result)) return false;
      results.push(result);
    }
    const ends = results.map((result, p) => endOf(result, packs[p]!.rows.length));
    for (let j = 0; j < iterations; j++) {
      packs.forEach((pack, p) => {
        note(pack, results[p]!, ends[p]!, j, books);
      });
      if (done + j > 0) trace();
    }
    if (first && done === 0) {
      packs.forEach(({ rows }, p) => {
        for (const [k, row] of rows.entries()) if (results[p]!.size[k] === 0) books.zeroGradient[row] = 1;
      });
    }
    const before = packs.reduce((sum, pack) => sum + pack.rows.length, 0);
    packs = joined(
      packs.map((pack, p) => advance(pack, results[p]!, iterations, request, ball, books)),
      oracle.batchSize,
    );
    const broken = 1 - packs.reduce((sum, pack) => sum + pack.rows.length, 0) / before;
    if (broken > 2 * wasteful) length = Math.max(1, length >> 1);
    else if (broken < wasteful) length *= broken === 0 ? 4 : 2;
    done += iterations;
  }
  // The last points are evaluated too, and need no gradient.
  for (const pack of packs) {
    signal?.throwIfAborted();
    await finish(pack, request, runner, books);
  }
  if (budget.iterations > 0 && packs.length > 0) trace();
  // All examples broke early: the best loss stays as it is, and traces of all batches have one length.
  while (first && books.lossTrace.length < budget.iterations) trace();
  return true;
}

/** Iterations before the next at which a step may be halved, which is a segment of its own. */
function reach({ schedules }: Pack): number {
  let least = Number.POSITIVE_INFINITY;
  for (const schedule of schedules) least = Math.min(least, schedule.untilCheckpoint);
  return Math.max(1, least);
}

/** Only broken examples have an infinite bar; a loss that is not finite cannot be told from it. */
function allFinite({ loss, size }: SegmentResult): boolean {
  return loss.every(Number.isFinite) && size.every(Number.isFinite);
}

/** [n]: the iteration in which each example was broken first; Infinity where in none. */
function endOf({ score }: SegmentResult, n: number): Float64Array {
  const end = new Float64Array(n).fill(Number.POSITIVE_INFINITY);
  for (let at = score.length - 1; at >= 0; at--)
    if (score[at] === Number.POSITIVE_INFINITY) end[at % n] = Math.floor(at / n);
  return end;
}

/** Takes the losses of iteration j into the books, of examples that were not broken before it. */
function note({ rows }: Pack, { loss }: SegmentResult, end: Float64Array, j: number, { strongest }: Books): void {
  const n = rows.length;
  for (let k = 0; k < n; k++) {
    if (j > end[k]!) continue;
    const row = rows[k]!;
    strongest[row] = Math.max(strongest[row]!, loss[j * n + k]!);
  }
}

/** The pack after a segment, without the examples that were broken in it. */
function advance(
  pack: Pack,
  result: SegmentResult,
  iterations: number,
  { oracle: { exampleSize } }: AttackRequest,
  ball: NormBall,
  { adversarial, success }: Books,
): Pack {
  const n = pack.rows.length;
  const after: Pack = { ...pack, fields: { ...pack.fields, ...result.carried } };
  const broken = (k: number) => result.carried.bar![k] === Number.POSITIVE_INFINITY;
  pack.rows.forEach((row, k) => {
    if (broken(k)) {
      success[row] = 1;
      adversarial.set(rowOf(after, 'strongest', k), row * exampleSize);
      return;
    }
    const schedule = pack.schedules[k];
    if (!schedule) return;
    for (let j = 0; j < iterations; j++) {
      if (result.size[j * n + k] === 0 || !schedule.observe(result.loss[j * n + k]!)) continue;
      // The step just taken was too long: from the best point instead, as the walk does. Only the last iteration can halve.
      after.fields.step![k] = schedule.step;
      const point = rowOf(after, 'x', k);
      const previous = rowOf(after, 'previous', k);
      previous.set(rowOf(pack, 'previous', k));
      point.set(rowOf(after, 'best', k));
      const gradient = rowOf(after, 'bestGradient', k);
      const centre = rowOf(after, 'centre', k);
      autoStep(ball, centre, { point, previous, gradient, step: schedule.step, weight: momentumWeight });
    }
  });
  return without(after, broken);
}

/** Evaluates the points at which a restart ends. */
async function finish(pack: Pack, request: AttackRequest, runner: SegmentRunner, books: Books): Promise<void> {
  const { oracle, y } = request;
  const { adversarial, success, strongest } = books;
  const labels = Int32Array.from(pack.rows, (row) => y[row]!);
  const { logits, loss } = await runner.evaluate(pack.fields.x!, labels);
  pack.rows.forEach((row, k) => {
    const auto = pack.fields.bestLoss !== undefined && pack.fields.bestLoss[k]! >= pack.fields.bar![k]!;
    adversarial.set(rowOf(pack, auto ? 'best' : 'strongest', k), row * oracle.exampleSize);
    const broken = isBroken(logits, k, oracle.classes, y[row]!);
    if (broken || loss[k]! > strongest[row]!) adversarial.set(rowOf(pack, 'x', k), row * oracle.exampleSize);
    if (loss[k]! > strongest[row]!) strongest[row] = loss[k]!;
    if (broken) success[row] = 1;
  });
}

/** Float32 sums can end a hair outside an l2 ball: what the exact projection moves is evaluated again. */
async function settle(
  { oracle, x, y }: AttackRequest,
  runner: SegmentRunner,
  ball: NormBall,
  { adversarial, success }: Books,
): Promise<void> {
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
  const { logits } = await runner.evaluate(
    points,
    Int32Array.from(moved, (row) => y[row]!),
  );
  moved.forEach((row, k) => {
    success[row] = isBroken(logits, k, oracle.classes, y[row]!) ? 1 : 0;
  });
}
