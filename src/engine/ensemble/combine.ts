import type { Combination } from '../spec/ensemble';
import type { Scale } from './scale';
import { tieBreak } from './tieBreak';

/** Probabilities below this are taken for it: the logarithm of 0 is no score. The graph has the same floor. */
export const leastProbability = 1e-30;

export interface Rule {
  readonly combine: Combination;
  /** By member; positive, of sum 1. */
  readonly weights: readonly number[];
  /** By member. */
  readonly scales: readonly Scale[];
}

/**
 * Combines what the members' own files return, in float64, with no code in common with the graph that attacks see.
 *
 * The result: of `mean-logits` the weighted mean of logits, where a file with probabilities counts with their logarithms (the
 * same but for a number that all classes share); of `mean-probabilities` the logarithm of the weighted mean; of `vote` the
 * logarithm of each class's share of the votes, to which the mean probability adds less than any difference of votes, so that
 * it decides between equal ones alone. Of outputs of a regression the weighted mean.
 *
 * @param rows by member, [n, classes]
 * @returns [n, classes]
 */
export function combineScores(rows: readonly Float32Array[], classes: number, rule: Rule): Float32Array {
  const { combine, weights, scales } = rule;
  const length = rows[0]?.length ?? 0;
  const result = new Float32Array(length);
  const bonus = combine === 'vote' ? tieBreak(weights) : 0;
  const sum = new Float64Array(classes);
  const scores = new Float64Array(classes);
  for (let at = 0; at < length; at += classes) {
    sum.fill(0);
    for (let m = 0; m < rows.length; m++) {
      const weight = weights[m]!;
      const scale = scales[m]!;
      toScores(rows[m]!, at, scale, scores);
      if (combine === 'vote') sum[highest(scores)]! += weight;
      if (combine !== 'mean-logits') {
        if (scale !== 'labels') softmax(scores);
        else for (let k = 0; k < classes; k++) scores[k] = rows[m]![at + k]!;
      }
      const counts = combine === 'vote' ? weight * bonus : weight;
      for (let k = 0; k < classes; k++) sum[k]! += counts * scores[k]!;
    }
    for (let k = 0; k < classes; k++) {
      if (combine === 'mean-logits') result[at + k] = sum[k]!;
      else result[at + k] = Math.log(floored(combine === 'vote' ? sum[k]! / (1 + bonus) : sum[k]!));
    }
  }
  return result;
}

/** One row on a scale on which softmax gives the member's probabilities; outputs of a regression as they are. */
function toScores(row: Float32Array, at: number, scale: Scale, into: Float64Array): void {
  const logarithm = scale === 'probabilities' || scale === 'shares' || scale === 'plain-probabilities';
  for (let k = 0; k < into.length; k++) into[k] = logarithm ? Math.log(floored(row[at + k]!)) : row[at + k]!;
}

/** NaN stays NaN: a score that is none must not pass for a small one. */
function floored(value: number): number {
  return Math.max(value, leastProbability);
}

function softmax(scores: Float64Array): void {
  const top = scores[highest(scores)]!;
  let sum = 0;
  for (let k = 0; k < scores.length; k++) {
    scores[k] = Math.exp(scores[k]! - top);
    sum += scores[k]!;
  }
  for (let k = 0; k < scores.length; k++) scores[k]! /= sum;
}

/** Position of the highest number; the first of several. */
function highest(scores: Float64Array): number {
  let best = 0;
  for (let k = 1; k < scores.length; k++) if (scores[k]! > scores[best]!) best = k;
  return best;
}
