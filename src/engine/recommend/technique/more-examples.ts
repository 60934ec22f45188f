import type { AnyReport, RegressionReport } from '../../report/regression';
import type { Finding, Technique } from '../types';

/** Half of a 95 % interval is 5 points at its widest with so many: (1.96 / (2 · 0.05))². */
const least = 385;

/** Figures of few examples settle nothing. */
export const moreExamples: Technique = {
  name: 'more-examples',
  title: 'More test examples',
  sources: [],
  recovered: null,
  lost: 0,
  first: 2,
  check: few,
  checkOutputs: fewOutputs,
};

function few({ data: { count, available } }: AnyReport): Finding | null {
  if (count >= least) return null;
  const there = available > count ? `Raise the limit: ${available} are there.` : 'Collect more test data.';
  return {
    triggers: [
      {
        pointer: '/data/count',
        label: 'examples evaluated',
        value: count,
        relation: '<',
        threshold: least,
        text: `examples evaluated: ${count}, below ${least}`,
      },
    ],
    why: `With ${count} examples a share is uncertain by up to ${Math.round((100 * 1.96) / (2 * Math.sqrt(count)))} points either way.`,
    action: `${there} The difference that a technique makes is smaller than that, and would not be seen.`,
    gates: [],
    evidence: `${least} examples: at most 5 points either way.`,
    shortfall: {},
  };
}

/** An error has no bound as a share has: its own interval says how well it is known, and narrows with the root of the examples. */
function fewOutputs(report: RegressionReport): Finding | null {
  const found = few(report);
  const mae = report.clean?.mae;
  if (found === null || !mae || !(mae.value > 0)) return found;
  const { count } = report.data;
  const half = (mae.high - mae.low) / (2 * mae.value);
  const text = (relative: number) => `${(100 * relative).toPrecision(2)} %`;
  return {
    ...found,
    why: `With ${count} examples the mean absolute error is uncertain by ${text(half)} either way.`,
    evidence: `${least} examples: about ${text(half * Math.sqrt(count / least))} either way.`,
  };
}
