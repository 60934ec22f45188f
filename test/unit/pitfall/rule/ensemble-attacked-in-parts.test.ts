import { ensembleAttackedInParts } from '../../../../src/engine/pitfall/rule/ensemble-attacked-in-parts';
import type { Report } from '../../../../src/engine/report/schema';
import { attackRow, collapsedReport, reportBase } from '../../../fixtures/reportBase';
import { running, testRule } from '../ruleTester';

const members = (blocked = false): NonNullable<Report['model']['ensemble']> => ({
  combine: 'vote',
  members: ['a.onnx', 'b.onnx'].map((path, m) => ({
    name: path,
    path,
    sha256: String(m).repeat(64),
    bytes: 1,
    parameters: 1,
    weight: 0.5,
    scale: 'logits',
    differentiable: !(blocked && m === 1),
  })),
});

const inParts = (change: (report: Report) => void = () => {}) =>
  reportBase((report) => {
    report.model.ensemble = members();
    report.threatModels[0]!.attacks = [
      attackRow({ name: 'transfer', title: 'Transfer from a.onnx', broken: 200 }),
      attackRow({ name: 'square', broken: 100 }),
    ];
    change(report);
  });

testRule(ensembleAttackedInParts, {
  valid: {
    'an ensemble with gradient attacks': reportBase((report) => {
      report.model.ensemble = members();
    }),
    'one model without them': inParts((report) => {
      delete report.model.ensemble;
    }),
    'an attacker who has no gradient': inParts((report) => {
      report.threatModels[0]!.knowledge = 'black-box-score';
    }),
    'the middle of a run: more attacks may come': running(inParts()),
  },
  invalid: {
    'examples of one member, tried on the whole': {
      report: inParts(),
      severity: 'error',
      says: ['all 2 members', 'made on one of them'],
    },
    'a member without a gradient': {
      report: inParts((report) => {
        report.model.ensemble = members(true);
        report.model.gradient = { available: false, unavailable: ['TopK'], straightThrough: [] };
        report.threatModels[0]!.attacks = [attackRow({ name: 'square', broken: 100 })];
      }),
      severity: 'error',
      says: ['all 2 members'],
    },
    'attacks in parts that broke everything anyway': {
      report: collapsedReport((report) => {
        report.model.ensemble = members();
        report.threatModels[0]!.attacks = [attackRow({ name: 'transfer', broken: 300 })];
      }),
      severity: 'warning',
      says: ['all 2 members'],
    },
  },
});
