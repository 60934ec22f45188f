import { blackBoxBeatsWhiteBox } from '../../../../src/engine/pitfall/rule/black-box-beats-white-box';
import { attackRow, reportBase } from '../../../fixtures/reportBase';
import { running, testRule } from '../ruleTester';

const finds = (broken: number, name = 'square') =>
  reportBase((report) => {
    report.threatModels[0]!.attacks[3] = attackRow({ name, title: 'Square Attack', broken, attempted: 480 });
  });

testRule(blackBoxBeatsWhiteBox, {
  valid: {
    'two examples of a thousand, as AutoAttack allows': finds(2),
    'a gradient attack that comes last': finds(40, 'fab-t'),
    'a black-box attack that ran first': reportBase((report) => {
      report.threatModels[0]!.attacks.reverse();
      report.threatModels[0]!.attacks[0]!.broken = 300;
    }),
    'half of a run': running(finds(40)),
  },
  invalid: {
    'three of a thousand': { report: finds(3), severity: 'warning', says: ['3 of 480', 'linf-8'] },
    'many found by labels': { report: finds(40, 'rays'), severity: 'warning', says: ['40 of 480'] },
  },
});
