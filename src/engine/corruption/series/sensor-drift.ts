import { at } from '../tabular/columns';
import { moments, series } from './signal';

/** Standard deviations of the channel, at the end of the series. */
const distance = [0.25, 0.5, 1, 1.5, 2] as const;

/** Each channel wanders off steadily, up or down: warming up, ageing, a bias that integrates. */
export const sensorDrift = series({
  name: 'sensor_drift',
  title: 'Sensor drift',
  source: 'severities are our own (docs/series.md)',
  describe: (severity) => `${at(distance, severity)} σ at the end`,
  change({ values, channels, frames }, severity, random) {
    for (let c = 0; c < channels; c++) {
      const from = c * frames;
      const far = at(distance, severity) * Math.sqrt(moments(values, from, frames).power);
      const slope = ((random.integer(2) === 0 ? -1 : 1) * far) / Math.max(1, frames - 1);
      for (let t = 0; t < frames; t++) values[from + t]! += slope * t;
    }
  },
});
