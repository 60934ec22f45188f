import { conclusive } from '../evidence';
import type { PitfallRule } from '../types';
import { listed } from '../words';

/** The threat model grants the attacker the gradient, but no attack had it. */
export const noGradient: PitfallRule = {
  name: 'no-gradient',
  severity: 'error',
  source:
    'Carlini et al., On Evaluating Adversarial Robustness, 2019, "Approximate Non-Differentiable Layers"; Pintor et al., Indicators of Attack Failure, NeurIPS 2022, "unavailable gradients"',
  check(report) {
    const { available, unavailable, reasons } = report.model.gradient;
    if (available) return [];
    const claimed = report.threatModels.filter(({ knowledge }) => knowledge === 'white-box');
    if (claimed.length === 0) return [];
    const ran = [...new Set(claimed.flatMap(({ attacks }) => attacks.map(({ title }) => title)))];
    return [
      {
        severity: claimed.every(conclusive) ? 'warning' : 'error',
        message: `No white-box attack ran: there is no gradient through ${listed(unavailable) || 'this model'}.`,
        evidence: [
          `white-box by name: ${listed(claimed.map(({ name }) => name))}`,
          `operators in the way: ${listed(unavailable.map((name) => (reasons?.[name] ? `${name} (${reasons[name]})` : name))) || 'unknown'}`,
          `attacks that ran: ${listed(ran) || 'none so far'}`,
        ],
        advice: unavailable.includes('Tokenizer')
          ? 'State `knowledge: black-box-score`: attacks on texts go by the scores, and the figure says nothing of an attacker with gradients of the embedding.'
          : 'Read the figure as robustness against black-box attacks alone, or export the model with operators that can be differentiated.',
      },
    ];
  },
};
