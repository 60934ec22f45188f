import { similarAttacks } from '../../../../src/engine/pitfall/rule/similar-attacks';
import { attackRow, reportBase } from '../../../fixtures/reportBase';
import { running, testRule } from '../ruleTester';

const ran = (...names: string[]) =>
  reportBase((report) => {
    report.threatModels[0]!.attacks = names.map((name) => attackRow({ name, iterations: name === 'fgsm' ? 1 : 40 }));
  });

testRule(similarAttacks, {
  valid: {
    'one attack': ran('apgd-ce'),
    'two losses': ran('apgd-ce', 'apgd-dlr'),
    'the margin from other starts': ran('apgd-ce', 'pgd-odi'),
    'gradients and scores': ran('pgd', 'apgd-ce', 'square'),
    'FGSM and PGD, which is another pitfall': ran('fgsm', 'pgd'),
    'half of a run': running(ran('pgd', 'apgd-ce')),
  },
  invalid: {
    'three that climb one loss': {
      report: ran('fgsm', 'pgd', 'apgd-ce'),
      severity: 'warning',
      says: ['All 3', 'linf-8'],
    },
    'one loss, with and without adaptive steps': {
      report: ran('pgd', 'apgd-ce'),
      severity: 'warning',
      says: ['cross-entropy'],
    },
  },
});
