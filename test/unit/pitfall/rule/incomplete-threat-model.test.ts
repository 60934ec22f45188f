import { incompleteThreatModel } from '../../../../src/engine/pitfall/rule/incomplete-threat-model';
import { reportBase } from '../../../fixtures/reportBase';
import { testRule } from '../ruleTester';

const inferred = (...notes: string[]) =>
  reportBase((report) => {
    report.inferred = notes;
  });

testRule(incompleteThreatModel, {
  valid: {
    'other settings that were filled in': inferred('the seed is 0', 'linf-8: the suite of attacks is standard'),
    'no threat model at all, which is another pitfall': reportBase((report) => {
      report.threatModelStated = false;
      report.inferred = ['linf-8: the attacker is white-box'];
    }),
  },
  invalid: {
    'an open goal': { report: inferred('linf-8: the goal is untargeted'), severity: 'info', says: ['goal'] },
    'all of it open': {
      report: inferred(
        'linf ε = 8/255 is the usual one for CIFAR-10',
        'linf-8: the attacker is white-box',
        'linf-8: the goal is untargeted',
      ),
      severity: 'info',
      says: ['ε, knowledge and goal'],
    },
  },
});
