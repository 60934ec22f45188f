import { conclusive, finished, gradientAttacks, isIterative } from '../evidence';
import type { Finding, PitfallRule } from '../types';
import { figureText, listed } from '../words';

/** What adversarial training trains against (Madry et al. 2018). */
const trainedAgainst = new Set(['fgsm', 'pgd']);

/** A network that was trained against PGD, and is attacked by PGD alone, shows what it has learnt and no more. */
export const trainingAttackOnly: PitfallRule = {
  name: 'training-attack-only',
  severity: 'warning',
  source:
    'Carlini et al., On Evaluating Adversarial Robustness, 2019, "Use Attacks Not Used in Training"; Tramèr et al., On Adaptive Attacks to Adversarial Example Defenses, NeurIPS 2020',
  check(report) {
    return finished(report).flatMap((threat): Finding[] => {
      const ran = threat.attacks;
      const only = ran.length > 0 && ran.every(({ name }) => trainedAgainst.has(name));
      // Attacks too weak for anything are another pitfall.
      const serious = ran.some((attack) => isIterative(attack) && attack.iterations >= 10);
      if (!gradientAttacks(report, threat) || !only || !serious || conclusive(threat)) return [];
      return [
        {
          message: `${threat.name} was attacked by ${listed(ran.map(({ title }) => title))} alone, which adversarial training trains against.`,
          evidence: [
            ...ran.map((a) => `${a.title}: broke ${a.broken} of ${a.attempted}`),
            `robust accuracy (${threat.name}): ${figureText(threat.robustAccuracy!)}`,
          ],
          advice: 'Add attacks with another loss and without gradients: the suite `standard` has them.',
          mitigation: {
            label: 'Run the standard suite',
            command: 'rerun',
            changes: { threatModels: [threat.name], suite: 'standard' },
          },
        },
      ];
    });
  },
};
