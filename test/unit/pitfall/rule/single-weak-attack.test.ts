import { singleWeakAttack } from '../../../../src/engine/pitfall/rule/single-weak-attack';
import { attackRow, collapsedReport, reportBase } from '../../../fixtures/reportBase';
import { running, testRule } from '../ruleTester';

const fgsm = attackRow({ name: 'fgsm', title: 'Fast gradient sign method', iterations: 1, broken: 370 });
const only = (...attacks: ReturnType<typeof attackRow>[]) =>
  reportBase((report) => {
    report.threatModels[0]!.attacks = attacks;
  });

testRule(singleWeakAttack, {
  valid: {
    'FGSM before a strong attack': only(fgsm, attackRow({ name: 'apgd-ce', iterations: 100 })),
    'ten steps': only(attackRow({ name: 'pgd', iterations: 10 })),
    'FGSM alone where it breaks everything: nothing is overstated': collapsedReport((report) => {
      report.threatModels[0]!.attacks = [{ ...fgsm, broken: 978 }];
    }),
    'FGSM alone so far': running(only(fgsm)),
    'a black-box threat model under a black-box attack': reportBase((report) => {
      report.threatModels[0]!.knowledge = 'black-box-score';
      report.threatModels[0]!.attacks = [attackRow({ name: 'square' })];
    }),
    'a model without gradient, which is another pitfall': reportBase((report) => {
      report.model.gradient.available = false;
      report.threatModels[0]!.attacks = [attackRow({ name: 'square' })];
    }),
  },
  invalid: {
    'FGSM alone': { report: only(fgsm), severity: 'error', says: ['linf-8', 'more than one step'] },
    'PGD of one step': {
      report: only(attackRow({ name: 'pgd', iterations: 1 })),
      severity: 'error',
      says: ['more than one step'],
    },
    'FGSM and a black-box attack under a white-box threat model': {
      report: only(fgsm, attackRow({ name: 'square' })),
      severity: 'error',
      says: ['more than one step'],
    },
    'a black-box attack alone under a white-box threat model': {
      report: only(attackRow({ name: 'square' })),
      severity: 'error',
      says: ['gradient'],
    },
    'too few steps to converge': {
      report: only(attackRow({ name: 'pgd', iterations: 9 })),
      severity: 'warning',
      says: ['9 steps'],
    },
  },
});
