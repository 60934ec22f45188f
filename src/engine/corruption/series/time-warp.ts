import { at } from '../tabular/columns';
import { smoothCurve } from './curve';
import { between, series } from './signal';

/** Standard deviation of the speed at its knots. */
const deviation = [0.1, 0.2, 0.3, 0.4, 0.5] as const;
/** Time stands still for nobody, and never runs backwards. */
const slowest = 0.1;

/** Time runs faster here and slower there, in all channels alike; the first and the last frame stay where they are. */
export const timeWarp = series({
  name: 'time_warp',
  title: 'Time warp',
  source: 'Um et al. 2017 (time warping, four knots, σ = 0.2)',
  describe: (severity) => `speed σ = ${at(deviation, severity)}`,
  change({ values, channels, frames }, severity, random) {
    const speed = smoothCurve(frames, at(deviation, severity), random);
    const times = new Float64Array(frames);
    for (let t = 1; t < frames; t++) {
      times[t] = times[t - 1]! + (Math.max(slowest, speed[t - 1]!) + Math.max(slowest, speed[t]!)) / 2;
    }
    const scale = frames > 1 ? (frames - 1) / times[frames - 1]! : 1;
    const before = values.slice();
    for (let c = 0; c < channels; c++) {
      for (let t = 0; t < frames; t++) {
        values[c * frames + t] = between(before, c * frames, frames, scale * times[t]!);
      }
    }
  },
});
