import { at } from '../tabular/columns';
import { moments, peak, series } from './signal';

/** Share of the frames of each channel. */
const share = [0.002, 0.005, 0.01, 0.02, 0.05] as const;
/** Of the channel's largest deviation from its mean. */
const height = 1.5;

/** Single frames far beyond anything that the channel has: switching, loose contacts, electrostatic discharge. */
export const spikes = series({
  name: 'spikes',
  title: 'Spikes',
  source: 'severities are our own (docs/series.md)',
  describe: (severity) => `${100 * at(share, severity)} % of the frames at ${height} times the peak`,
  change({ values, channels, frames }, severity, random) {
    for (let c = 0; c < channels; c++) {
      const from = c * frames;
      const { mean } = moments(values, from, frames);
      const far = height * peak(values, from, frames, mean);
      const count = Math.max(1, Math.round(at(share, severity) * frames));
      for (let k = 0; k < count; k++) {
        values[from + random.integer(frames)] = mean + (random.integer(2) === 0 ? -far : far);
      }
    }
  },
});
