import { finished } from '../evidence';
import type { PitfallRule } from '../types';
import { figureText, listed } from '../words';

/** A model that gives labels alone hides its scores, not its weaknesses. */
export const labelsOnly: PitfallRule = {
  name: 'labels-only',
  severity: 'warning',
  source:
    'Carlini et al., On Evaluating Adversarial Robustness, 2019, "Apply a Diverse Set of Attacks" (hard-label attacks); Brendel, Rauber & Bethge, Decision-Based Adversarial Attacks, ICLR 2018',
  check(report) {
    if (report.model.labelsOnly !== true) return [];
    const { scoresBefore, outputs } = report.model;
    const borders = `outputs: ${outputs.map(({ name, type }) => `${name} (${type})`).join(', ')}`;
    if (scoresBefore !== undefined) {
      return [
        {
          severity: 'info',
          message: `The file returns labels; attacks by scores and gradients took what goes into its ${scoresBefore}.`,
          evidence: [borders],
          advice: 'Nothing here: whoever has the file has its scores.',
        },
      ];
    }
    const threats = finished(report);
    const ran = [...new Set(threats.flatMap(({ attacks }) => attacks.map(({ title }) => title)))];
    return [
      {
        message: `The model gives labels and no scores, so only attacks by labels could run${ran.length > 0 ? ` (${listed(ran)})` : ''}.`,
        evidence: [
          borders,
          ...threats.map(({ name, robustAccuracy }) => `robust accuracy (${name}): ${figureText(robustAccuracy!)}`),
        ],
        advice: 'Export the model with its logits and evaluate that: whoever has the file can do the same.',
      },
    ];
  },
};
