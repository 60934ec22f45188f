import { conclusive, finished } from '../evidence';
import type { Finding, PitfallRule } from '../types';
import { figureText, short } from '../words';

/** An attacker who wants one class is weaker than one who takes any, so that accuracy under the first says little of the second. */
export const targetedOnly: PitfallRule = {
  name: 'targeted-only',
  severity: 'warning',
  source:
    'Carlini et al., On Evaluating Adversarial Robustness, 2019, "Report Targeted Attacks" and §2.1: for defences untargeted attacks are the harder test; Carlini & Wagner, Towards Evaluating the Robustness of Neural Networks, IEEE S&P 2017, §V (average, best and worst case of targets)',
  check(report) {
    const done = finished(report);
    return done.flatMap((threat): Finding[] => {
      const { name, norm, epsilon, epsilonText, target } = threat;
      // With two classes there is one wrong one, and with each class in turn any of them counts.
      if (threat.goal !== 'targeted' || target?.rule === 'all' || report.data.classes.length <= 2) return [];
      if (conclusive(threat)) return [];
      const untargeted = done.some(
        (other) =>
          other.goal === 'untargeted' &&
          other.norm === norm &&
          (other.counts ?? 'values') === (threat.counts ?? 'values') &&
          other.epsilon >= epsilon,
      );
      if (untargeted) return [];
      return [
        {
          message: `The figure for ${name} is of attackers who want one of ${report.data.classes.length - 1} wrong classes: those who take any break more.`,
          evidence: [
            `robust accuracy (${name}): at most ${figureText(threat.robustAccuracy!)}`,
            ...(threat.attackSuccessRate ? [`target reached: ${figureText(threat.attackSuccessRate)}`] : []),
            `no untargeted threat model in ${norm} with ε of ${short(epsilon)} or more was evaluated`,
          ],
          advice: `State a threat model in ${norm} with ε = ${epsilonText} and \`goal: untargeted\` beside it, and quote that as robustness.`,
          mitigation: {
            label: 'Evaluate an untargeted attacker',
            command: 'rerun',
            changes: { threatModels: [name], goal: 'untargeted' },
          },
        },
      ];
    });
  },
};
