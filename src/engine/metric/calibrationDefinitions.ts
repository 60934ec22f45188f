import type { Definition } from './definitions';

/** What the figures of confidences under corruption and attack mean; the same words stand in docs/metrics.md. */
export const calibrationDefinitions = {
  meanConfidence: {
    title: 'Mean confidence',
    text: 'Mean probability that the model gives to the class that it predicts, whether it is right or wrong.',
    formula: 'mean of max over classes of p',
  },
  corruptedEce: {
    title: 'Calibration error under corruption',
    text: 'Mean over corruptions and severities of the expected calibration error. Where it grows with the severity, the confidence does not fall as the accuracy does: the model fails without notice (Ovadia et al. 2019).',
    formula: 'mean over (corruption, severity) of ECE(c, s)',
  },
  attackedEce: {
    title: 'Calibration error under attack',
    text: 'Expected calibration error where each example is in the worst case that was found: the first adversarial example that the verifier confirmed, or the example as it is where no attack broke it. Attacks look for errors, not for sure ones, so an attacker who wants confidence may find more of it.',
    formula: 'ECE of confidence(x′) and whether x′ is right, x′ = x where nothing was found',
  },
  sureErrors: {
    title: 'Sure adversarial examples',
    text: 'Share of the adversarial examples in whose wrong class the model is at least 90 % confident: no threshold on the confidence would hold these back.',
    formula: 'adversarial examples with confidence ≥ 0.9 / adversarial examples',
  },
} as const satisfies Record<string, Definition>;
