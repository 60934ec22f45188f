import { calibrationDefinitions } from './calibrationDefinitions';
import { cleanDefinitions } from './cleanDefinitions';
import { ensembleDefinitions } from './ensembleDefinitions';
import { shiftDefinitions } from './shiftDefinitions';
import { stabilityDefinitions } from './stabilityDefinitions';
import { textDefinitions } from './textDefinitions';

/** What a figure of the report means: one sentence or two, and a formula. The same words stand in docs/metrics.md. */
export interface Definition {
  readonly title: string;
  readonly text: string;
  readonly formula: string;
}

const entries = {
  accuracy: {
    title: 'Clean accuracy',
    text: 'Share of the unmodified examples that the model classifies correctly; it says nothing about robustness. Per class it equals the recall.',
    formula: 'correct / n',
  },
  precisionMacro: {
    title: 'Precision (macro)',
    text: 'Of the examples that the model assigns to a class, the share that belong to it; averaged over the classes that occur, each counting the same.',
    formula: 'mean over classes of TP / (TP + FP), 0 where a class is never predicted',
  },
  recallMacro: {
    title: 'Recall (macro)',
    text: 'Of the examples of a class, the share that the model finds; averaged over the classes that occur, each counting the same.',
    formula: 'mean over classes of TP / (TP + FN)',
  },
  f1Macro: {
    title: 'F1 (macro)',
    text: 'Harmonic mean of precision and recall of each class, averaged over the classes that occur.',
    formula: 'mean over classes of 2·TP / (2·TP + FP + FN)',
  },
  rocAuc: {
    title: 'ROC AUC (one against the rest, macro)',
    text: 'Chance that a random example of a class gets a higher probability for that class than a random example of another class, equal probabilities counting half; averaged over the classes that occur.',
    formula: 'mean over classes of (wins + ties / 2) / (positives · negatives)',
  },
  ece: {
    title: 'Expected calibration error',
    text: 'How far the confidence in the predicted class is from the accuracy, over 15 equal-width bins of confidence, weighted by their examples (Guo et al. 2017).',
    formula: 'Σ over bins of |bin| / n · |accuracy(bin) − confidence(bin)|',
  },
  ...cleanDefinitions,
  ...calibrationDefinitions,
  ...shiftDefinitions,
  ...stabilityDefinitions,
  ...ensembleDefinitions,
  ...textDefinitions,
  robustAccuracy: {
    title: 'Robust accuracy',
    text: 'Share of all examples that are classified correctly and that no attack of the threat model broke; a clean error counts as not robust. It is an upper bound: a stronger attack can only lower it.',
    formula: '(correct − broken) / n',
  },
  attackSuccessRate: {
    title: 'Attack success rate',
    text: 'Share of the examples classified correctly without attack that some attack of the threat model broke; clean errors are left out of it, so it is not 1 − robust accuracy. Of a targeted attacker: share of pairs of such an example and a target in which the model was brought to predict the target.',
    formula: 'broken / correct',
  },
  certifiedAccuracy: {
    title: 'Certified accuracy',
    text: 'Share of all examples that are classified correctly and for which it is proved that nothing within the threat model changes the class; a lower bound of the true robust accuracy.',
    formula: 'proved / n',
  },
  curve: {
    title: 'Robustness curve',
    text: 'Robust accuracy at growing ε, by the same attack at each and by every smaller perturbation that is known; at ε = 0 it is the clean accuracy (Dong et al. 2020).',
    formula: 'A(ε) = share of examples that stand at ε',
  },
  minimalNorm: {
    title: 'Smallest perturbation',
    text: 'Distance to the closest misclassified point that any attack found and the verifier confirmed, of each example of a sample, whatever ε is; 0 for a clean error, ∞ where none was found. An upper bound of the true distance. The median has an interval from order statistics.',
    formula: 'ε*(x) = min over attacks of ‖x′ − x‖, x′ misclassified',
  },
  degradation: {
    title: 'Degradation',
    text: 'Sudden collapse when more than half of the clean accuracy is lost between two points of the curve no more than half of ε apart (or neighbours), or when less than a tenth of it is left at ε; graceful otherwise.',
    formula: 'sudden if (A(a) − A(b)) / A(0) > 1/2 for some b − a ≤ ε/2, or A(ε) / A(0) < 1/10',
  },
  robustnessScore: {
    title: 'Robustness score',
    text: "Area under the robustness curve from 0 to the threat model's ε, over ε and the clean accuracy, for the worst threat model: 1 when no smaller ε costs anything. It is relative to the clean accuracy, so read the two together.",
    formula: 'min over threat models of ∫₀^ε A(e) de / (ε · A(0))',
  },
  stabilityIndex: {
    title: 'Stability index',
    text: 'Mean over corruptions and severities of the share of examples whose predicted class is the same as without the corruption, whether it is right or wrong.',
    formula: 'mean over (corruption, severity) of unchanged / n',
  },
  meanAccuracy: {
    title: 'Mean corruption accuracy',
    text: 'Mean over corruptions and severities of the share of examples that are classified correctly under the corruption.',
    formula: 'mean over (corruption, severity) of correct / n',
  },
  mCE: {
    title: 'Mean corruption error',
    text: "Mean over corruptions of the model's error, summed over severities, relative to that of a reference model: 100 % is as bad as it. With AlexNet's published errors on ImageNet-C it is that benchmark's figure (Hendrycks & Dietterich 2019), and means nothing on other data. The interval takes the reference as exact.",
    formula: 'mean over corruptions of Σₛ E(c, s) / Σₛ E_ref(c, s)',
  },
  relativeMCE: {
    title: 'Relative mean corruption error',
    text: 'Likewise of the errors beyond those without corruption: how much more is lost than the reference loses (Hendrycks & Dietterich 2019). Corruptions that cost the reference nothing are left out.',
    formula: 'mean over corruptions of Σₛ (E(c, s) − E(clean)) / Σₛ (E_ref(c, s) − E_ref(clean))',
  },
  interval: {
    title: '95 % interval',
    text: 'Range of values that the sample is compatible with: the Wilson score interval for shares, the percentile bootstrap stratified by class for the other figures. It covers the choice of examples, not the strength of the attacks.',
    formula: '(p + z²/2n ± z·√(p(1 − p)/n + z²/4n²)) / (1 + z²/n), z = 1.96',
  },
} as const satisfies Record<string, Definition>;

export type MetricName = keyof typeof entries;

/** Definitions by the name that the figure has in the report's schema. */
export const definitions: Readonly<Record<MetricName, Definition>> = entries;
