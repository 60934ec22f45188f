import type { Figure } from '../../report/schema';
import { finished } from '../evidence';
import type { PitfallRule } from '../types';
import { figureText, points } from '../words';

/** Half-width of a 95 % interval beyond which a figure in whole per cents promises what it cannot keep. */
const widest = 0.05;

/** The sample is too small for what the figures seem to say. */
export const tooFewExamples: PitfallRule = {
  name: 'too-few-examples',
  severity: 'warning',
  source:
    'Wilson, Probable inference, the law of succession, and statistical inference, JASA 22 (1927) 209; RobustBench (Croce et al. 2021) evaluates 10 000 examples',
  check(report) {
    if (report.status.state === 'running') return [];
    const figures: [string, Figure][] = finished(report).map(({ name, robustAccuracy }) => [
      `robust accuracy (${name})`,
      robustAccuracy!,
    ]);
    if (report.clean !== null) figures.unshift(['clean accuracy', report.clean.accuracy]);
    const wide = figures.filter(([, figure]) => halfWidth(figure) > widest);
    const worst = Math.max(...wide.map(([, figure]) => halfWidth(figure)));
    if (wide.length === 0) return [];
    const { count, available } = report.data;
    // Half-width 1.96·√(p(1-p)/n), at its widest for p = 1/2.
    const enough = Math.ceil((1.96 / (2 * widest)) ** 2);
    const more = available > count ? `Raise the limit (${available} are available)` : 'Get more test data';
    return [
      {
        message: `${count} examples leave figures uncertain by up to ${points(worst)} either way.`,
        evidence: wide.map(([name, figure]) => `${name}: ${figureText(figure)}`),
        advice: `${more}: ${enough} examples hold any share to 5 points either way, 1000 to 3.1.`,
      },
    ];
  },
};

function halfWidth({ low, high }: Figure): number {
  return (high - low) / 2;
}
