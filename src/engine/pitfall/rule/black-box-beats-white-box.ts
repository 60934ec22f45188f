import type { ThreatModelReport } from '../../report/schema';
import { finished, isGradientFree, isIterative } from '../evidence';
import type { Finding, PitfallRule } from '../types';
import { percent, points } from '../words';

/** AutoAttack warns from 0.2 points of accuracy on; a single example is luck. */
const noticeable = 0.002;

/** Who sees less breaks more: the gradients did not show the way. */
export const blackBoxBeatsWhiteBox: PitfallRule = {
  name: 'black-box-beats-white-box',
  severity: 'warning',
  source:
    'AutoAttack (Croce & Hein 2020), checks.py, check_square_sr; Carlini et al., On Evaluating Adversarial Robustness, 2019, "Verify white-box attacks perform better than black-box attacks"',
  check(report) {
    return finished(report).flatMap((threat): Finding[] => {
      const found = beyondGradients(threat);
      if (found === null) return [];
      const { by, broken, attempted } = found;
      const share = broken / (threat.robustAccuracy?.n || 1);
      return [
        {
          message: `${by} broke ${broken} of ${attempted} examples under ${threat.name} on which every gradient attack had failed.`,
          evidence: [
            `${points(share)} of accuracy fell to an attacker who sees less (AutoAttack warns from ${points(noticeable)})`,
            ...threat.attacks.map(
              (a) => `${a.title}: broke ${a.broken} of ${a.attempted} (${percent(a.accuracyAfter.value)} left)`,
            ),
          ],
          advice:
            'Give the gradient attacks more iterations, restarts and other losses; if that changes nothing, the gradients are masked.',
          mitigation: {
            label: 'Run the thorough suite',
            command: 'rerun',
            changes: { threatModels: [threat.name], suite: 'thorough' },
          },
        },
      ];
    });
  },
};

function beyondGradients({ attacks, robustAccuracy }: ThreatModelReport) {
  const first = attacks.findIndex(isIterative);
  if (first === -1 || robustAccuracy === null) return null;
  const finds = attacks.slice(first).filter(isGradientFree);
  const best = [...finds].sort((a, b) => b.broken - a.broken)[0];
  if (!best || best.broken < 2 || best.broken <= noticeable * robustAccuracy.n) return null;
  return { by: best.title, broken: best.broken, attempted: best.attempted };
}
