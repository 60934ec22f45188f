import { expect, it } from 'vitest';
import { moreEffortSucceeds } from '../../../../src/engine/pitfall/rule/more-effort-succeeds';
import { attackRow, figure, reportBase } from '../../../fixtures/reportBase';
import { running, testRule } from '../ruleTester';

const effort = (broken: number, what: 'iterations' | 'restarts' = 'iterations', examples = 32) =>
  reportBase((report) => {
    const indices = [1, 2, 3, 5, 8].slice(0, broken);
    report.checks.moreEffort = [
      {
        threatModel: 'linf-8',
        attack: 'apgd-ce',
        title: 'Auto-PGD',
        what,
        from: 50,
        to: 100,
        examples,
        broken,
        indices,
      },
    ];
  });

/** What fell counts: nothing is left standing. */
const counted = (broken: number) => {
  const report = effort(broken, 'iterations', broken);
  const [threat] = report.threatModels;
  threat!.attacks.push(attackRow({ name: 'apgd-ce', broken, accuracyAfter: figure(0), sample: true }));
  threat!.robustAccuracy = figure(0);
  return report;
};

testRule(moreEffortSucceeds, {
  valid: {
    'effort that changes nothing': effort(0),
    'nothing to try it on': effort(0, 'restarts', 0),
    'half of a run': running(effort(5)),
  },
  invalid: {
    'one example of 32, where half are robust': {
      report: effort(1),
      severity: 'warning',
      says: ['1 of 32', '100 iterations'],
    },
    'many examples': { report: effort(5), severity: 'error', says: ['5 of 32', 'linf-8'] },
    'three of 28: more than five points': { report: effort(3, 'iterations', 28), severity: 'error', says: ['3 of 28'] },
    'three of 29: less than that': { report: effort(3, 'iterations', 29), severity: 'warning', says: ['3 of 29'] },
    'all that were left': { report: counted(5), severity: 'error', says: ['5 of 5'] },
    'other starts': { report: effort(2, 'restarts'), severity: 'warning', says: ['100 restarts'] },
    'one of very many': { report: effort(1, 'restarts', 90), severity: 'info', says: ['1 of 90'] },
  },
});

it('says what it is in points, and asks for what helped', () => {
  const [found] = moreEffortSucceeds.check(effort(5, 'restarts'));
  // 48 % are robust, of which 5 in 32 fell.
  expect(found!.evidence.join(' ')).toContain('7.5 points');
  expect(found!.mitigation!.changes).toEqual({ threatModels: ['linf-8'], restarts: 100 });
});
