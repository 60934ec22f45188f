import { budgetText } from '../../report/budget';
import { conclusive, finished } from '../evidence';
import type { Finding, PitfallRule } from '../types';
import { figureText } from '../words';

/** With these the suite's name no longer tells how strong the attacks were. */
const strong = new Set(['apgd-t', 'fab-t', 'mt-pgd']);

/** A first look is offered as evidence. */
export const weakSuite: PitfallRule = {
  name: 'weak-suite',
  severity: 'warning',
  source:
    'Croce & Hein, Reliable Evaluation of Adversarial Robustness with an Ensemble of Diverse Parameter-free Attacks, ICML 2020 (of 50 evaluations with weaker attacks, most overstated robustness); Carlini et al., On Evaluating Adversarial Robustness, 2019, "Focus on the Strongest Attacks Possible"',
  check(report) {
    return finished(report).flatMap((threat): Finding[] => {
      if (threat.suite !== 'quick' || conclusive(threat)) return [];
      if (threat.attacks.some(({ name, iterations }) => strong.has(name) && iterations >= 50)) return [];
      return [
        {
          message: `The figure for ${threat.name} rests on the suite quick, a first look: stronger attacks may break more.`,
          evidence: [
            ...threat.attacks.map((a) => [a.title, budgetText(a)].filter(Boolean).join(': ')),
            `robust accuracy (${threat.name}): at most ${figureText(threat.robustAccuracy!)}`,
          ],
          advice: 'Run the suite `standard` before quoting the figure.',
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
