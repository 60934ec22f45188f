import type { RobustnessError } from '../error';
import type { RegressionReport } from '../report/regression';
import type { Report } from '../report/schema';
import type { Gate, GateMetrics, Operator } from './gate';

const onShift: Readonly<Record<string, (shift: Report['shifts'][number]) => number | null>> = {
  accuracy: (s) => s.accuracy.value,
  drop: (s) => s.drop,
  balancedAccuracy: (s) => s.balancedAccuracy?.value ?? null,
  ece: (s) => s.ece?.value ?? null,
  effectiveRobustness: (s) => s.effectiveRobustness?.value ?? null,
};
type Outside = NonNullable<Report['outOfDistribution']>[number];
/** Of the confidence, the baseline of the field; the other scores stand in the report. */
const byConfidence = (outside: Outside, figure: 'auroc' | 'aupr' | 'fpr95') =>
  outside.detection.find(({ score }) => score === 'confidence')?.[figure].value ?? null;
const onOutside: Readonly<Record<string, (outside: Outside) => number | null>> = {
  auroc: (o) => byConfidence(o, 'auroc'),
  aupr: (o) => byConfidence(o, 'aupr'),
  fpr95: (o) => byConfidence(o, 'fpr95'),
};
const onOutput: Readonly<Record<string, (shift: NonNullable<RegressionReport['shifts']>[number]) => number | null>> = {
  mae: (s) => s.mae.value,
  rmse: (s) => s.rmse.value,
  medianError: (s) => s.medianError.value,
  r2: (s) => s.r2?.value ?? null,
  rise: (s) => s.rise,
};

export const shiftMetrics: readonly string[] = [...Object.keys(onShift), ...Object.keys(onOutside)];
export const outputShiftMetrics: readonly string[] = Object.keys(onOutput);

/** The value of a metric; null where it was not measured. */
export function shiftMeasure({ shifts, outOfDistribution }: Report, name: string, metric: string): number | null {
  const shift = shifts.find((each) => each.name === name);
  const outside = outOfDistribution?.find((each) => each.name === name);
  return (shift && onShift[metric]?.(shift)) ?? (outside && onOutside[metric]?.(outside)) ?? null;
}

export function outputShiftMeasure({ shifts }: RegressionReport, name: string, metric: string): number | null {
  const shift = shifts?.find((each) => each.name === name);
  return (shift && onOutput[metric]?.(shift)) ?? null;
}

const grammar = /^\s*shift\(\s*([^()]+?)\s*\)\s*\.\s*(\w+)\s*(>=|<=|==|>|<)\s*(-?\d+(?:\.\d+)?)\s*(%?)\s*$/;

/**
 * Parses `shift(photos).accuracy >= 0.8`; null where it is a gate on no shift.
 * @param wrong makes the error to throw
 */
export function parseShiftGate(
  expression: string,
  { perShift = [], shifts = [] }: GateMetrics,
  wrong: (expression: string, why: string) => RobustnessError,
): Gate | null {
  if (!/^\s*shift\s*\(/.test(expression)) return null;
  const match = grammar.exec(expression);
  if (!match) throw wrong(expression, 'it is not of the form `shift(name).metric`, a comparison and a number');
  const [, name = '', metric = '', operator = '', digits = '', percent] = match;
  if (!shifts.includes(name)) {
    throw wrong(expression, `the spec has no shift \`${name}\` (it has: ${shifts.join(', ') || 'none'})`);
  }
  if (!perShift.includes(metric)) {
    throw wrong(expression, `\`${metric}\` is not a metric of a shift (known: ${perShift.join(', ')})`);
  }
  const threshold = Number(digits) / (percent ? 100 : 1);
  return { expression, metric, threatModel: null, shift: name, operator: operator as Operator, threshold };
}
