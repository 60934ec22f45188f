import type { Report, ThreatModelReport } from '../../report/schema';
import { conclusive, finished, isGradientFree } from '../evidence';
import type { Finding, PitfallRule } from '../types';
import { figureText, listed } from '../words';

/** The gradient is an estimate, and no attack that does without it has checked what the estimate missed. */
export const straightThroughGradient: PitfallRule = {
  name: 'straight-through-gradient',
  severity: 'warning',
  source:
    'Athalye, Carlini & Wagner, Obfuscated Gradients Give a False Sense of Security, ICML 2018, "Backward Pass Differentiable Approximation"; Carlini et al., On Evaluating Adversarial Robustness, 2019, "Apply a diverse set of attacks" (gradient-free ones beside white-box ones)',
  check(report) {
    const { available, straightThrough } = report.model.gradient;
    if (!available || straightThrough.length === 0) return [];
    return finished(report)
      .filter((threat) => threat.knowledge === 'white-box' && !gradientFreeRan(threat))
      .map((threat) => findingOf(report, threat));
  },
};

/** An attack without gradients counts where something was left for it to try. */
function gradientFreeRan(threat: ThreatModelReport): boolean {
  return threat.attacks.some((attack) => isGradientFree(attack) && attack.attempted > 0);
}

function findingOf(report: Report, threat: ThreatModelReport): Finding {
  const { straightThrough } = report.model.gradient;
  const estimated = listed(straightThrough);
  return {
    // At (almost) zero the figure stands, whatever the gradient was worth.
    severity: conclusive(threat) ? 'info' : 'warning',
    message: `The gradient through ${estimated} is an estimate, and no attack on ${threat.name} did without it.`,
    evidence: [
      `operators with a straight-through estimate: ${estimated}`,
      ...threat.attacks.map((a) => `${a.title}: broke ${a.broken} of ${a.attempted}`),
      `robust accuracy (${threat.name}): ${figureText(threat.robustAccuracy!)}`,
    ],
    advice: 'Add `square`, which asks for scores alone, to the attacks of this threat model.',
  };
}
