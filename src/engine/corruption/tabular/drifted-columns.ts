import { allowed, at } from './columns';
import { tabular } from './tabular';

/** Standard deviations that each column moves by. */
const drift = [0.25, 0.5, 1, 1.5, 2] as const;

/** Every number moves, by column up or down, the same way in all examples: sensors that age, prices that rise. */
export const driftedColumns = tabular({
  name: 'drifted_columns',
  title: 'Drifted columns',
  columns: 1,
  describe: (severity) => `all by ${at(drift, severity)} σ`,
  change(row, severity, columns) {
    const far = at(drift, severity);
    const { sign, deviation, continuous } = columns;
    for (const i of continuous) row[i] = allowed(columns, i, row[i]! + far * sign[i]! * deviation[i]!);
  },
});
