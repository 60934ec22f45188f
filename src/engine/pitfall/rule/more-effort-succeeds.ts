import { accuracyOfCascade } from '../evidence';
import type { Finding, PitfallRule } from '../types';
import { exampleList, points } from '../words';

/** By how many points of accuracy, estimated from the sample, it shows and it decides. */
const noticeable = 0.01;
const decisive = 0.05;

/** Twice the iterations, or other starts, break what stood: the attacks had not done what they can. */
export const moreEffortSucceeds: PitfallRule = {
  name: 'more-effort-succeeds',
  severity: 'error',
  source:
    'Carlini et al., On Evaluating Adversarial Robustness, 2019, "Verify Attack Convergence" (doubling the iterations) and "Try random restarts"',
  check(report) {
    return (report.checks.moreEffort ?? []).flatMap((effort): Finding[] => {
      const { threatModel, title, what, from, to, examples, broken, indices } = effort;
      const left = accuracyOfCascade(report, threatModel);
      if (broken === 0 || left === null || report.status.state === 'running') return [];
      const lost = (left * broken) / examples;
      return [
        {
          severity: lost >= decisive && broken >= 3 ? 'error' : lost >= noticeable ? 'warning' : 'info',
          message: `${title} with ${to} ${what} in place of ${from} breaks ${broken} of ${examples} examples that all attacks on ${threatModel} had left standing.`,
          evidence: [
            `examples: ${exampleList(indices)}`,
            `over all examples that is about ${points(lost)} of robust accuracy, of which the report counts those that were tried`,
          ],
          advice: `Raise \`${what}\` until it changes nothing any more.`,
          mitigation: {
            label: `Run with ${to} ${what}`,
            command: 'rerun',
            changes: {
              threatModels: [threatModel],
              ...(what === 'iterations' ? { iterations: to } : { restarts: to }),
            },
          },
        },
      ];
    });
  },
};
