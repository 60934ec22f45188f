import { at } from '../tabular/columns';
import { series } from './signal';

const decibels = [3, 6, 9, 12, 18] as const;

/** Everything is louder or softer than it should be: another distance, another calibration. */
export const gain = series({
  name: 'gain',
  title: 'Gain',
  source: 'severities are our own (docs/series.md)',
  describe: (severity) => `${at(decibels, severity)} dB up or down`,
  change({ values }, severity, random) {
    const sign = random.integer(2) === 0 ? -1 : 1;
    const factor = 10 ** ((sign * at(decibels, severity)) / 20);
    for (let i = 0; i < values.length; i++) values[i]! *= factor;
  },
});
