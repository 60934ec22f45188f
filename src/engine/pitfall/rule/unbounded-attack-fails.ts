import type { Report } from '../../report/schema';
import { chance } from '../evidence';
import type { PitfallRule } from '../types';
import { figureText, percent } from '../words';

/** Share left standing from which it is not the odd example at a flat spot of the loss. */
const noticeable = 0.02;

/** An attacker who may change everything can turn any example into another; an attack that cannot is broken. */
export const unboundedAttackFails: PitfallRule = {
  name: 'unbounded-attack-fails',
  severity: 'error',
  source:
    'Carlini et al., On Evaluating Adversarial Robustness, 2019, "Generate An Accuracy versus Perturbation Curve"; Athalye, Carlini & Wagner, Obfuscated Gradients Give a False Sense of Security, ICML 2018, "Identifying Obfuscated & Masked Gradients"',
  check(report) {
    return failingUnbounded(report).map(({ threatModel, accuracy, decided }) => ({
      severity: decided ? 'error' : 'warning',
      message: `An attacker without limit still leaves ${percent(accuracy.value)} right (${threatModel}); a working attack leaves none.`,
      evidence: [`accuracy under the unbounded attack: ${figureText(accuracy)}`],
      advice:
        'Distrust the robust figure; check that the attack sees the whole model and that its gradient is not masked.',
    }));
  },
};

/** Threat models whose unbounded attack left examples standing; `decided` where neither luck nor reach explains it. */
export function failingUnbounded(report: Report) {
  return report.checks.unbounded
    .filter(({ accuracy }) => accuracy.value >= noticeable && Math.round(accuracy.value * accuracy.n) >= 2)
    .map((check) => {
      // Where data have no bounds, a large ε stands for none, and may honestly be too small.
      const bounds = report.threatModels.find(({ name }) => name === check.threatModel)?.bounds;
      return { ...check, decided: bounds != null && check.accuracy.value > Math.max(0.1, chance(report)) };
    });
}
