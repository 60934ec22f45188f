import { name } from '../evidence';
import { argmax } from '../state';
import { samplePositions } from './check';
import type { Stage } from './stage';

/** Passes over the same examples, as AutoAttack's check for randomised defences has it (Croce & Hein 2020, `checks.py`). */
const passes = 5;
/** How far from 0, 1 and a sum of 1 probabilities may be (the same file). */
const rounding = 1e-5;

interface ForwardResult {
  /** [passes] right answers */
  readonly correct: Int32Array;
  readonly spread: number;
  /** Examples whose scores are probabilities: the file's, and those that attacks see. */
  readonly probable: number;
  readonly attackedProbable: number;
  /** [n]: 1 where file and graph predict another class. */
  readonly disagrees: Uint8Array;
}

/** Looks at the forward pass: whether it is random, what its scores are, and whether the file gives the same. */
export function forwardStage(): Stage<ForwardResult> {
  return {
    id: 'probe/forward',
    title: 'Probing the forward pass',
    kind: 'scores',
    family: 'probe-forward',
    passes: passes + 1,
    chunk: 32,
    select: (state) => samplePositions(state.count),
    async run({ x, y }, { oracle, verifier }) {
      const { classes } = oracle;
      const runs: Float32Array[] = [];
      for (let pass = 0; pass < passes; pass++) runs.push(await oracle.logits(x));
      const first = runs[0]!;
      const own = await verifier.confirm({
        x,
        adversarial: x,
        y,
        threat: { norm: 'linf', epsilon: 0, bounds: null },
      });
      const predicted = argmax(first, classes);
      const disagrees = new Uint8Array(y.length);
      for (let i = 0; i < y.length; i++) {
        // What a rounding decides is no disagreement.
        if (predicted[i] !== own.prediction[i] && !isTie(first, i, classes, own.prediction[i]!)) disagrees[i] = 1;
      }
      return {
        correct: Int32Array.from(runs, (logits) => argmax(logits, classes).filter((k, i) => k === y[i]).length),
        spread: largestSpread(runs, classes),
        probable: probabilityRows(own.scores, classes),
        attackedProbable: probabilityRows(first, classes),
        disagrees,
      };
    },
    apply({ evidence }, indices, { correct, spread, probable, attackedProbable, disagrees }) {
      evidence.forward ??= {
        examples: 0,
        correct: new Array<number>(passes).fill(0),
        spread: 0,
        probabilities: true,
        attackedProbabilities: true,
        disagreeing: [],
        disagreements: 0,
      };
      const tally = evidence.forward;
      tally.examples += indices.length;
      tally.correct = tally.correct.map((sum, pass) => sum + correct[pass]!);
      tally.spread = Math.max(tally.spread, spread);
      tally.probabilities &&= probable === indices.length;
      tally.attackedProbabilities &&= attackedProbable === indices.length;
      const differing = indices.filter((_, i) => disagrees[i] === 1);
      tally.disagreements += differing.length;
      name(tally.disagreeing, differing);
    },
  };
}

function isTie(logits: Float32Array, row: number, classes: number, other: number): boolean {
  const scores = logits.subarray(row * classes, (row + 1) * classes);
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const score of scores) {
    if (score < low) low = score;
    if (score > high) high = score;
  }
  return high - scores[other]! <= 1e-4 * Math.max(1e-6, high - low);
}

/** Largest distance between two passes' scores of an example, each of length 1. */
function largestSpread(runs: readonly Float32Array[], classes: number): number {
  const unit = runs.map((run) => normalised(run, classes));
  let largest = 0;
  for (let a = 0; a < unit.length; a++) {
    for (let b = a + 1; b < unit.length; b++) {
      const [p, q] = [unit[a]!, unit[b]!];
      for (let at = 0; at < p.length; at += classes) {
        let sum = 0;
        for (let k = at; k < at + classes; k++) sum += (p[k]! - q[k]!) ** 2;
        if (sum > largest) largest = sum;
      }
    }
  }
  return Math.sqrt(largest);
}

function normalised(rows: Float32Array, classes: number): Float64Array {
  const unit = Float64Array.from(rows);
  for (let at = 0; at < rows.length; at += classes) {
    let sum = 0;
    for (let k = at; k < at + classes; k++) sum += unit[k]! * unit[k]!;
    const length = Math.sqrt(sum);
    for (let k = at; k < at + classes && length > 0; k++) unit[k]! /= length;
  }
  return unit;
}

function probabilityRows(scores: Float32Array, classes: number): number {
  let count = 0;
  for (let at = 0; at < scores.length; at += classes) {
    let sum = 0;
    let inside = true;
    for (let k = at; k < at + classes; k++) {
      sum += scores[k]!;
      if (scores[k]! < -rounding || scores[k]! > 1 + rounding) inside = false;
    }
    if (inside && Math.abs(sum - 1) < rounding) count++;
  }
  return count;
}
