import type { Attack, AttackBudget, AttackThreat } from '../../attack/types';
import { addCost, besideCascade, type Cost, recordBroken, standingOf } from '../credit';
import { workKind } from '../estimate';
import { isAttackable, pairCount } from '../pairs';
import { where } from '../state';
import { execute } from './execute';
import { type EvaluationFacts, overPairs, type Stage } from './stage';

interface CurveResult {
  /** [n]: distance at which the example is broken, at most this ε; Infinity where it is not. */
  readonly reach: Float64Array;
  readonly cost: Cost;
}

/**
 * One ε of a threat model's robustness curve. Balls are nested, so what is broken at a smaller ε is broken at a larger
 * one: below the threat model's ε only the examples that the cascade broke are tried, above it only those that still
 * stand. The curve is thereby monotone, and meets the cascade's result at the threat model's own ε.
 */
export function curveStage(
  threatIndex: number,
  threatName: string,
  /** The threat at this ε. */
  threat: AttackThreat,
  /** ε of the threat model. */
  ownEpsilon: number,
  attack: Attack,
  budget: AttackBudget,
  passes: number,
  facts: EvaluationFacts,
): Stage<CurveResult> {
  const { epsilon } = threat;
  return {
    id: `curve/${threatName}/${epsilon}`,
    title: `Robustness curve of ${threatName} at ε = ${Number(epsilon.toPrecision(3))}`,
    kind: workKind(attack.needs),
    family: 'curve',
    passes,
    chunk: facts.unitSize,
    ...overPairs(threatIndex),
    select: (state) => {
      const of = state.threats[threatIndex];
      if (!of) return new Int32Array();
      return where(pairCount(state, of), (pair) => {
        if (of.minimal.broken(pair, epsilon) || !isAttackable(state, of, pair)) return false;
        return epsilon > ownEpsilon || of.brokenBy[pair] !== -1;
      });
    },
    async run(chunk, context) {
      const { reach, cost } = await execute(attack, budget, threat, chunk, context);
      return { reach, cost };
    },
    apply(state, indices, { reach, cost }) {
      const of = state.threats[threatIndex];
      if (!of) return;
      // Within a larger ball it may come upon a point of the smaller one.
      const tally = besideCascade(of, `${attack.title}, run for the curve`, attack, budget);
      addCost(tally, standingOf(of, indices), cost);
      indices.forEach((index, i) => {
        recordBroken(of, index, reach[i] as number, tally);
      });
    },
    finish: (state) => void state.threats[threatIndex]?.curveDone.add(epsilon),
  };
}
