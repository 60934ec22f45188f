import type { PitfallRule } from '../types';
import { figureText } from '../words';

/** A robust figure on its own hides its price, and a model that is robust because it is always wrong. */
export const noCleanAccuracy: PitfallRule = {
  name: 'no-clean-accuracy',
  severity: 'error',
  source: 'Carlini et al., On Evaluating Adversarial Robustness, 2019, "Report Clean Model Accuracy"',
  check(report) {
    if (report.clean !== null || report.status.state === 'running') return [];
    const robust = report.threatModels.flatMap(({ name, robustAccuracy }) =>
      robustAccuracy === null ? [] : [`robust accuracy (${name}): ${figureText(robustAccuracy)}`],
    );
    if (robust.length === 0) return [];
    return [
      {
        message: 'Robust accuracy is reported without the clean accuracy beside it.',
        evidence: robust,
        advice: 'Run the evaluation to its end, so that the same examples are measured without attack too.',
      },
    ];
  },
};
