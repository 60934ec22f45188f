import { noGradientFreeAttack } from '../../../../src/engine/pitfall/rule/no-gradient-free-attack';
import type { Report } from '../../../../src/engine/report/schema';
import { attackRow, reportBase } from '../../../fixtures/reportBase';
import { running, testRule } from '../ruleTester';

const ran = (...names: string[]) =>
  reportBase((report) => {
    report.threatModels[0]!.attacks = names.map((name) => attackRow({ name, iterations: name === 'fgsm' ? 1 : 40 }));
  });

const noisy = (report: Report) => {
  report.model.random = ['Dropout'];
  return report;
};

testRule(noGradientFreeAttack, {
  valid: {
    'scores beside gradients': ran('apgd-ce', 'apgd-t', 'square'),
    'labels beside gradients': ran('apgd-t', 'rays'),
    'one loss alone, which is another pitfall': ran('pgd', 'apgd-ce'),
    'half of a run': running(ran('apgd-ce', 'apgd-dlr')),
    'a model without gradient': reportBase((report) => {
      report.model.gradient = { available: false, unavailable: ['TopK'], straightThrough: [] };
      report.threatModels[0]!.attacks = [attackRow({ name: 'apgd-dlr' })];
    }),
  },
  invalid: {
    'losses of all kinds, gradients alone': {
      report: ran('apgd-ce', 'apgd-t', 'fab-t'),
      severity: 'warning',
      says: ['linf-8'],
    },
    'the same on a random model': { report: noisy(ran('apgd-ce', 'apgd-dlr')), severity: 'info', says: ['gradients'] },
  },
});
