import type { Technique } from '../types';
import { below, pointerTo } from '../words';

const least = 0.5;

/** Where turning and shifting an image is enough. */
export const spatialTraining: Technique = {
  name: 'spatial-training',
  title: 'Augmentation with rotations and shifts',
  sources: [],
  recovered: null,
  lost: 0,
  check({ clean, spatial }) {
    if (clean === null || spatial === undefined) return null;
    const threshold = least * clean.accuracy.value;
    const { value } = spatial.worstCase;
    if (value >= threshold) return null;
    return {
      triggers: [below(pointerTo('/spatial/worstCase'), 'accuracy at the worst rotation and shift', value, threshold)],
      why: `Some rotation of up to ${spatial.rotation}° with a shift breaks more than half of what is right.`,
      action:
        'Train with rotations and shifts of that size, at the worst of several for each example rather than at a random one (Engstrom et al., Exploring the Landscape of Spatial Robustness, ICML 2019).',
      gates: [],
      evidence: 'Accuracy at the worst point of the same grid (“spatial” in the spec).',
      shortfall: { worst: clean.accuracy.value - value },
    };
  },
};
