import { attackedGraphDiffers } from '../../../../src/engine/pitfall/rule/attacked-graph-differs';
import type { Report } from '../../../../src/engine/report/schema';
import { reportBase } from '../../../fixtures/reportBase';
import { running, testRule } from '../ruleTester';

const differing = (count: number, change: (report: Report) => void = () => {}) =>
  reportBase((report) => {
    const disagreeing = [7, 9, 11].slice(0, count);
    report.checks.forward = { ...report.checks.forward!, disagreements: count, disagreeing };
    change(report);
  });
const refused = (count: number, confirmed?: number) =>
  reportBase((report) => {
    const { attacks } = report.threatModels[0]!;
    if (confirmed !== undefined) for (const [i, attack] of attacks.entries()) attack.broken = i === 0 ? confirmed : 0;
    attacks[0]!.refused = count;
  });

testRule(attackedGraphDiffers, {
  valid: {
    'one example at the edge': differing(1),
    'a claim or two that were refused': refused(2),
    'few refusals of many claims': refused(15),
    'a twentieth of the claims': refused(20, 380),
    'two, and nothing else was claimed': refused(2, 0),
    'a random model, which differs from itself': differing(3, (report) => {
      report.model.random = ['Dropout'];
    }),
    'half of a run': running(differing(3)),
  },
  invalid: {
    'clean predictions that differ': { report: differing(3), severity: 'error', says: ['3 %'] },
    'two of a hundred': { report: differing(2), severity: 'error', says: ['2 %'] },
    'more than a twentieth of the claims': { report: refused(21, 380), severity: 'warning', says: ['21 of 401'] },
    'three, and nothing else was claimed': { report: refused(3, 0), severity: 'warning', says: ['3 of 3'] },
    'claims that were refused': { report: refused(100), severity: 'warning', says: ['100 of 470'] },
  },
});
