import { conclusive, finished } from '../evidence';
import type { PitfallRule } from '../types';

/** Losses are written for logits; behind a softmax their gradients vanish. */
export const probabilitiesAsScores: PitfallRule = {
  name: 'probabilities-as-scores',
  severity: 'error',
  source:
    'AutoAttack (Croce & Hein 2020), checks.py, check_range_output; Carlini & Wagner, Towards Evaluating the Robustness of Neural Networks, IEEE S&P 2017, on defensive distillation',
  check(report) {
    const { forward } = report.checks;
    if (forward === undefined || report.status.state === 'running') return [];
    const evidence = [`all scores of ${forward.examples} examples lie in [0, 1] and sum to 1`];
    if (forward.attackedProbabilities) {
      const threats = finished(report);
      const harmless = threats.length > 0 && threats.every(conclusive);
      return [
        {
          severity: harmless ? 'warning' : 'error',
          message:
            'Attacks saw probabilities where they expect logits, so their gradients vanish where the model is sure.',
          evidence,
          advice: 'Export the model without its last softmax, or name the output that holds the logits as `output`.',
        },
      ];
    }
    const { bypassed } = report.model;
    if (!forward.probabilities || bypassed === null) return [];
    return [
      {
        severity: 'info',
        message: `The file gives probabilities; attacks stepped over its last ${bypassed} and saw logits.`,
        evidence: [...evidence, `operator that was stepped over: ${bypassed}`],
        advice:
          'Nothing here; a tool that attacks the probabilities themselves may report more robustness than there is.',
      },
    ];
  },
};
