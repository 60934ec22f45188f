import type { PitfallRule } from '../types';
import { listed, percent } from '../words';

/** Examples below which counts of classes say nothing. */
const fewest = 20;
/** Share of one class from which guessing it looks like skill: of two classes, and of more. */
const ofTwo = 0.8;
const ofMore = 0.5;

/** One class makes up the figure, or classes are missing from it. */
export const unbalancedTestSet: PitfallRule = {
  name: 'unbalanced-test-set',
  severity: 'warning',
  source:
    'Giskard (2023) and Deepchecks (2022), checks of data sets; Hendrycks & Dietterich, Benchmarking Neural Network Robustness, ICLR 2019 (balanced test sets)',
  check(report) {
    const { label } = report.outcomes;
    if (label.length < fewest || report.status.state === 'running') return [];
    const counts = new Map<number, number>();
    for (const y of label) counts.set(y, (counts.get(y) ?? 0) + 1);
    const name = (k: number) => report.data.classes[k] ?? `class ${k}`;
    const [[top, most]] = [...counts].sort((a, b) => b[1] - a[1]) as [[number, number]];
    const share = most / label.length;
    const classes = Math.max(report.data.classes.length, counts.size);
    const evidence = [...counts]
      .sort((a, b) => b[1] - a[1])
      .slice(0, 10)
      .map(([k, count]) => `${name(k)}: ${count} of ${label.length}`);
    if (counts.size === 1) {
      return [
        {
          severity: 'error',
          message: `All ${label.length} examples are of one class (${name(top)}), so the figures say nothing of the others.`,
          evidence,
          advice: 'Take examples of all classes; data that are sorted by class need shuffling before a `limit`.',
        },
      ];
    }
    if (share > (classes === 2 ? ofTwo : ofMore)) {
      return [
        {
          message: `${percent(share)} of the examples are of the class ${name(top)}: always saying so would be right as often.`,
          evidence,
          advice: 'Read the figures by class and the macro averages, or balance the test set.',
        },
      ];
    }
    const missing = Array.from({ length: classes }, (_, k) => k).filter((k) => !counts.has(k));
    if (missing.length === 0 || label.length < 10 * classes) return [];
    return [
      {
        message: `${missing.length} of ${classes} classes have no example among ${label.length}.`,
        evidence: [`missing: ${listed(missing.slice(0, 10).map(name))}${missing.length > 10 ? ' and others' : ''}`],
        advice: 'Take examples of all classes; data that are sorted by class need shuffling before a `limit`.',
      },
    ];
  },
};
