import { at } from '../tabular/columns';
import { moments, peak, series } from './signal';

/** Share of the channel's largest deviation from its mean. */
const level = [0.8, 0.6, 0.4, 0.25, 0.1] as const;

/** An amplifier or converter that is driven too far: what is beyond a level is cut off. */
export const clipping = series({
  name: 'clipping',
  title: 'Clipping',
  source: 'severities are our own (docs/series.md)',
  describe: (severity) => `at ${100 * at(level, severity)} % of the peak`,
  change({ values, channels, frames }, severity) {
    for (let c = 0; c < channels; c++) {
      const from = c * frames;
      const { mean } = moments(values, from, frames);
      const most = at(level, severity) * peak(values, from, frames, mean);
      for (let i = from; i < from + frames; i++) {
        if (values[i]! > mean + most) values[i] = mean + most;
        else if (values[i]! < mean - most) values[i] = mean - most;
      }
    }
  },
});
