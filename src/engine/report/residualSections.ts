import type { RegressionReport } from './regression';
import { residualSvg } from './residualSvg';
import { bandOf, residualBands, residualsOf } from './residuals';
import type { Section } from './section';

/** Outputs whose residuals are tabled; of more, these first. */
const shownOutputs = 4;
/** Examples with the largest errors. */
const listed = 8;

/** Residuals of the clean predictions by fifths of the prediction: bias, spread, and whether they change along the way. */
export function residualSection(report: RegressionReport): Section | null {
  if (report.clean === null) return null;
  const several = report.outputs > 1;
  const outputs = Array.from({ length: Math.min(shownOutputs, report.outputs) }, (_, j) => j);
  const all = outputs.map((j) => ({ output: j, residuals: residualsOf(report, j) }));
  if (all.every(({ residuals }) => residuals.length < 10)) return null;
  // A share of the target is no line on this chart.
  const absolute = report.tolerance?.relative === false ? report.tolerance.value : null;
  return {
    title: 'Residuals',
    paragraphs: [
      'Target less prediction, of the examples as they are, by fifths of the prediction. A bias above 0 says that the model predicts too little there; a spread that grows says that one tolerance does not fit all.',
      ...(report.outputs > shownOutputs ? [`Of ${report.outputs} outputs the first ${shownOutputs} are shown.`] : []),
    ],
    figure: residualSvg(all[0]?.residuals ?? [], absolute),
    table: {
      columns: [
        ...(several ? ['Output'] : []),
        'Prediction',
        'Examples',
        'Bias',
        'Spread (σ)',
        'Mean absolute error',
        'Largest error',
      ],
      rows: all.flatMap(({ output, residuals }) =>
        [...residualBands(residuals), bandOf(residuals)].map((band, k, bands) => [
          ...(several ? [String(output)] : []),
          k === bands.length - 1 ? 'all' : `${digits(band.from)} to ${digits(band.to)}`,
          String(band.n),
          `${band.bias > 0 ? '+' : ''}${digits(band.bias)}`,
          digits(band.spread),
          digits(band.mae),
          digits(band.largest),
        ]),
      ),
    },
  };
}

/** The examples that the model is farthest off on without any disturbance: where to look first. */
export function largestErrors({ outcomes, outputs, clean }: RegressionReport): Section | null {
  if (clean === null || outcomes.prediction.length < 10) return null;
  const rows = outcomes.prediction
    .map((prediction, index) => {
      const target = outcomes.target[index]!;
      const error = prediction.reduce((sum, value, j) => sum + Math.abs(value - target[j]!), 0) / outputs;
      return { index, prediction, target, error };
    })
    .sort((a, b) => b.error - a.error)
    .slice(0, listed);
  const written = (values: readonly number[]) =>
    `${values.slice(0, shownOutputs).map(digits).join(', ')}${values.length > shownOutputs ? ', …' : ''}`;
  return {
    title: 'Largest clean errors',
    paragraphs: [
      'By their position in the data, from 0: wrong targets and cases unlike the others are found here first.',
    ],
    table: {
      columns: ['Example', 'Target', 'Prediction', outputs > 1 ? 'Mean error' : 'Error'],
      rows: rows.map(({ index, target, prediction, error }) => [
        String(index),
        written(target),
        written(prediction),
        digits(error),
      ]),
    },
  };
}

function digits(value: number): string {
  return String(Number(value.toPrecision(3)));
}
