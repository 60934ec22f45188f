import type { RegressionReport } from '../../report/regression';
import type { Figure } from '../../report/schema';
import { type Gate, type GateMetrics, parseGateOf, passes } from '../gate';
import { outputShiftMeasure, outputShiftMetrics } from '../gateShift';

export type RegressionGate = Gate;

type Threat = RegressionReport['threatModels'][number];

const plain: Readonly<Record<string, (report: RegressionReport) => Figure | number | null | undefined>> = {
  'clean.mae': (r) => r.clean?.mae,
  'clean.rmse': (r) => r.clean?.rmse,
  'clean.r2': (r) => r.clean?.r2,
  'clean.medianError': (r) => r.clean?.medianError,
  'clean.withinTolerance': (r) => r.clean?.withinTolerance,
  'corruptions.mae': (r) => r.corruptions?.mae,
  'corruptions.rmse': (r) => r.corruptions?.rmse,
  'corruptions.ratio': (r) => r.corruptions?.ratio,
  'corruptions.meanChange': (r) => r.corruptions?.meanChange,
  'corruptions.withinTolerance': (r) => r.corruptions?.withinTolerance,
  'corruptions.worstMae': (r) => r.corruptions?.worst?.mae,
};
const perThreatModel: Readonly<Record<string, (threat: Threat) => Figure | number | null | undefined>> = {
  'worstCase.mae': (t) => t.worstCase?.mae,
  'worstCase.rmse': (t) => t.worstCase?.rmse,
  'worstCase.meanChange': (t) => t.worstCase?.meanChange,
  'worstCase.maxChange': (t) => t.worstCase?.maxChange,
  withinTolerance: (t) => t.withinTolerance,
};

const metrics: GateMetrics = {
  plain: Object.keys(plain),
  perThreatModel: Object.keys(perThreatModel),
  example: '`clean.mae <= 2.5` or `worstCase.mae(linf-0.1) <= 4`',
};

/**
 * Parses `worstCase.mae(linf-0.1) <= 4`.
 * @throws RobustnessError `spec/gate`
 */
export function parseRegressionGate(
  expression: string,
  threatModels: readonly string[],
  shifts: readonly string[] = [],
): RegressionGate {
  return parseGateOf(expression, threatModels, { ...metrics, perShift: outputShiftMetrics, shifts });
}

/** Holds gates against a report; what was not measured does not pass. */
export function checkRegressionGates(
  gates: readonly RegressionGate[],
  report: RegressionReport,
): RegressionReport['gates'] {
  return gates.map((gate) => {
    const threat = report.threatModels.find((t) => t.name === gate.threatModel);
    const figure =
      gate.shift !== undefined
        ? outputShiftMeasure(report, gate.shift, gate.metric)
        : threat
          ? perThreatModel[gate.metric]?.(threat)
          : plain[gate.metric]?.(report);
    const measured =
      figure === null || figure === undefined ? null : typeof figure === 'number' ? figure : figure.value;
    return { expression: gate.expression, measured, pass: measured !== null && passes(measured, gate) };
  });
}
