import { shiftDefinitions } from '../metric/shiftDefinitions';
import type { RegressionReport } from './regression';
import { numberText } from './regressionSections';
import type { Report } from './schema';
import type { Section } from './section';
import type { DriftReport, ShiftReport } from './shifts';
import { orDash, percent, withInterval } from './words';

/** What a report on a classifier says of other data. */
export function shiftSections(report: Report): Section[] {
  const { shifts, outOfDistribution = [] } = report;
  const drifts = [...shifts, ...outOfDistribution];
  return [
    ...(shifts.length > 0 ? [accuracies(shifts)] : []),
    ...(shifts.some(({ effectiveRobustness }) => effectiveRobustness) ? [effective(shifts)] : []),
    ...outOfDistribution.map(detection),
    ...driftSections(drifts),
  ];
}

/** The same of a model that predicts numbers. */
export function outputShiftSections({ shifts = [] }: RegressionReport): Section[] {
  if (shifts.length === 0) return [];
  return [
    {
      title: 'Distribution shifts',
      paragraphs: [shiftDefinitions.shiftRise.text],
      table: {
        columns: ['Shift', 'Examples', 'MAE', 'Rise of the MAE', 'RMSE', 'Median error', 'R²'],
        rows: shifts.map((shift) => [
          shift.name,
          String(shift.data.count),
          numberText(shift.mae),
          numberText({ value: shift.rise, low: shift.riseInterval[0], high: shift.riseInterval[1], n: 0 }),
          numberText(shift.rmse),
          numberText(shift.medianError),
          numberText(shift.r2),
        ]),
      },
    },
    ...driftSections(shifts),
  ];
}

function accuracies(shifts: readonly ShiftReport[]): Section {
  const notes = shifts.flatMap(({ name, notes = [] }) => notes.map((note) => `${name}: ${note}.`));
  return {
    title: 'Distribution shifts',
    paragraphs: [
      'The same task on other data, with the same model and pre-processing.',
      shiftDefinitions.shiftDrop.text,
      ...notes,
    ],
    table: {
      columns: ['Shift', 'Examples', 'Accuracy', 'Drop, points', 'Balanced accuracy', 'ECE', 'Data', 'SHA-256'],
      rows: shifts.map(({ name, accuracy, drop, dropInterval, balancedAccuracy, ece, data }) => [
        name,
        String(accuracy.n),
        withInterval(accuracy),
        dropInterval ? `${points(drop)} (${points(dropInterval[0])} to ${points(dropInterval[1])})` : points(drop),
        orDash(balancedAccuracy),
        orDash(ece),
        data?.path ?? '–',
        data?.sha256.slice(0, 12) ?? '–',
      ]),
    },
  };
}

function effective(shifts: readonly ShiftReport[]): Section {
  return {
    title: 'Effective robustness',
    paragraphs: [
      shiftDefinitions.effectiveRobustness.text,
      ...shifts.flatMap(({ name, effectiveRobustness: found }) =>
        found
          ? [
              `Baselines of ${name}: ${found.baselines.map((b) => `${b.model} (${percent(b.standard)} clean, ${percent(b.shifted)} on the shift)`).join('; ')}.${found.baselines.length < 5 ? ' So few models make a rough line.' : ''}`,
            ]
          : [],
      ),
    ],
    table: {
      columns: ['Shift', 'Accuracy', 'Expected', 'Effective robustness, points'],
      rows: shifts.flatMap(({ name, accuracy, effectiveRobustness: found }) =>
        found ? [[name, withInterval(accuracy), percent(found.expected), points(found.value)]] : [],
      ),
    },
  };
}

function detection(outside: NonNullable<Report['outOfDistribution']>[number]): Section {
  const { name, data, ordinary, detection: rows } = outside;
  return {
    title: `Out-of-distribution: ${name}`,
    paragraphs: [
      `How well ${data.count} examples that belong to no class can be told from the ${ordinary} of the test data by what the model says. Out-of-distribution is the positive class.`,
      shiftDefinitions.outlierScore.text,
      ...(rows.length === 0 ? ['The model returns labels alone: there is no score to tell them apart by.'] : []),
      shiftDefinitions.fpr95.text,
    ],
    table: {
      columns: ['Score', 'AUROC', 'AUPR', 'FPR95'],
      rows: rows.map(({ score, auroc, aupr, fpr95 }) => [
        score,
        withInterval(auroc),
        withInterval(aupr),
        withInterval(fpr95),
      ]),
    },
  };
}

function driftSections(
  shifts: readonly { readonly name: string; readonly drift?: DriftReport | undefined }[],
): Section[] {
  const measured = shifts.flatMap(({ name, drift }) => (drift ? [{ name, drift }] : []));
  if (measured.length === 0) return [];
  return [
    {
      title: 'How far the data are',
      paragraphs: [shiftDefinitions.mmd.text],
      table: {
        columns: ['Data', 'Columns that differ', 'MMD² of the data', 'MMD² of the outputs', 'MMD² of the embedding'],
        rows: measured.map(({ name, drift }) => [
          name,
          `${drift.changed} of ${drift.compared}${drift.compared < drift.columns ? ` (of ${drift.columns}, evenly chosen)` : ''}`,
          discrepancyText(drift.mmd.data),
          discrepancyText(drift.mmd.outputs),
          discrepancyText(drift.mmd.embedding),
        ]),
      },
    },
    ...measured.map(({ name, drift }) => ({
      title: `Columns that drift most: ${name}`,
      paragraphs: [
        `On ${drift.reference} test examples and ${drift.examples} others. ${shiftDefinitions.ks.text}`,
        shiftDefinitions.psi.text,
      ],
      table: {
        columns: ['Column', 'KS', 'p-value', 'PSI'],
        rows: drift.largest.map(({ name: column, ks, pValue, psi }) => [
          column,
          ks.toFixed(3),
          probability(pValue),
          psi === null ? '–' : psi.toFixed(3),
        ]),
      },
    })),
  ];
}

function discrepancyText(found: DriftReport['mmd']['data']): string {
  return found === null
    ? '–'
    : `${found.value.toFixed(4)} (p ${found.pValue <= 0.005 ? '≤ 0.005' : `= ${probability(found.pValue)}`})`;
}

/** A p-value as it is written: nobody reads 10⁻⁶⁸. */
export function probability(p: number): string {
  return p < 0.0001 ? '< 0.0001' : String(Number(p.toPrecision(2)));
}

/** A difference of shares in percentage points, signed. */
function points(value: number): string {
  const rounded = Math.abs(100 * value) < 0.05 ? 0 : 100 * value;
  return `${rounded < 0 ? '−' : ''}${Math.abs(rounded).toFixed(1)}`;
}
