import type { Pitfall, Report } from '../report/schema';
import { cleanAccuracyAsRobustness } from './rule/clean-accuracy-as-robustness';
import { epsilonOutOfScale } from './rule/epsilon-out-of-scale';
import { gradientMasking } from './rule/gradient-masking';
import { iterativeWeakerThanSingleStep } from './rule/iterative-weaker-than-single-step';
import { noCleanAccuracy } from './rule/no-clean-accuracy';
import { noGradient } from './rule/no-gradient';
import { noThreatModel } from './rule/no-threat-model';
import { singleWeakAttack } from './rule/single-weak-attack';
import { straightThroughGradient } from './rule/straight-through-gradient';
import { successNotGrowingWithEpsilon } from './rule/success-not-growing-with-epsilon';
import { tooFewExamples } from './rule/too-few-examples';
import { unboundedAttackFails } from './rule/unbounded-attack-fails';
import { zeroGradient } from './rule/zero-gradient';
import type { PitfallRule } from './types';

/** Verdicts before the signs that they rest on, then by how much they take from the figures. */
export const pitfallRules: readonly PitfallRule[] = [
  gradientMasking,
  noGradient,
  singleWeakAttack,
  unboundedAttackFails,
  iterativeWeakerThanSingleStep,
  successNotGrowingWithEpsilon,
  zeroGradient,
  straightThroughGradient,
  epsilonOutOfScale,
  noThreatModel,
  cleanAccuracyAsRobustness,
  noCleanAccuracy,
  tooFewExamples,
];

const gravity = { error: 0, warning: 1, info: 2 } as const;

/** All that is wrong with an evaluation, gravest first. Of a run in progress: only what later results cannot undo. */
export function checkPitfalls(report: Report): Pitfall[] {
  const found = pitfallRules.flatMap((rule) =>
    rule.check(report).map(({ message, evidence, advice, severity }) => ({
      rule: `pitfalls/${rule.name}`,
      severity: severity ?? rule.severity,
      message,
      evidence: [...evidence],
      advice,
      help: `docs/rules/pitfalls/${rule.name}.md`,
    })),
  );
  return found.sort((a, b) => gravity[a.severity] - gravity[b.severity]);
}
