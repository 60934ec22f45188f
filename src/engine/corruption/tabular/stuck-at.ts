import { allowed, at, someOf } from './columns';
import { tabular } from './tabular';

/** Share of the columns. */
const share = [0.05, 0.1, 0.2, 0.3, 0.5] as const;

/** Some columns, the same in all examples, show one value whatever happens: their least, mean or greatest. */
export const stuckAt = tabular({
  name: 'stuck_at',
  title: 'Stuck-at faults',
  columns: 1,
  describe: (severity) => `${100 * at(share, severity)} % of the columns at one value`,
  change(row, severity, columns) {
    for (const i of someOf(columns.continuous, at(share, severity))) row[i] = allowed(columns, i, columns.stuck[i]!);
  },
});
