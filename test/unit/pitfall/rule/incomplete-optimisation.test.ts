import { expect, it } from 'vitest';
import { incompleteOptimisation } from '../../../../src/engine/pitfall/rule/incomplete-optimisation';
import { attackRow, reportBase } from '../../../fixtures/reportBase';
import { running, testRule } from '../ruleTester';

/** A loss that rises to 1 and, over its last ten iterations, by `last`. */
const trace = (length: number, last: number) =>
  Array.from({ length }, (_, i) =>
    i < length - 10 ? ((1 - last) * i) / (length - 11) : 1 - (last * (length - 1 - i)) / 10,
  );

const traces = (...all: number[][]) =>
  reportBase((report) => {
    report.threatModels[0]!.attacks = all.map((lossTrace, i) =>
      attackRow({ name: i === 0 ? 'pgd' : 'apgd-ce', iterations: lossTrace.length, lossTrace }),
    );
  });

const doubled = (broken: number) => {
  const report = traces(trace(20, 0.4));
  report.checks.moreEffort = [
    {
      threatModel: 'linf-8',
      attack: 'pgd',
      title: 'PGD',
      what: 'iterations',
      from: 20,
      to: 40,
      examples: 32,
      broken,
      indices: [],
    },
  ];
  return report;
};

testRule(incompleteOptimisation, {
  valid: {
    'a loss that is flat at the end': traces(trace(100, 0.01)),
    'a last twentieth of the way in the last ten iterations': traces(trace(100, 0.055)),
    'one attack that did converge': traces(trace(20, 0.4), trace(100, 0.03)),
    'a trace too short to tell': traces([0, 1, 2, 3]),
    'a loss that never moved, which is another pitfall': traces(new Array<number>(40).fill(2)),
    'half of a run': running(traces(trace(20, 0.4))),
  },
  invalid: {
    'a loss that is rising still': { report: traces(trace(20, 0.4)), severity: 'warning', says: ['linf-8'] },
    'a little more than that': { report: traces(trace(100, 0.06)), severity: 'warning', says: ['rising'] },
    'all of several': { report: traces(trace(20, 0.4), trace(50, 0.2)), severity: 'warning', says: ['rising'] },
    'one that twice the iterations do not help': { report: doubled(0), severity: 'info', says: ['rising'] },
    'one that twice the iterations do help': { report: doubled(2), severity: 'warning', says: ['rising'] },
  },
});

it('asks for twice the iterations', () => {
  const [found] = incompleteOptimisation.check(traces(trace(20, 0.4)));
  expect(found!.mitigation).toMatchObject({ command: 'rerun', changes: { threatModels: ['linf-8'], iterations: 40 } });
});
