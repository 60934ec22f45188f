import { type ContextName, contextWeights, isContext, type TermName } from '../compare/context';
import { type AnyReport, isRegression } from '../report/regression';
import { sources } from './sources';
import { adversarialTraining } from './technique/adversarial-training';
import { confidentAdversaries } from './technique/confident-adversaries';
import { corruptionTraining } from './technique/corruption-training';
import { domainAdaptation } from './technique/domain-adaptation';
import { ensembling } from './technique/ensembling';
import { evaluateProperly } from './technique/evaluate-properly';
import { groupWeighting } from './technique/group-weighting';
import { moreExamples } from './technique/more-examples';
import { outlierExposure } from './technique/outlier-exposure';
import { randomizedSmoothing } from './technique/randomized-smoothing';
import { regularisation } from './technique/regularisation';
import { rejection } from './technique/rejection';
import { removeMasking } from './technique/remove-masking';
import { spatialTraining } from './technique/spatial-training';
import { temperatureScaling } from './technique/temperature-scaling';
import type { Finding, Recommendation, Technique } from './types';

/** All techniques; of equals in expected gain the first comes first. */
export const techniques: readonly Technique[] = [
  evaluateProperly,
  removeMasking,
  moreExamples,
  adversarialTraining,
  randomizedSmoothing,
  corruptionTraining,
  domainAdaptation,
  regularisation,
  groupWeighting,
  temperatureScaling,
  ensembling,
  rejection,
  confidentAdversaries,
  outlierExposure,
  spatialTraining,
];

/** What is assumed to be recovered where no publication tells. */
const unknownRecovery = 0.25;

/**
 * What the figures of a report ask for. Nothing is recommended that no figure asks for. Computed from the report whenever it is shown, and
 * not stored in it: reports of earlier versions get what is known today. Those that come first are what the figures cannot be read without;
 * the others stand in the order of what they are expected to gain in the context of the spec, which is a rule of thumb: the shortfall that
 * they address times the share of it that their source recovered, weighted as in docs/compare.md, less what they cost in clean accuracy.
 * Empty before the evaluation is over.
 */
export function recommend(report: AnyReport): Recommendation[] {
  if (report.status.state !== 'complete') return [];
  const context: ContextName = isContext(report.spec.context) ? report.spec.context : 'general';
  const found = techniques.flatMap((technique) => {
    const finding = isRegression(report) ? technique.checkOutputs?.(report) : technique.check(report);
    return finding ? [{ technique, recommendation: recommendationOf(technique, finding, context) }] : [];
  });
  const rank = ({ first }: Technique) => first ?? Number.POSITIVE_INFINITY;
  return found
    .sort(
      (a, b) =>
        (rank(a.technique) === rank(b.technique) ? 0 : rank(a.technique) - rank(b.technique)) ||
        (b.recommendation.gain ?? 0) - (a.recommendation.gain ?? 0),
    )
    .map(({ recommendation }) => recommendation);
}

function recommendationOf(technique: Technique, finding: Finding, context: ContextName): Recommendation {
  const { shortfall, sources: more = [], ...rest } = finding;
  const names = [...new Set([...technique.sources, ...more])];
  return {
    technique: technique.name,
    title: technique.title,
    context,
    ...rest,
    gain: technique.first === undefined ? gainOf(technique, shortfall, context) : null,
    costs: names.map((name) => sources[name]),
  };
}

function gainOf({ recovered, lost }: Technique, shortfall: Finding['shortfall'], context: ContextName): number {
  const weights = contextWeights[context];
  let gain = -lost * weights.clean;
  for (const [term, share] of Object.entries(shortfall)) {
    gain += weights[term as TermName] * share * (recovered ?? unknownRecovery);
  }
  return gain;
}
