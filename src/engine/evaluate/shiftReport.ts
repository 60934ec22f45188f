import { differenceOf } from '../metric/difference';
import { absoluteErrors, regressionMetrics } from '../metric/regression';
import { detectionRows, meanDifference, shiftFigures } from '../metric/shift';
import type { RegressionReport } from '../report/regression';
import type { Report } from '../report/schema';
import type { OutOfDistributionReport, OutputShiftReport, ShiftReport } from '../report/shifts';
import { againstBaselines, type Baseline } from './baselines';
import type { ShiftState } from './stage/shift';

/** What a report says of shifts besides what was measured on them. */
export interface ShiftFrame {
  readonly seed: number;
  readonly modelSha256: string;
  readonly testSha256: string;
  readonly labelsOnly: boolean;
  readonly baselines: readonly Baseline[] | null;
  /** A path as the report stores it. */
  readonly shown: (path: string) => string;
}

/** Makes the shifts of a report; figures of a shift that is through are kept from one report to the next. */
export class ShiftAssembler {
  private readonly kept = new Map<string, unknown>();

  constructor(
    private readonly states: readonly ShiftState[],
    private readonly frame: ShiftFrame,
  ) {}

  /** Those that are through, with the clean figures that they are held against. */
  shifts(clean: Pick<NonNullable<Report['clean']>, 'accuracy'> | null): ShiftReport[] {
    if (clean === null) return [];
    return this.finished('shift').map((state) => this.once(state, 'shift', () => this.shift(state, clean.accuracy)));
  }

  /** @param logits [n, classes] of the test data, all of them */
  outOfDistribution(logits: Float32Array): OutOfDistributionReport[] {
    const { labelsOnly, seed } = this.frame;
    return this.finished('out-of-distribution').map((state) =>
      this.once(state, 'outside', () => ({
        name: state.shift.name,
        data: this.data(state),
        positive: 'out-of-distribution' as const,
        detection: labelsOnly ? [] : detectionRows(logits, state.outputs, state.width, seed),
        ordinary: logits.length / state.width,
        ...(state.drift === null ? {} : { drift: state.drift }),
      })),
    );
  }

  /**
   * @param clean the clean figures of a regression
   * @param errors [n]: mean absolute error of each example of the test data
   */
  outputs(clean: RegressionReport['clean'], errors: Float64Array): OutputShiftReport[] {
    if (clean === null) return [];
    const { seed } = this.frame;
    return this.finished('shift').map((state) =>
      this.once(state, 'outputs', () => {
        const { outputs, targets, width } = state;
        const figures = regressionMetrics({ predictions: outputs, targets, outputs: width, seed });
        const rise = meanDifference(absoluteErrors(outputs, targets, width), errors, seed);
        return {
          name: state.shift.name,
          ...figures,
          rise: rise.value,
          riseInterval: [rise.low, rise.high] as [number, number],
          data: this.data(state),
          ...(state.drift === null ? {} : { drift: state.drift }),
        };
      }),
    );
  }

  private shift(state: ShiftState, clean: ShiftReport['accuracy']): ShiftReport {
    const { frame } = this;
    const { name, dataset } = state.shift;
    const { accuracy, balancedAccuracy, ece } = shiftFigures({
      logits: state.outputs,
      labels: state.label,
      classes: state.width,
      seed: frame.seed,
      labelsOnly: frame.labelsOnly,
    });
    const drop = differenceOf(clean, accuracy);
    const against =
      frame.baselines === null
        ? { figure: null, notes: [] }
        : againstBaselines(
            {
              name,
              standard: clean.value,
              shifted: accuracy.value,
              modelSha256: frame.modelSha256,
              testSha256: frame.testSha256,
              shiftSha256: dataset.sha256,
            },
            frame.baselines,
            frame.shown,
          );
    return {
      name,
      accuracy,
      drop: drop.value,
      dropInterval: [drop.low, drop.high],
      ...(balancedAccuracy === null ? {} : { balancedAccuracy }),
      ...(ece === null ? {} : { ece }),
      data: this.data(state),
      ...(against.figure === null ? {} : { effectiveRobustness: against.figure }),
      ...(state.drift === null ? {} : { drift: state.drift }),
      ...(against.notes.length === 0 ? {} : { notes: [...against.notes] }),
    };
  }

  private data({ shift: { dataset } }: ShiftState): OutOfDistributionReport['data'] {
    const { path, sha256, count, available } = dataset;
    return { path: this.frame.shown(path), sha256, count, available };
  }

  private finished(kind: ShiftState['shift']['kind']): readonly ShiftState[] {
    return this.states.filter(({ shift, seen, count }) => shift.kind === kind && seen === count);
  }

  private once<T>(state: ShiftState, what: string, make: () => T): T {
    const key = `${what} ${state.shift.name} ${state.drift === null}`;
    if (!this.kept.has(key)) this.kept.set(key, make());
    return this.kept.get(key) as T;
  }
}
