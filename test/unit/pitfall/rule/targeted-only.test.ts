import { targetedOnly } from '../../../../src/engine/pitfall/rule/targeted-only';
import type { Report, ThreatModelReport } from '../../../../src/engine/report/schema';
import { reportBase } from '../../../fixtures/reportBase';
import { running, testRule } from '../ruleTester';

type Target = NonNullable<ThreatModelReport['target']>;

const targeted = (rule: Target['rule'], more: (report: Report) => void = () => {}) =>
  reportBase((report) => {
    const [threat] = report.threatModels;
    threat!.goal = 'targeted';
    threat!.target = {
      rule,
      class: rule === 'class' ? 'cat' : null,
      pairs: 850,
      reached: 370,
      ownClass: 0,
      byClass: [],
    };
    more(report);
  });

/** With an untargeted attacker beside the targeted one. */
const beside = (change: Partial<ThreatModelReport>) =>
  targeted('random', (report) => {
    report.threatModels.push({ ...reportBase().threatModels[0]!, name: 'any', ...change });
  });

testRule(targetedOnly, {
  valid: {
    'an untargeted attacker beside it': beside({}),
    'an untargeted attacker with a larger ball beside it': beside({ epsilon: 16 / 255 }),
    'each of the wrong classes in turn': targeted('all'),
    'two classes': targeted('random', (report) => {
      report.data.classes = ['cat', 'dog'];
    }),
    'a model of which nothing is left': targeted('least-likely', (report) => {
      report.threatModels[0]!.robustAccuracy = { value: 0, low: 0, high: 0.004, n: 1000 };
    }),
    'half of a run': running(targeted('random')),
  },
  invalid: {
    'a random class': { report: targeted('random'), severity: 'warning', says: ['linf-8', '9 wrong classes'] },
    'the least likely class': { report: targeted('least-likely'), severity: 'warning', says: ['linf-8'] },
    'one class': { report: targeted('class'), severity: 'warning', says: ['linf-8'] },
    'an untargeted attacker with a smaller ball beside it': {
      report: beside({ epsilon: 4 / 255 }),
      severity: 'warning',
      says: ['linf-8'],
    },
    'an untargeted attacker in another norm beside it': {
      report: beside({ norm: 'l2' }),
      severity: 'warning',
      says: ['linf-8'],
    },
    'an untargeted attacker in two norms, of which neither is it': {
      report: targeted('random', (report) => {
        report.threatModels.push(
          { ...reportBase().threatModels[0]!, name: 'far', norm: 'l2', epsilon: 4 },
          { ...reportBase().threatModels[0]!, name: 'near', epsilon: 1 / 255 },
        );
      }),
      severity: 'warning',
      says: ['linf-8'],
    },
  },
});
