import { allowed, at } from './columns';
import { tabular } from './tabular';

/** Share of the columns that change places. */
const share = [0.1, 0.2, 0.4, 0.6, 1] as const;

/** Pairs of columns change places, the same in all examples: a file whose columns were put together wrongly. */
export const swappedColumns = tabular({
  name: 'swapped_columns',
  title: 'Swapped columns',
  columns: 2,
  describe: (severity) => `${100 * at(share, severity)} % of the columns, in pairs`,
  change(row, severity, columns) {
    const { continuous, scale } = columns;
    const pairs = Math.max(1, Math.floor((at(share, severity) * continuous.length) / 2));
    for (let pair = 0; pair < pairs; pair++) {
      const [i, j] = [continuous[2 * pair]!, continuous[2 * pair + 1]!];
      // What stands in the file is what changes places, not what it is worth in units of the other's scale.
      const [one, other] = [row[i]! * scale[i]!, row[j]! * scale[j]!];
      row[i] = allowed(columns, i, other / scale[i]!);
      row[j] = allowed(columns, j, one / scale[j]!);
    }
  },
});
