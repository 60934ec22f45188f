import { at } from '../tabular/columns';
import { smoothCurve } from './curve';
import { series } from './signal';

/** Standard deviation of the factor at its knots. */
const deviation = [0.1, 0.2, 0.3, 0.4, 0.5] as const;

/** Each channel is multiplied by a smooth curve of its own: contact pressure, distance, fading. */
export const magnitudeWarp = series({
  name: 'magnitude_warp',
  title: 'Magnitude warp',
  source: 'Um et al. 2017 (magnitude warping, four knots, σ = 0.2)',
  describe: (severity) => `factor σ = ${at(deviation, severity)}`,
  change({ values, channels, frames }, severity, random) {
    for (let c = 0; c < channels; c++) {
      const factor = smoothCurve(frames, at(deviation, severity), random);
      for (let t = 0; t < frames; t++) values[c * frames + t]! *= factor[t]!;
    }
  },
});
