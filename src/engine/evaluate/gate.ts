import { RobustnessError } from '../error';
import { cleanFigures } from '../report/cleanSections';
import type { Figure, Report } from '../report/schema';
import { parseShiftGate, shiftMeasure, shiftMetrics } from './gateShift';
import { changeMetrics, stabilityMetrics } from './gateStability';

export type Operator = '>=' | '>' | '<=' | '<' | '==';

export interface Gate {
  readonly expression: string;
  readonly metric: string;
  /** Name of the threat model, for metrics that have one. */
  readonly threatModel: string | null;
  /** Name of the shifted data set, for metrics that have one. */
  readonly shift?: string;
  readonly operator: Operator;
  readonly threshold: number;
}

type Read = (report: Report) => Figure | number | null | undefined;
const plain: Readonly<Record<string, Read>> = {
  ...Object.fromEntries(cleanFigures.map((name) => [`clean.${name}`, (r: Report) => r.clean?.[name]])),
  'clean.adaptiveEce': (r) => r.clean?.calibration?.adaptiveEce,
  'clean.maximumCe': (r) => r.clean?.calibration?.maximumCe,
  'clean.overconfidence': (r) => r.clean?.calibration?.overconfidence,
  'clean.aurc': (r) => r.clean?.selective?.aurc,
  'clean.excessAurc': (r) => r.clean?.selective?.excessAurc,
  'generalisation.gap': (r) => r.generalisation?.gap,
  'clean.worstGroup': (r) => r.groups?.clean.accuracy,
  'clean.groupGap': (r) => r.groups?.clean.gap,
  'corruptions.meanAccuracy': (r) => r.corruptions?.meanAccuracy,
  'corruptions.mCE': (r) => r.corruptions?.mCE,
  'corruptions.stabilityIndex': (r) => r.corruptions?.stabilityIndex,
  'corruptions.ece': (r) => r.calibration?.corrupted?.ece,
  'corruptions.overconfidence': (r) => r.calibration?.corrupted?.overconfidence,
  'corruptions.aurc': (r) => r.calibration?.corrupted?.aurc,
  ...stabilityMetrics,
  'summary.robustnessScore': (r) => r.summary.robustnessScore,
};
const perThreatModel: Readonly<
  Record<string, (threat: Report['threatModels'][number], report: Report) => Figure | number | null>
> = {
  robustAccuracy: (t) => t.robustAccuracy,
  certifiedAccuracy: (t) => t.certifiedAccuracy,
  attackSuccessRate: (t) => t.attackSuccessRate,
  calibration: (t, r) => r.calibration?.attacked.find(({ threatModel }) => threatModel === t.name)?.ece ?? null,
  ...changeMetrics,
  worstGroup: (t, r) => r.groups?.robust.find(({ threatModel }) => threatModel === t.name)?.accuracy ?? null,
};

const grammar = /^\s*([A-Za-z][\w.]*)\s*(?:\(\s*([^()]*?)\s*\))?\s*(>=|<=|==|>|<)\s*(\d+(?:\.\d+)?)\s*(%?)\s*$/;

/**
 * Parses `clean.accuracy >= 0.90` or `robustAccuracy(linf-8) >= 45%`.
 * @param threatModels names that a gate may mention
 * @throws RobustnessError `spec/gate`
 */
export function parseGate(expression: string, threatModels: readonly string[], shifts: readonly string[] = []): Gate {
  return parseGateOf(expression, threatModels, {
    plain: Object.keys(plain),
    perThreatModel: Object.keys(perThreatModel),
    perShift: shiftMetrics,
    shifts,
    example: '`clean.accuracy >= 0.90` or `robustAccuracy(linf-8) >= 45%`',
  });
}

/** The metrics that a task has, by name. */
export interface GateMetrics {
  readonly plain: readonly string[];
  /** Those that are measured under a threat model. */
  readonly perThreatModel: readonly string[];
  /** Those of a shifted data set, and the names of the spec's. */
  readonly perShift?: readonly string[];
  readonly shifts?: readonly string[];
  /** A gate or two, as they are written. */
  readonly example: string;
}

/** @throws RobustnessError `spec/gate` */
export function parseGateOf(expression: string, threatModels: readonly string[], metrics: GateMetrics): Gate {
  const wrong = (text: string, why: string) => wrongGate(text, why, metrics.example);
  const shifted = parseShiftGate(expression, metrics, wrong);
  if (shifted !== null) return shifted;
  const match = grammar.exec(expression);
  if (!match) throw wrong(expression, 'it is not a metric, a comparison and a number');
  const [, metric = '', name, operator = '', digits = '', percent] = match;
  const plainly = metrics.plain.includes(metric);
  const under = metrics.perThreatModel.includes(metric);
  if (!plainly && !under) {
    const known = [...new Set([...metrics.plain, ...metrics.perThreatModel])];
    throw wrong(expression, `\`${metric}\` is not a metric (known: ${known.join(', ')})`);
  }
  if (!under && name !== undefined) throw wrong(expression, `\`${metric}\` takes no threat model`);
  if (!name && !(plainly && name === undefined)) {
    throw wrong(expression, `\`${metric}\` needs a threat model, as in \`${metric}(${threatModels[0] ?? 'name'})\``);
  }
  if (name && !threatModels.includes(name)) {
    throw wrong(expression, `the spec has no threat model \`${name}\` (it has: ${threatModels.join(', ') || 'none'})`);
  }
  const threshold = Number(digits) / (percent ? 100 : 1);
  return { expression, metric, threatModel: name ?? null, operator: operator as Operator, threshold };
}

/** Holds gates against a report; what was not measured does not pass. */
export function checkGates(gates: readonly Gate[], report: Report): Report['gates'] {
  return gates.map((gate) => {
    const measured = measure(gate, report);
    return { expression: gate.expression, measured, pass: measured !== null && passes(measured, gate) };
  });
}

function measure(gate: Gate, report: Report): number | null {
  if (gate.shift !== undefined) return shiftMeasure(report, gate.shift, gate.metric);
  const threat = report.threatModels.find((t) => t.name === gate.threatModel);
  const figure = threat ? perThreatModel[gate.metric]?.(threat, report) : plain[gate.metric]?.(report);
  if (figure === null || figure === undefined) return null;
  return typeof figure === 'number' ? figure : figure.value;
}

/** Whether a measured value is on the right side of the threshold. */
export function passes(measured: number, { operator, threshold }: Gate): boolean {
  switch (operator) {
    case '>=':
      return measured >= threshold;
    case '>':
      return measured > threshold;
    case '<=':
      return measured <= threshold;
    case '<':
      return measured < threshold;
    case '==':
      return measured === threshold;
  }
}

function wrongGate(expression: string, why: string, example: string): RobustnessError {
  return new RobustnessError(
    'spec/gate',
    `The gate \`${expression}\` cannot be read: ${why}.`,
    `Write a gate such as ${example}.`,
  );
}
