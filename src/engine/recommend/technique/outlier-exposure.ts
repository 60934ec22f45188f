import type { Technique } from '../types';
import { atLeast, below, largest, listed, pointerTo } from '../words';

/** Chance that an outsider looks less sure than an ordinary example. */
const least = 0.9;

/** Where the model is as sure of what belongs to no class. */
export const outlierExposure: Technique = {
  name: 'outlier-exposure',
  title: 'Outlier exposure',
  sources: [],
  recovered: null,
  lost: 0,
  check({ outOfDistribution }) {
    const failing = (outOfDistribution ?? []).flatMap(({ name, detection }, i) => {
      const at = detection.findIndex(({ score }) => score === 'confidence');
      const value = detection[at]?.auroc.value;
      return value !== undefined && value < least ? [{ name, i, at, value }] : [];
    });
    if (failing.length === 0) return null;
    return {
      triggers: failing.map(({ name, i, at, value }) =>
        below(pointerTo(`/outOfDistribution/${i}/detection/${at}/auroc`), `AUROC of detection (${name})`, value, least),
      ),
      why: `The confidence hardly tells ${listed(failing.map(({ name }) => name))} from ordinary examples.`,
      action:
        'Fine-tune towards equal probabilities on data that belong to no class (Hendrycks, Mazeika & Dietterich, Deep Anomaly Detection with Outlier Exposure, ICLR 2019); and see first whether energy or margin, in this report too, do better for free.',
      gates: failing.map(({ name }) => `shift(${name}).auroc >= ${atLeast(least)}`),
      shortfall: { calibration: largest(failing.map(({ value }) => 1 - value)) },
    };
  },
};
