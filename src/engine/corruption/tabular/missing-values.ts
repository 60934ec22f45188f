import type { Corruption, Fill } from '../types';
import { allowed, at } from './columns';
import { tabular } from './tabular';

/** Chance of each value to be missing. */
const share = [0.05, 0.1, 0.2, 0.3, 0.5] as const;

const words: Readonly<Record<Fill, string>> = {
  nan: 'left missing (NaN)',
  mean: "filled with the column's mean",
  median: "filled with the column's median",
};

/**
 * Values are missing. They are filled in as is usual, with the column's mean or median, the commoner of two values, the
 * commonest of a one-hot group; or, for models that can tell, they are NaN, a whole one-hot group at once.
 */
export const missingValues = missingFilledBy('mean');

function missingFilledBy(fill: Fill): Corruption {
  return tabular({
    name: 'missing_values',
    title: 'Missing values',
    columns: 0,
    describe: (severity) => `${100 * at(share, severity)} % of the values, ${words[fill]}`,
    filled: missingFilledBy,
    change(row, severity, columns, random) {
      const chance = at(share, severity);
      const { mean, median, scale, continuous, binary, groups } = columns;
      const nothing = fill === 'nan';
      const usual = fill === 'median' ? (median ?? mean) : mean;
      for (const i of continuous) {
        if (random.uniform() < chance) row[i] = nothing ? Number.NaN : allowed(columns, i, usual[i]!);
      }
      for (const i of binary) {
        if (random.uniform() >= chance) continue;
        row[i] = nothing ? Number.NaN : Math.round(mean[i]! * scale[i]!) / scale[i]!;
      }
      for (const group of groups) {
        if (random.uniform() >= chance) continue;
        const commonest = group.reduce((best, i) => (mean[i]! * scale[i]! > mean[best]! * scale[best]! ? i : best));
        for (const i of group) row[i] = nothing ? Number.NaN : i === commonest ? 1 / scale[i]! : 0;
      }
    },
  });
}
