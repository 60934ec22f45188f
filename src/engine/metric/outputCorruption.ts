import type { Figure } from '../report/schema';
import { bootstrap } from './interval';

/** What corrupted examples did to the outputs, by example; NaN where the model gave no number. */
export interface CorruptedOutputs {
  /** [n]: mean over outputs of |prediction − target|. */
  readonly absolute: ArrayLike<number>;
  /** [n]: mean over outputs of (prediction − target)². */
  readonly squared: ArrayLike<number>;
  /** [n]: mean over outputs of |prediction − prediction without the corruption|. */
  readonly change: ArrayLike<number>;
  /** [n]: mean absolute error without the corruption. */
  readonly clean: ArrayLike<number>;
}

export interface CorruptedOutputFigures {
  readonly mae: Figure | null;
  readonly rmse: Figure | null;
  /** Mean absolute error over that of the same examples without the corruption; null where that is 0. */
  readonly ratio: Figure | null;
  readonly meanChange: Figure | null;
}

/** Draws of the bootstrap, times examples, that are worth their time for one row of many. */
const mostDraws = 2_000_000;

/**
 * Errors under a corruption with 95 % bootstrap intervals over the examples that the model answered; all null where it
 * answered none. The ratio's interval is over pairs: clean and corrupted errors of an example are drawn together.
 */
export function corruptedOutputFigures(rows: CorruptedOutputs, seed: number): CorruptedOutputFigures {
  const answered: number[] = [];
  for (let i = 0; i < rows.absolute.length; i++) if (Number.isFinite(rows.absolute[i])) answered.push(i);
  const picked = (values: ArrayLike<number>) => Float64Array.from(answered, (i) => values[i]!);
  const absolute = picked(rows.absolute);
  const squared = picked(rows.squared);
  const change = picked(rows.change);
  const clean = picked(rows.clean);
  const n = answered.length;
  const sums = new Float64Array(5);
  const [mae, rmse, ratio, meanChange] = bootstrap(
    n,
    (weights) => {
      sums.fill(0);
      for (let i = 0; i < n; i++) {
        const weight = weights[i]!;
        sums[0]! += weight;
        sums[1]! += weight * absolute[i]!;
        sums[2]! += weight * squared[i]!;
        sums[3]! += weight * clean[i]!;
        sums[4]! += weight * change[i]!;
      }
      const [total, errors, squares, before, moved] = sums as unknown as [number, number, number, number, number];
      return [errors / total, Math.sqrt(squares / total), before > 0 ? errors / before : null, moved / total];
    },
    { seed, replicates: Math.max(200, Math.min(1000, Math.floor(mostDraws / Math.max(1, n)))) },
  );
  return { mae: mae ?? null, rmse: rmse ?? null, ratio: ratio ?? null, meanChange: meanChange ?? null };
}
