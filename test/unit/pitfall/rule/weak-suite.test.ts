import { expect, it } from 'vitest';
import { weakSuite } from '../../../../src/engine/pitfall/rule/weak-suite';
import type { Report } from '../../../../src/engine/report/schema';
import { attackRow, collapsedReport, reportBase } from '../../../fixtures/reportBase';
import { running, testRule } from '../ruleTester';

const quick = (change: (report: Report) => void = () => {}) =>
  reportBase((report) => {
    report.threatModels[0]!.suite = 'quick';
    change(report);
  });

testRule(weakSuite, {
  valid: {
    'half of a run': running(quick()),
    'a model that lost everything': collapsedReport((report) => {
      report.threatModels[0]!.suite = 'quick';
    }),
    'stronger attacks put in': quick((report) => {
      report.threatModels[0]!.attacks.push(attackRow({ name: 'apgd-t', iterations: 100 }));
    }),
  },
  invalid: {
    'a first look': { report: quick(), severity: 'warning', says: ['linf-8', 'quick'] },
    'stronger attacks in name alone': {
      report: quick((report) => {
        report.threatModels[0]!.attacks.push(attackRow({ name: 'apgd-t', iterations: 5 }));
      }),
      severity: 'warning',
      says: ['quick'],
    },
  },
});

it('offers the standard suite', () => {
  const [found] = weakSuite.check(quick());
  expect(found!.mitigation!.changes).toEqual({ threatModels: ['linf-8'], suite: 'standard' });
});
