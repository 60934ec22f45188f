import { conclusive, finished, gradientAttacks } from '../evidence';
import type { Finding, PitfallRule } from '../types';
import { figureText, listed } from '../words';

/** Ascents of the cross-entropy: where its gradient misleads one, it misleads all. */
const ofCrossEntropy = new Set(['fgsm', 'pgd', 'apgd-ce']);
/** Alone, these are another pitfall: `training-attack-only`. */
const basic = new Set(['fgsm', 'pgd']);

/** Several attacks that are one attack: the number of rows promises a variety that is not there. */
export const similarAttacks: PitfallRule = {
  name: 'similar-attacks',
  severity: 'warning',
  source:
    'Carlini et al., On Evaluating Adversarial Robustness, 2019, "Apply a Diverse Set of Attacks" (nearly identical attacks add nothing)',
  check(report) {
    return finished(report).flatMap((threat): Finding[] => {
      const names = threat.attacks.map(({ name }) => name);
      const alike = names.length >= 2 && names.every((name) => ofCrossEntropy.has(name));
      if (!gradientAttacks(report, threat) || !alike || names.every((name) => basic.has(name))) return [];
      if (conclusive(threat)) return [];
      return [
        {
          message: `All ${names.length} attacks on ${threat.name} (${listed(names)}) climb the cross-entropy, so they fail together.`,
          evidence: [
            ...threat.attacks.map((a) => `${a.title}: broke ${a.broken} of ${a.attempted}`),
            `robust accuracy (${threat.name}): ${figureText(threat.robustAccuracy!)}`,
          ],
          advice: 'Add an attack with another loss (`apgd-t` or `apgd-dlr`) and one without gradients (`square`).',
          mitigation: {
            label: 'Add other kinds of attacks',
            command: 'rerun',
            changes: { threatModels: [threat.name], addAttacks: ['apgd-dlr', 'square'] },
          },
        },
      ];
    });
  },
};
