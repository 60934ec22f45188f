import type { RegressionReport } from './regression';

/** Target less prediction of one output of one example. */
export interface Residual {
  readonly prediction: number;
  readonly residual: number;
}

/** Of every example that was seen clean, of one output. */
export function residualsOf({ outcomes }: Pick<RegressionReport, 'outcomes'>, output: number): Residual[] {
  return outcomes.prediction.flatMap((row, i) => {
    const [prediction, target] = [row[output], outcomes.target[i]?.[output]];
    return prediction === undefined || target === undefined ? [] : [{ prediction, residual: target - prediction }];
  });
}

/** Residuals of examples whose predictions are alike. */
export interface ResidualBand {
  readonly from: number;
  readonly to: number;
  readonly n: number;
  /** Mean: above 0 the model predicts too little. */
  readonly bias: number;
  /** Standard deviation about the bias. */
  readonly spread: number;
  readonly mae: number;
  readonly largest: number;
}

/** Bands of equal counts by prediction: a bias or a spread that grows with the prediction shows here. */
export function residualBands(residuals: readonly Residual[], bands = 5): ResidualBand[] {
  const sorted = residuals.toSorted((a, b) => a.prediction - b.prediction);
  return Array.from({ length: Math.min(bands, sorted.length) }, (_, k, count = Math.min(bands, sorted.length)) => {
    const own = sorted.slice(Math.floor((k * sorted.length) / count), Math.floor(((k + 1) * sorted.length) / count));
    return bandOf(own);
  });
}

/** One band of all; `from` and `to` are 0 where there is none. */
export function bandOf(own: readonly Residual[]): ResidualBand {
  const n = own.length;
  const mean = (of: (each: Residual) => number) => own.reduce((sum, each) => sum + of(each), 0) / Math.max(1, n);
  const bias = mean(({ residual }) => residual);
  return {
    from: own[0]?.prediction ?? 0,
    to: own.at(-1)?.prediction ?? 0,
    n,
    bias,
    spread: Math.sqrt(mean(({ residual }) => (residual - bias) ** 2)),
    mae: mean(({ residual }) => Math.abs(residual)),
    largest: own.reduce((most, { residual }) => Math.max(most, Math.abs(residual)), 0),
  };
}
