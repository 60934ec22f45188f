import { RobustnessError } from '../../error';
import type { Random } from '../../random';
import type { Corruption } from '../types';
import type { Columns } from './columns';

interface Definition extends Pick<Corruption, 'filled'> {
  readonly name: string;
  readonly title: string;
  /** Continuous columns that it takes at least; 0 where others will do. */
  readonly columns: number;
  describe(severity: number): string;
  /** Changes `row`, a copy of one example, in place. */
  change(row: Float32Array, severity: number, columns: Columns, random: Random): void;
}

/** A fault of tables as a corruption. Its severities are ours: the field has no benchmark for them. */
export function tabular({ change, columns: least, ...definition }: Definition): Corruption {
  return {
    ...definition,
    source: 'severities are our own (docs/corruptions.md)',
    kinds: ['vector'],
    columns: least,
    apply(x, _shape, severity, _bounds, random, columns) {
      if (columns === undefined || columns.mean.length !== x.length) {
        throw new RobustnessError(
          'data/columns',
          `${definition.title} needs to know the columns of the table, and nothing is known of them.`,
          'Leave it out under `corruptions.only`.',
        );
      }
      const row = Float32Array.from(x);
      change(row, severity, columns, random);
      return row;
    },
  };
}
