import { unbalancedTestSet } from '../../../../src/engine/pitfall/rule/unbalanced-test-set';
import { reportBase } from '../../../fixtures/reportBase';
import { running, testRule } from '../ruleTester';

const labelled = (label: (i: number) => number, count = 1000, classes?: string[]) =>
  reportBase((report) => {
    const { outcomes, data } = report;
    data.count = count;
    if (classes) data.classes = classes;
    outcomes.label = Array.from({ length: count }, (_, i) => label(i));
    outcomes.prediction = [...outcomes.label];
    outcomes.brokenBy = { 'linf-8': outcomes.label.map(() => null) };
  });

testRule(unbalancedTestSet, {
  valid: {
    'classes of somewhat different sizes': labelled((i) => (i % 3 === 0 ? 0 : i % 10)),
    'too few examples to say': labelled(() => 0, 19),
    'four of five in one class of two': labelled((i) => (i % 5 < 4 ? 0 : 1), 1000, ['no', 'yes']),
    'half in one class of ten': labelled((i) => (i % 2 === 0 ? 0 : 1 + (((i - 1) / 2) % 9))),
    'few examples of many classes': labelled((i) => i % 4, 50),
    'half of a run': running(labelled(() => 0)),
  },
  invalid: {
    'one class alone': { report: labelled(() => 5), severity: 'error', says: ['dog'] },
    'one class of twenty examples': { report: labelled(() => 5, 20), severity: 'error', says: ['20 examples'] },
    'more than four of five in one class of two': {
      report: labelled((i) => (i % 100 < 81 ? 0 : 1), 1000, ['no', 'yes']),
      severity: 'warning',
      says: ['81 %', 'no'],
    },
    'a class that is most of all': {
      report: labelled((i) => (i % 10 < 6 ? 0 : i % 10)),
      severity: 'warning',
      says: ['60 %', 'plane'],
    },
    'classes that are missing': { report: labelled((i) => i % 6), severity: 'warning', says: ['4 of 10'] },
  },
});
