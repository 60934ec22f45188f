import { finished } from '../evidence';
import type { PitfallRule } from '../types';
import { listed, percent, short } from '../words';

/** Share of saturated examples from which it is how the model is, and not how a few examples are. */
const noticeable = 0.5;

/** Attacks whose loss does not change with the scale of the logits, or that use none. */
const scaleFree = new Set([
  'apgd-dlr',
  'apgd-t',
  'fab-t',
  'fab',
  'deepfool',
  'mt-pgd',
  'corner',
  'cw',
  'square',
  'rays',
  'surfree',
  'hopskipjump',
]);

/** Scores so far apart that a textbook cross-entropy has no gradient: large-margin masking. */
export const saturatedScores: PitfallRule = {
  name: 'saturated-scores',
  severity: 'warning',
  source:
    'Carlini & Wagner, Towards Evaluating the Robustness of Neural Networks, IEEE S&P 2017, on defensive distillation; Croce & Hein, Reliable Evaluation of Adversarial Robustness, ICML 2020, section 4 on the scale of the logits',
  check(report) {
    const { scores } = report.checks;
    if (scores === undefined || scores.examples === 0 || scores.saturated < noticeable * scores.examples) return [];
    const threats = finished(report).filter(({ knowledge }) => knowledge === 'white-box');
    if (threats.length === 0) return [];
    const without = threats.filter(({ attacks }) => !attacks.some(({ name }) => scaleFree.has(name)));
    const share = percent(scores.saturated / scores.examples);
    const names = without.map(({ name }) => name);
    return [
      {
        severity: without.length === 0 ? 'info' : 'warning',
        message: `The softmax is exactly 1 in float32 for ${share} of the examples, where a textbook cross-entropy has no gradient${names.length === 0 ? '' : `; no attack on ${listed(names)} does without it`}.`,
        evidence: [
          `${scores.saturated} of ${scores.examples} examples are saturated`,
          `highest score less the second, in the middle: ${short(scores.medianMargin)}`,
        ],
        advice:
          without.length === 0
            ? 'Nothing here: attacks that do not depend on the scale of the logits ran too.'
            : 'Add `apgd-dlr` or `square`; the cross-entropy here keeps its gradient, but other tools and other attacks do not.',
        ...(without.length === 0
          ? {}
          : {
              mitigation: {
                label: 'Run the standard suite',
                command: 'rerun' as const,
                changes: { threatModels: names, suite: 'standard' as const },
              },
            }),
      },
    ];
  },
};
