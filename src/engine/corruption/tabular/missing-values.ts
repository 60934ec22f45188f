import { allowed, at } from './columns';
import { tabular } from './tabular';

/** Chance of each value to be missing. */
const share = [0.05, 0.1, 0.2, 0.3, 0.5] as const;

/** Values are missing and filled in as is usual: with the column's mean, the commoner of two values, the commonest of a one-hot group. */
export const missingValues = tabular({
  name: 'missing_values',
  title: 'Missing values',
  columns: 0,
  describe: (severity) => `${100 * at(share, severity)} % of the values, filled with the column's mean`,
  change(row, severity, columns, random) {
    const chance = at(share, severity);
    const { mean, scale, continuous, binary, groups } = columns;
    for (const i of continuous) if (random.uniform() < chance) row[i] = allowed(columns, i, mean[i]!);
    for (const i of binary) if (random.uniform() < chance) row[i] = Math.round(mean[i]! * scale[i]!) / scale[i]!;
    for (const group of groups) {
      if (random.uniform() >= chance) continue;
      const usual = group.reduce((best, i) => (mean[i]! * scale[i]! > mean[best]! * scale[best]! ? i : best));
      for (const i of group) row[i] = i === usual ? 1 / scale[i]! : 0;
    }
  },
});
