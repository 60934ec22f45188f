import { probabilitiesAsScores } from '../../../../src/engine/pitfall/rule/probabilities-as-scores';
import type { Report } from '../../../../src/engine/report/schema';
import { collapsedReport, reportBase } from '../../../fixtures/reportBase';
import { running, testRule } from '../ruleTester';

const scores =
  (probabilities: boolean, attackedProbabilities: boolean, bypassed: string | null = null) =>
  (report: Report) => {
    report.checks.forward = { ...report.checks.forward!, probabilities, attackedProbabilities };
    report.model.bypassed = bypassed;
  };

testRule(probabilitiesAsScores, {
  valid: {
    'a model without a softmax': reportBase(scores(false, false)),
    'half of a run': running(reportBase(scores(true, true))),
  },
  invalid: {
    'probabilities all the way': {
      report: reportBase(scores(true, true)),
      severity: 'error',
      says: ['probabilities', 'logits'],
    },
    'probabilities, where everything broke': {
      report: collapsedReport(scores(true, true)),
      severity: 'warning',
      says: ['probabilities'],
    },
    'a softmax that was stepped over': {
      report: reportBase(scores(true, false, 'Softmax')),
      severity: 'info',
      says: ['stepped over its last Softmax'],
    },
  },
});
