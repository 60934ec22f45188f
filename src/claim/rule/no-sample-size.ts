import type { ClaimRule } from './types';

/** Test sets whose size everybody knows, used whole. */
const wholeSet =
  /\b(?:CIFAR|ImageNet|MNIST|SVHN|GTSRB|Fashion-?MNIST|COCO|Cityscapes|LibriSpeech|ANLI|AdvGLUE)\b[\w+./-]*[^.;|]{0,30}\b(?:test|validation|val)(?:ing)?[- ](?:set|split|data)\b|\b(?:test|validation|val)[- ](?:set|split|data)\b[^.;|]{0,20}\b(?:CIFAR|ImageNet|MNIST|SVHN|GTSRB|COCO|Cityscapes)\b|\b(?:full|entire|whole|complete) [\w-]*\s?(?:test|validation)/i;
const interval = /±|\bconfidence interval|\b\d\d ?% ci\b|\bstandard (?:error|deviation)|\[\s?\d[\d.]*\s?%?\s?[,–-]/i;

export const noSampleSize: ClaimRule = {
  name: 'no-sample-size',
  // Papers and model cards leave n out by custom: a person who wants it said asks for it.
  severity: 'off',
  source: 'Wilson 1927, Probable Inference; Carlini et al. 2019, On Evaluating Adversarial Robustness, section 4.9',
  summary: 'A share of examples says of how many.',
  check: ({ facts, nearby, nearbyText, kind }) => {
    const shares = facts.figures.some(
      ({ role, percent, value }) =>
        (role === 'robust' || role === 'certified' || role === 'success' || (role === 'other' && kind !== 'general')) &&
        (percent || value <= 1),
    );
    if (!shares || nearby.count !== null || wholeSet.test(nearbyText) || interval.test(nearbyText)) return null;
    return 'This gives a share of examples without their number, and 60 % of 50 may as well stand for 46 % or 72 %; state n, or the interval.';
  },
};
