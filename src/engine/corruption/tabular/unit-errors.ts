import { allowed, at, shuffled, someOf } from './columns';
import { tabular } from './tabular';

type Row = readonly [share: number, factors: readonly number[]];
type Table = readonly [Row, Row, Row, Row, Row];

/** Share of the columns, and the factors that one is drawn from. */
const slips: Table = [
  [0.1, [10, 0.1]],
  [0.2, [10, 0.1]],
  [0.3, [10, 0.1]],
  [0.2, [1000]],
  [0.3, [1000]],
];

/** Some values, others in each example, are given in another unit: ten times too large or too small, or a thousand times too large. */
export const unitErrors = tabular({
  name: 'unit_errors',
  title: 'Unit errors',
  columns: 1,
  describe: (severity) => `${100 * at(slips, severity)[0]} % of the columns × ${at(slips, severity)[1].join(' or ')}`,
  change(row, severity, columns, random) {
    const [share, factors] = at(slips, severity);
    for (const i of someOf(shuffled(columns.continuous, random), share)) {
      row[i] = allowed(columns, i, row[i]! * factors[random.integer(factors.length)]!);
    }
  },
});
