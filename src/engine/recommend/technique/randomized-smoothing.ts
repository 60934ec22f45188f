import type { Technique } from '../types';
import { atLeast, below, largest, listed, pointerTo } from '../words';

const least = 0.5;

/** The one way to a guarantee in l2 that scales (Cohen et al. 2019). */
export const randomizedSmoothing: Technique = {
  name: 'randomized-smoothing',
  title: 'Randomized smoothing, for a guarantee in l2',
  sources: ['smoothing'],
  // 49 of 76 points are certified within l2 0.5, at 67 clean.
  recovered: 49 / 76.15,
  lost: 0.7615 - 0.67,
  check({ clean, threatModels }) {
    if (clean === null) return null;
    const threshold = least * clean.accuracy.value;
    const failing = threatModels.flatMap((threat, i) => {
      if (threat.norm !== 'l2' || threat.robustAccuracy === null) return [];
      const value = threat.robustAccuracy.value;
      const proved = threat.certifiedAccuracy?.value ?? 0;
      return value < threshold && proved < threshold ? [{ name: threat.name, i, value }] : [];
    });
    if (failing.length === 0) return null;
    return {
      triggers: failing.map(({ name, i, value }) =>
        below(pointerTo(`/threatModels/${i}/robustAccuracy`), `robust accuracy (${name})`, value, threshold),
      ),
      why: `Under ${listed(failing.map(({ name }) => name))} little is left, and nothing is proved.`,
      action:
        'Train with Gaussian noise of σ about as large as the ε wanted, and answer with the class that most noisy copies of the input get; every answer then has a radius within which it cannot change.',
      gates: failing.map(({ name }) => `robustAccuracy(${name}) >= ${atLeast(threshold)}`),
      evidence:
        'Certified accuracy of the smoothed model at ε by Monte Carlo (Cohen et al., section 3.2), which this tool does not compute; attacks on a random model are a weaker check.',
      shortfall: { worst: largest(failing.map(({ value }) => clean.accuracy.value - value)) },
    };
  },
};
