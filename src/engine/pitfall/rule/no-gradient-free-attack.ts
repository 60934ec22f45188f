import { conclusive, finished, gradientAttacks, isGradientFree } from '../evidence';
import type { Finding, PitfallRule } from '../types';
import { figureText, listed } from '../words';

/** Where these are all there is, another pitfall says so: `training-attack-only`, `similar-attacks`. */
const ofCrossEntropy = new Set(['fgsm', 'pgd', 'apgd-ce', 'pgd-odi']);

/** Nothing shows that the gradients of the model can be trusted, since no attack did without them. */
export const noGradientFreeAttack: PitfallRule = {
  name: 'no-gradient-free-attack',
  severity: 'warning',
  source:
    'Carlini et al., On Evaluating Adversarial Robustness, 2019, "Apply a Diverse Set of Attacks" (gradient-free and hard-label attacks beside white-box ones)',
  check(report) {
    return finished(report).flatMap((threat): Finding[] => {
      const { attacks } = threat;
      if (!gradientAttacks(report, threat) || attacks.some(isGradientFree) || conclusive(threat)) return [];
      if (attacks.every(({ name }) => ofCrossEntropy.has(name))) return [];
      return [
        {
          // Noise spoils comparisons of scores as well as gradients.
          severity: (report.model.random ?? []).length > 0 ? 'info' : 'warning',
          message: `Every attack on ${threat.name} uses gradients, so nothing would show if these were masked.`,
          evidence: [
            `attacks that ran: ${listed(attacks.map(({ title }) => title))}`,
            `robust accuracy (${threat.name}): ${figureText(threat.robustAccuracy!)}`,
          ],
          advice: 'Add `square` (or `sparse-rs` in l0), which asks for scores alone.',
          mitigation: {
            label: 'Add the Square Attack',
            command: 'rerun',
            changes: { threatModels: [threat.name], addAttacks: [threat.norm === 'l0' ? 'sparse-rs' : 'square'] },
          },
        },
      ];
    });
  },
};
