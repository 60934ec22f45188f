import type { Report, ThreatModelReport } from '../../report/schema';
import { finished, relativeEpsilon } from '../evidence';
import type { Finding, PitfallRule } from '../types';
import { figureText, listed, percent } from '../words';

/** Below this clean accuracy nobody takes the figure for a promise. */
const worthQuoting = 0.5;

/** The clean figure says nothing of robustness: because none was measured, or because the measured one is far below. */
export const cleanAccuracyAsRobustness: PitfallRule = {
  name: 'clean-accuracy-as-robustness',
  severity: 'warning',
  source:
    'Carlini et al., On Evaluating Adversarial Robustness, 2019, "Threat Models"; Szegedy et al., Intriguing properties of neural networks, ICLR 2014',
  check(report) {
    const clean = report.clean?.accuracy;
    if (!clean || clean.value < worthQuoting) return [];
    const evidence = [`clean accuracy: ${figureText(clean)}`];
    if (report.threatModels.every(({ robustAccuracy }) => robustAccuracy === null)) {
      return report.status.state === 'complete' ? [notMeasured(clean.value, evidence)] : [];
    }
    const collapsed = finished(report).filter((threat) => collapses(report, threat));
    if (collapsed.length === 0) return [];
    const figures = collapsed.map(({ name, robustAccuracy }) => `${percent(robustAccuracy!.value)} under ${name}`);
    return [
      {
        message: `Clean accuracy of ${percent(clean.value)} says nothing about robustness here: it falls to ${listed(figures)}.`,
        evidence: [
          ...evidence,
          ...collapsed.map(({ name, robustAccuracy }) => `${name}: ${figureText(robustAccuracy!)}`),
        ],
        advice: 'Never quote the clean figure without the robust one; where attackers matter, train adversarially.',
      },
    ];
  },
};

/** Certain, given both intervals, to lose more than half; where ε leaves no model a chance, that means nothing. */
function collapses(report: Report, threat: ThreatModelReport): boolean {
  const clean = report.clean?.accuracy;
  const robust = threat.robustAccuracy;
  const possible = (relativeEpsilon(report, threat) ?? 0) < 0.5;
  return clean !== undefined && robust !== null && possible && robust.high < clean.low / 2;
}

function notMeasured(clean: number, evidence: string[]): Finding {
  return {
    message: `The only accuracy measured is the clean one (${percent(clean)}); it says nothing about robustness.`,
    evidence,
    advice: 'Add a threat model to the spec and evaluate again before saying anything about robustness.',
  };
}
