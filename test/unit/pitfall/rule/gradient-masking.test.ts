import { expect, it } from 'vitest';
import { quantizedRules } from '../../../../src/engine/gradient/derivative/quantized';
import { stepRules } from '../../../../src/engine/gradient/derivative/step';
import { gradientMasking, quantised } from '../../../../src/engine/pitfall/rule/gradient-masking';
import type { Report } from '../../../../src/engine/report/schema';
import { attackRow, collapsedReport, figure, reportBase } from '../../../fixtures/reportBase';
import { running, testRule } from '../ruleTester';

const blackBoxBreaks = (found: number) =>
  reportBase((report) => {
    report.threatModels[0]!.attacks[3] = attackRow({ name: 'square', broken: found, attempted: 480 });
  });
const binarised = (report: Report) => {
  report.model.gradient.straightThrough = ['Sign'];
};

testRule(gradientMasking, {
  valid: {
    'a black-box attack that breaks a few more': blackBoxBreaks(15),
    'l0, where search outdoes gradients on honest networks': reportBase((report) => {
      report.threatModels[0]!.norm = 'l0';
      report.threatModels[0]!.attacks = [
        attackRow({ name: 'sigma-zero', broken: 100, attempted: 900 }),
        attackRow({ name: 'sparse-rs', broken: 300, attempted: 800 }),
      ];
    }),
    'a few zero gradients': reportBase((report) => {
      report.checks.zeroGradient = 0.09;
    }),
    'a black-box attack that ran before the others': reportBase((report) => {
      report.threatModels[0]!.attacks = [
        attackRow({ name: 'square', broken: 300, attempted: 850 }),
        attackRow({ name: 'apgd-ce', broken: 70, attempted: 550 }),
      ];
    }),
    'a binarised network while its attacks run': running(reportBase(binarised)),
    'a model quantised to 8 bits': reportBase((report) => {
      report.model.gradient.straightThrough = [
        'com.microsoft:QGemm',
        'DequantizeLinear',
        'QLinearConv',
        'QuantizeLinear',
      ];
    }),
    'a model without gradient, which is another pitfall': reportBase((report) => {
      report.model.gradient = { available: false, unavailable: ['TopK'], straightThrough: [] };
    }),
    'a black-box threat model, for which gradients do not matter': reportBase((report) => {
      report.threatModels[0]!.knowledge = 'black-box-score';
      binarised(report);
    }),
  },
  invalid: {
    'a black-box attack that sees more than white-box ones': {
      report: blackBoxBreaks(60),
      severity: 'error',
      says: ['black-box attack succeeds'],
    },
    'a binarised network': { report: reportBase(binarised), severity: 'error', says: ['Sign', 'estimate'] },
    'a binarised network that was broken all the same': {
      report: collapsedReport(binarised),
      severity: 'warning',
      says: ['Sign'],
    },
    'a quantised model with a Sign in it': {
      report: reportBase((report) => {
        report.model.gradient.straightThrough = ['QuantizeLinear', 'Sign'];
      }),
      severity: 'error',
      says: ['through Sign is only an estimate'],
    },
    'zero gradients': {
      report: reportBase((report) => {
        report.checks.zeroGradient = 0.1;
      }),
      severity: 'error',
      says: ['gradients are zero'],
    },
    'one step that beats many': {
      report: reportBase((report) => {
        report.checks.singleStep = [{ threatModel: 'linf-8', fgsm: figure(0.4, 100), iterative: figure(0.6, 100) }];
      }),
      severity: 'error',
      says: ['one step beats many'],
    },
    'an unlimited attack that fails': {
      report: reportBase((report) => {
        report.checks.unbounded = [{ threatModel: 'linf-8', accuracy: figure(0.5, 100) }];
      }),
      severity: 'error',
      says: ['unlimited attack fails'],
    },
    'success that does not grow': {
      report: reportBase((report) => {
        for (const point of report.threatModels[0]!.curve.slice(5)) point.accuracy = figure(0.48);
      }),
      severity: 'error',
      says: ['does not grow'],
    },
    'several signs at once, in one verdict': {
      report: reportBase((report) => {
        binarised(report);
        report.checks.zeroGradient = 1;
        report.checks.unbounded = [{ threatModel: 'linf-8', accuracy: figure(0.5, 100) }];
      }),
      severity: 'error',
      says: ['Sign', 'gradients are zero', 'unlimited attack fails'],
    },
  },
});

it('tells rounding to 8 bits from coarser steps', () => {
  for (const name of Object.keys(quantizedRules)) expect(name).toMatch(quantised);
  for (const name of Object.keys(stepRules)) expect(name).not.toMatch(quantised);
});
