import { budgetText } from '../../report/budget';
import { conclusive, finished, isIterative, isSingleStep } from '../evidence';
import type { Finding, PitfallRule } from '../types';
import { figureText, listed } from '../words';

/** Fewer steps than this do not let an iterative attack converge. */
const fewestIterations = 10;

/** The figure rests on attacks that are known to overstate robustness. */
export const singleWeakAttack: PitfallRule = {
  name: 'single-weak-attack',
  severity: 'error',
  source:
    'Carlini et al., On Evaluating Adversarial Robustness, 2019, "Focus on the Strongest Attacks Possible" (do not use the fast gradient sign exclusively) and "Verify Attack Convergence"',
  check(report) {
    return finished(report).flatMap((threat): Finding[] => {
      // Without a gradient there is no choice of attack to blame: that is `no-gradient`.
      const withGradient = threat.knowledge === 'white-box' && report.model.gradient.available;
      if (!withGradient || conclusive(threat)) return [];
      const steps = Math.max(0, ...threat.attacks.filter(isIterative).map(({ iterations }) => iterations));
      if (steps >= fewestIterations) return [];
      const names = listed(threat.attacks.map(({ title }) => title));
      const finding = {
        evidence: [
          ...threat.attacks.map((a) => `${a.title}: ${budgetText(a)}, broke ${a.broken} of ${a.attempted}`),
          `robust accuracy (${threat.name}): ${figureText(threat.robustAccuracy!)}`,
        ],
        advice:
          'Use the suite `standard`, or attacks that include `apgd-ce` and `apgd-dlr` with 50 iterations or more.',
      };
      if (steps > 0) {
        const message = `The attacks on ${threat.name} take at most ${steps} steps, too few to converge.`;
        return [{ ...finding, severity: 'warning', message }];
      }
      const kind = threat.attacks.some(isSingleStep) ? 'takes more than one step' : 'uses the gradient';
      return [{ ...finding, message: `No attack on ${threat.name} ${kind} (only ${names}), though it is white-box.` }];
    });
  },
};
