import type { AttackRow, ThreatModelReport } from '../../report/schema';
import { conclusive, finished, isIterative } from '../evidence';
import type { Finding, PitfallRule } from '../types';
import { listed, percent } from '../words';

/** Share of the way from the lowest to the highest loss that the last ten iterations may still go. */
const allowed = 0.05;
const lastIterations = 10;

/** The loss was still rising when the iterations ended. */
export const incompleteOptimisation: PitfallRule = {
  name: 'incomplete-optimisation',
  severity: 'warning',
  source:
    'Pintor et al., Indicators of Attack Failure, NeurIPS 2022, "incomplete optimization"; Carlini et al., On Evaluating Adversarial Robustness, 2019, "Verify Attack Convergence"',
  check(report) {
    return finished(report).flatMap((threat): Finding[] => {
      if (conclusive(threat)) return [];
      const ascents = rising(threat);
      // One that converged speaks for the cascade.
      if (ascents.length === 0 || ascents.some(({ rise }) => rise <= allowed)) return [];
      const more = (report.checks.moreEffort ?? []).find(
        ({ threatModel, what }) => threatModel === threat.name && what === 'iterations',
      );
      const tried = more !== undefined && more.examples > 0;
      const iterations = 2 * Math.max(...ascents.map(({ attack }) => attack.iterations));
      return [
        {
          severity: tried && more.broken === 0 ? 'info' : 'warning',
          message: `The loss on ${threat.name} was still rising when the iterations ended.`,
          evidence: [
            ...ascents.map(
              ({ attack, rise }) =>
                `${attack.title}, ${attack.iterations} iterations: the last ${lastIterations} made ${percent(rise)} of the way`,
            ),
            ...(tried
              ? [`with ${more.to} iterations ${more.broken} of ${more.examples} more examples were broken`]
              : []),
          ],
          advice: `Give ${listed(ascents.map(({ attack }) => attack.title))} ${iterations} iterations or more.`,
          mitigation: {
            label: `Run with ${iterations} iterations`,
            command: 'rerun',
            changes: { threatModels: [threat.name], iterations },
          },
        },
      ];
    });
  },
};

/** How far the loss of each ascent still rose at the end, as a share of all its rise. */
function rising({ attacks }: ThreatModelReport): { attack: AttackRow; rise: number }[] {
  return attacks.flatMap((attack) => {
    const { lossTrace } = attack;
    if (!isIterative(attack) || attack.attempted === 0 || lossTrace.length < 2 * lastIterations) return [];
    const low = Math.min(...lossTrace);
    const high = Math.max(...lossTrace);
    // A loss that never moved is another pitfall: its gradient is zero.
    if (!(high > low)) return [];
    const last = lossTrace.slice(-lastIterations);
    return [{ attack, rise: (Math.max(...last) - Math.min(...last)) / (high - low) }];
  });
}
