import { labelsOnly } from '../../../../src/engine/pitfall/rule/labels-only';
import { attackRow, reportBase } from '../../../fixtures/reportBase';
import { testRule } from '../ruleTester';

const labels = (scoresBefore?: string) =>
  reportBase((report) => {
    report.model.labelsOnly = true;
    report.model.outputs = [{ name: 'label', type: 'int64', shape: ['N'] }];
    if (scoresBefore) report.model.scoresBefore = scoresBefore;
    else report.threatModels[0]!.attacks = [attackRow({ name: 'rays', title: 'RayS' })];
  });

testRule(labelsOnly, {
  valid: {
    'a model with scores': reportBase(),
  },
  invalid: {
    'labels and no scores anywhere': { report: labels(), severity: 'warning', says: ['labels', 'RayS'] },
    'labels, and scores before them': { report: labels('ArgMax'), severity: 'info', says: ['ArgMax'] },
  },
});
