import { conclusive, finished } from '../evidence';
import type { PitfallRule } from '../types';
import { figureText, percent } from '../words';

/** Share of examples from which it is no accident of a few saturated ones, and from which it decides the figure. */
const noticeable = 0.01;
const decisive = 0.1;

/** Gradient attacks stand still where the gradient is exactly zero, and count the example as robust. */
export const zeroGradient: PitfallRule = {
  name: 'zero-gradient',
  severity: 'error',
  source:
    'AutoAttack (Croce & Hein 2020), checks.py, check_zero_gradients; Pintor et al., Indicators of Attack Failure, NeurIPS 2022, "unavailable gradients"',
  check(report) {
    const share = report.checks.zeroGradient;
    const threats = finished(report);
    const settled = threats.length > 0 && threats.length === report.threatModels.length;
    if (share === null || share < noticeable || !settled) return [];
    return [
      {
        severity: threats.every(conclusive) ? 'info' : share < decisive ? 'warning' : 'error',
        message: `The gradient is exactly zero for ${percent(share)} of the attacked examples, so gradient attacks are blind to them.`,
        evidence: [
          `share of zero first gradients: ${percent(share)}`,
          ...threats.map(({ name, robustAccuracy }) => `robust accuracy (${name}): ${figureText(robustAccuracy!)}`),
        ],
        advice: 'Add `apgd-dlr` and `square`, and look for saturated, quantised or thresholding layers in the model.',
      },
    ];
  },
};
