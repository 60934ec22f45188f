import type { Attack, AttackBudget, AttackThreat } from '../../attack/types';
import { workKind } from '../estimate';
import { isCorrect, where } from '../state';
import { execute } from './execute';
import type { EvaluationFacts, Stage } from './stage';

interface CurveResult {
  readonly confirmed: Uint8Array;
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
    select: (state) =>
      where(state.count, (i) => {
        const threat = state.threats[threatIndex];
        if (!threat || !isCorrect(state, i) || threat.minimal.broken(i, epsilon)) return false;
        return epsilon > ownEpsilon || threat.brokenBy[i] !== -1;
      }),
    run: async (chunk, context) => ({ confirmed: (await execute(attack, budget, threat, chunk, context)).confirmed }),
    apply(state, indices, { confirmed }) {
      const minimal = state.threats[threatIndex]?.minimal;
      indices.forEach((index, i) => {
        if (confirmed[i] === 1) minimal?.record(index, epsilon);
      });
    },
    finish: (state) => void state.threats[threatIndex]?.curveDone.add(epsilon),
  };
}
