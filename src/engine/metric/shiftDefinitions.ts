import type { Definition } from './definitions';

/** What the figures on other data mean; the same words stand in docs/metrics.md. */
export const shiftDefinitions = {
  shiftDrop: {
    title: 'Drop under shift',
    text: 'Clean accuracy less the accuracy on the shifted data, with the interval of two independent samples (Newcombe 1998, method 10). Where it holds 0, the two are not told apart by so many examples.',
    formula: 'A(clean) − A(shift)',
  },
  effectiveRobustness: {
    title: 'Effective robustness',
    text: 'Accuracy on the shifted data less what a model of this clean accuracy is expected to have, by the line through the baselines on a logit scale (Taori et al. 2020). Above 0, the model holds better than its clean accuracy explains.',
    formula: 'ρ = A(shift) − σ(β₀ + β₁ · logit A(clean)), β by least squares over the baselines',
  },
  ks: {
    title: 'Kolmogorov-Smirnov statistic (KS)',
    text: 'Of one column: the largest distance of the distribution functions of the test data and the other data. Its p-value is corrected for the number of columns compared (Holm 1979).',
    formula: 'max over v of |F(v) − G(v)|',
  },
  psi: {
    title: 'Population stability index (PSI)',
    text: 'Of one column: over ten bins that hold a tenth of the test data each; above 0.25 is customarily called a shift. Not given for a column most of whose values are its smallest, for which there are no such bins.',
    formula: 'Σ over bins of (q − p) · ln(q / p)',
  },
  mmd: {
    title: 'Maximum mean discrepancy (MMD²)',
    text: 'How far two samples are apart as a whole, by a Gaussian kernel as wide as the median distance (Gretton et al. 2012): about 0 without drift, and by chance below. Its p-value is the share of 199 random splits of the pooled sample that are as far apart, this one among them.',
    formula: 'mean k(x, x′) + mean k(y, y′) − 2 · mean k(x, y)',
  },
  auroc: {
    title: 'AUROC of detection',
    text: 'Chance that a random out-of-distribution example gets a higher outlier score than a random test example, equal scores counting half. Out-of-distribution is the positive class. 50 % is chance.',
    formula: '(wins + ties / 2) / (outliers · ordinary)',
  },
  aupr: {
    title: 'AUPR of detection',
    text: 'Average precision with the out-of-distribution examples as the positive class. Chance is their share of all examples, so it depends on how many of each there are.',
    formula: 'Σ (recall gained) · (precision there)',
  },
  fpr95: {
    title: 'FPR95',
    text: 'Share of the test examples that are taken for out-of-distribution at the strictest threshold that still catches 95 % of the out-of-distribution examples.',
    formula: 'ordinary examples with score ≥ t₉₅ / ordinary',
  },
  outlierScore: {
    title: 'Outlier scores',
    text: 'From the logits alone, greater for what looks less like the training data: confidence (Hendrycks & Gimpel 2017), energy (Liu et al. 2020), margin between the two greatest logits, and entropy of the probabilities.',
    formula: '−max p; −ln Σ exp z; z₂ − z₁; −Σ p ln p',
  },
  shiftRise: {
    title: 'Rise of the error under shift',
    text: 'Mean absolute error on the shifted data less the clean one, with a bootstrap interval over both samples.',
    formula: 'MAE(shift) − MAE(clean)',
  },
} as const satisfies Record<string, Definition>;
