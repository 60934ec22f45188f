import { trainingAttackOnly } from '../../../../src/engine/pitfall/rule/training-attack-only';
import { attackRow, collapsedReport, reportBase } from '../../../fixtures/reportBase';
import { running, testRule } from '../ruleTester';

const ran = (...names: string[]) =>
  reportBase((report) => {
    report.threatModels[0]!.attacks = names.map((name) => attackRow({ name, iterations: name === 'fgsm' ? 1 : 40 }));
  });

testRule(trainingAttackOnly, {
  valid: {
    'another loss beside it': ran('pgd', 'apgd-dlr'),
    'scores beside it': ran('fgsm', 'pgd', 'square'),
    'a single step, which is another pitfall': ran('fgsm'),
    'half of a run': running(ran('fgsm', 'pgd')),
    'a model that lost everything': collapsedReport((report) => {
      report.threatModels[0]!.attacks = [attackRow({ name: 'pgd', broken: 978, attempted: 978 })];
    }),
  },
  invalid: {
    'PGD alone': { report: ran('pgd'), severity: 'warning', says: ['linf-8'] },
    'FGSM and PGD': { report: ran('fgsm', 'pgd'), severity: 'warning', says: ['adversarial training'] },
  },
});
