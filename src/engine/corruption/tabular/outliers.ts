import { allowed, at, shuffled, someOf } from './columns';
import { tabular } from './tabular';

type Row = readonly [share: number, far: number];
type Table = readonly [Row, Row, Row, Row, Row];

/** Share of the columns, and how many standard deviations from the column's mean. */
const gross: Table = [
  [0.1, 3],
  [0.1, 5],
  [0.2, 5],
  [0.2, 10],
  [0.3, 10],
];

/** Some values, others in each example, are far above or below what the column has. */
export const outliers = tabular({
  name: 'outliers',
  title: 'Outliers',
  columns: 1,
  describe: (severity) => `${100 * at(gross, severity)[0]} % of the columns at ${at(gross, severity)[1]} σ`,
  change(row, severity, columns, random) {
    const [share, far] = at(gross, severity);
    const { mean, deviation, continuous } = columns;
    for (const i of someOf(shuffled(continuous, random), share)) {
      const way = random.integer(2) === 0 ? -far : far;
      row[i] = allowed(columns, i, mean[i]! + way * deviation[i]!);
    }
  },
});
