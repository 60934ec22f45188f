import type { GraphBuilder } from '../onnx/builder';
import type { Combination } from '../spec/ensemble';
import { leastProbability } from './combine';
import type { Scale } from './scale';
import { tieBreak } from './tieBreak';

export interface MemberScores {
  /** Name of the member's logits [N, classes]. */
  readonly logits: string;
  readonly scale: Scale;
  readonly weight: number;
}

export interface Combined {
  /** [N, classes]: what losses and gradients are of. */
  readonly logits: string;
  /** [N, classes]: what decides, where that is something else: the votes. */
  readonly decision?: string;
  /** [N, classes]: the mean of logits, where that is not what decides: it has a gradient where sure members leave the others none. */
  readonly meanLogits?: string;
}

/** Appends the nodes that make one answer of several: see `combineScores` for what they compute. */
export function appendCombination(
  b: GraphBuilder,
  members: readonly MemberScores[],
  combine: Combination,
  classes: number,
): Combined {
  const scaled = members.map((member) => b.op('Mul', [scoresOf(b, member), b.scalar(member.weight)]));
  const meanLogits = sum(b, scaled);
  if (combine === 'mean-logits') return { logits: meanLogits };
  const logs = members.map((member) => b.op('LogSoftmax', [scoresOf(b, member)], { axis: 1 }));
  const logits = logOfMean(b, members, logs);
  if (combine === 'mean-probabilities') return { logits, meanLogits };

  const bonus = tieBreak(members.map(({ weight }) => weight));
  const votes = members.map((member) => {
    // Of equal scores the first class is the prediction, as everywhere.
    const winner = b.op('ArgMax', [scoresOf(b, member)], { axis: 1, keepdims: 0 });
    const row = b.op('OneHot', [winner, b.intScalar(classes), b.floats([0, 1])], { axis: 1 });
    return { ...member, row };
  });
  const shares = sum(
    b,
    votes.map(({ row, weight }) => b.op('Mul', [row, b.scalar(weight)])),
  );
  // A file that names classes alone has no other probability than the class that it names.
  const probabilities = sum(
    b,
    votes.map(({ row, weight, scale }, m) =>
      b.op('Mul', [scale === 'labels' ? row : b.op('Exp', [logs[m]!]), b.scalar(weight)]),
    ),
  );
  const total = b.op('Add', [shares, b.op('Mul', [probabilities, b.scalar(bonus)])]);
  const share = b.op('Div', [total, b.scalar(1 + bonus)]);
  return { logits, meanLogits, decision: log(b, b.op('Max', [share, b.scalar(leastProbability)])) };
}

/** A member's scores on a scale on which softmax gives its probabilities. */
function scoresOf(b: GraphBuilder, { logits, scale }: MemberScores): string {
  if (scale === 'shares') return b.op('Neg', [b.op('Softplus', [b.op('Neg', [logits])])]);
  if (scale === 'plain-probabilities') return log(b, b.op('Max', [logits, b.scalar(leastProbability)]));
  return logits;
}

/**
 * The logarithm of each element, as that of a sum of one. ONNX Runtime's `Log` takes several elements at once and the last few of a
 * tensor one by one, by another formula: the last bit of a score would depend on the size of the batch.
 */
function log(b: GraphBuilder, x: string): string {
  const apart = b.op('Unsqueeze', [x, b.ints([-1])]);
  return b.op('ReduceLogSum', [apart, b.ints([-1])], { keepdims: 0 });
}

/** log Σ w·p over the members, without leaving the logarithms: where all probabilities of a class vanish its gradient stays. */
function logOfMean(b: GraphBuilder, members: readonly MemberScores[], logs: readonly string[]): string {
  const shifted = logs.map((log, m) => {
    const weighed = b.op('Add', [log, b.scalar(Math.log(members[m]!.weight))]);
    return b.op('Unsqueeze', [weighed, b.ints([0])]);
  });
  return b.op('ReduceLogSumExp', [b.op('Concat', shifted, { axis: 0 }), b.ints([0])], { keepdims: 0 });
}

function sum(b: GraphBuilder, terms: readonly string[]): string {
  return terms.reduce((total, term) => b.op('Add', [total, term]));
}
