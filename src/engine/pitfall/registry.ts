import type { Pitfall, Report } from '../report/schema';
import { attackedGraphDiffers } from './rule/attacked-graph-differs';
import { blackBoxBeatsWhiteBox } from './rule/black-box-beats-white-box';
import { cleanAccuracyAsRobustness } from './rule/clean-accuracy-as-robustness';
import { clippedInput } from './rule/clipped-input';
import { ensembleAttackedInParts } from './rule/ensemble-attacked-in-parts';
import { epsilonOutOfScale } from './rule/epsilon-out-of-scale';
import { gradientMasking } from './rule/gradient-masking';
import { incompleteOptimisation } from './rule/incomplete-optimisation';
import { incompleteThreatModel } from './rule/incomplete-threat-model';
import { infeasibleDistances } from './rule/infeasible-distances';
import { iterativeWeakerThanSingleStep } from './rule/iterative-weaker-than-single-step';
import { labelsOnly } from './rule/labels-only';
import { mismatchedPreprocessing } from './rule/mismatched-preprocessing';
import { moreEffortSucceeds } from './rule/more-effort-succeeds';
import { noCleanAccuracy } from './rule/no-clean-accuracy';
import { noGradient } from './rule/no-gradient';
import { noGradientFreeAttack } from './rule/no-gradient-free-attack';
import { noThreatModel } from './rule/no-threat-model';
import { overfitting } from './rule/overfitting';
import { probabilitiesAsScores } from './rule/probabilities-as-scores';
import { randomForwardPass } from './rule/random-forward-pass';
import { randomNoiseSucceeds } from './rule/random-noise-succeeds';
import { saturatedScores } from './rule/saturated-scores';
import { similarAttacks } from './rule/similar-attacks';
import { singleClassPredicted } from './rule/single-class-predicted';
import { singleWeakAttack } from './rule/single-weak-attack';
import { straightThroughGradient } from './rule/straight-through-gradient';
import { successNotGrowingWithEpsilon } from './rule/success-not-growing-with-epsilon';
import { targetedOnly } from './rule/targeted-only';
import { tooFewExamples } from './rule/too-few-examples';
import { trainTestOverlap } from './rule/train-test-overlap';
import { trainingAttackOnly } from './rule/training-attack-only';
import { unbalancedTestSet } from './rule/unbalanced-test-set';
import { unboundedAttackFails } from './rule/unbounded-attack-fails';
import { unstableScores } from './rule/unstable-scores';
import { unusableGradient } from './rule/unusable-gradient';
import { weakSuite } from './rule/weak-suite';
import { zeroGradient } from './rule/zero-gradient';
import type { PitfallRule } from './types';

/** Verdicts before the signs that they rest on, then by how much they take from the figures. */
export const pitfallRules: readonly PitfallRule[] = [
  mismatchedPreprocessing,
  singleClassPredicted,
  gradientMasking,
  noGradient,
  ensembleAttackedInParts,
  labelsOnly,
  attackedGraphDiffers,
  singleWeakAttack,
  unboundedAttackFails,
  iterativeWeakerThanSingleStep,
  successNotGrowingWithEpsilon,
  zeroGradient,
  unusableGradient,
  probabilitiesAsScores,
  unstableScores,
  randomForwardPass,
  randomNoiseSucceeds,
  infeasibleDistances,
  moreEffortSucceeds,
  trainTestOverlap,
  overfitting,
  epsilonOutOfScale,
  blackBoxBeatsWhiteBox,
  straightThroughGradient,
  saturatedScores,
  clippedInput,
  trainingAttackOnly,
  similarAttacks,
  noGradientFreeAttack,
  incompleteOptimisation,
  weakSuite,
  targetedOnly,
  noThreatModel,
  incompleteThreatModel,
  cleanAccuracyAsRobustness,
  noCleanAccuracy,
  unbalancedTestSet,
  tooFewExamples,
];

const gravity = { error: 0, warning: 1, info: 2 } as const;

/** All that is wrong with an evaluation, gravest first. Of a run in progress: only what later results cannot undo. */
export function checkPitfalls(report: Report): Pitfall[] {
  const found = pitfallRules.flatMap((rule) =>
    rule.check(report).map(({ message, evidence, advice, severity, mitigation }) => ({
      rule: `pitfalls/${rule.name}`,
      severity: severity ?? rule.severity,
      message,
      evidence: [...evidence],
      advice,
      help: `docs/rules/pitfalls/${rule.name}.md`,
      ...(mitigation === undefined ? {} : { mitigation }),
    })),
  );
  return found.sort((a, b) => gravity[a.severity] - gravity[b.severity]);
}
