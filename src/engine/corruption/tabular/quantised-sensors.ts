import { allowed, at } from './columns';
import { tabular } from './tabular';

/** Values that a sensor can tell apart between the least and the greatest of the column. */
const levels = [64, 16, 8, 4, 2] as const;

/** Every number is rounded to a few levels: sensors that are coarse, or stored in few bits. */
export const quantisedSensors = tabular({
  name: 'quantised_sensors',
  title: 'Quantised sensors',
  columns: 1,
  describe: (severity) => `${at(levels, severity)} levels`,
  change(row, severity, columns) {
    const last = at(levels, severity) - 1;
    const { low, high, continuous } = columns;
    for (const i of continuous) {
      const step = (high[i]! - low[i]!) / last;
      // Beyond the sample's ends a sensor shows its last level.
      const level = Math.min(last, Math.max(0, Math.round((row[i]! - low[i]!) / step)));
      row[i] = allowed(columns, i, low[i]! + level * step);
    }
  },
});
