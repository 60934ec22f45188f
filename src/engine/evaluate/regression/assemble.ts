import { share } from '../../metric/interval';
import { absoluteErrors, errorFigures, meanFigure, regressionMetrics, withinTolerance } from '../../metric/regression';
import { checkRegressionPitfalls } from '../../pitfall/regression';
import { describeThreat } from '../../report/describe';
import type { OutputThreatReport, RegressionReport } from '../../report/regression';
import type { Report } from '../../report/schema';
import type { ResolvedSpec } from '../../spec/schema';
import type { ReportFrame } from '../assemble';
import type { ShiftAssembler } from '../shiftReport';
import { outputCorruptionFigures } from './corruption';
import { checkRegressionGates, type RegressionGate } from './gate';
import type { OutputThreatState, RegressionState } from './state';

/** Of figures that the next batch replaces. */
const roughReplicates = 100;

/** Makes reports of a regression's state. The figures of what is settled are kept from one report to the next. */
export class RegressionAssembler {
  private readonly kept = new Map<string, unknown>();

  constructor(
    private readonly frame: ReportFrame,
    private readonly spec: Pick<ResolvedSpec, 'tolerance'>,
    private readonly gates: readonly RegressionGate[],
    private readonly shifted: ShiftAssembler | null = null,
  ) {}

  assemble(state: RegressionState, status: Report['status'], wallSeconds: number): RegressionReport {
    const complete = status.state === 'complete';
    const report: RegressionReport = {
      schemaVersion: 1,
      ...this.frame,
      task: 'regression',
      outputs: state.outputs,
      tolerance: this.spec.tolerance,
      status,
      ...this.corruptions(state),
      ...this.shifts(state),
      run: complete ? null : this.frame.run,
      clean: this.clean(state),
      threatModels: state.threats.map((of, i) => this.threat(state, of, i)),
      gallery: state.threats.flatMap((of) => of.gallery),
      pitfalls: [],
      gates: [],
      outcomes: outcomes(state),
      wallSeconds,
    };
    const gated = complete ? { ...report, gates: checkRegressionGates(this.gates, report) } : report;
    return { ...gated, pitfalls: checkRegressionPitfalls(gated) };
  }

  private clean(state: RegressionState): RegressionReport['clean'] {
    const { seen, outputs } = state;
    if (seen === 0) return null;
    const figures = this.once(`clean ${seen}`, () =>
      regressionMetrics({
        predictions: state.predictions.subarray(0, seen * outputs),
        targets: state.targets.subarray(0, seen * outputs),
        outputs,
        seed: this.frame.seed,
        ...(seen < state.count ? { replicates: roughReplicates } : {}),
      }),
    );
    const { tolerance } = this.spec;
    return { ...figures, withinTolerance: tolerance && share(cleanWithin(state, tolerance), seen) };
  }

  private corruptions(state: RegressionState): Pick<RegressionReport, 'corruptions'> {
    const { rows } = state.corruptions;
    if (rows.length === 0) return {};
    const corruptions = this.once(`corruptions ${rows.length}`, () =>
      outputCorruptionFigures(state, this.spec.tolerance, this.frame.seed),
    );
    return corruptions === null ? {} : { corruptions };
  }

  private shifts(state: RegressionState): Pick<RegressionReport, 'shifts'> {
    if (this.shifted === null || state.seen < state.count) return {};
    const errors = this.once('errors', () => absoluteErrors(state.predictions, state.targets, state.outputs));
    const shifts = this.shifted.outputs(this.clean(state), errors);
    return shifts.length === 0 ? {} : { shifts };
  }

  private threat(state: RegressionState, of: OutputThreatState, position: number): OutputThreatReport {
    const { threat } = of;
    const { seed } = this.frame;
    const started = of.attacks.filter((attack) => attack.started);
    const attempted = of.attacks.reduce((sum, attack) => sum + attack.attempted, 0);
    const through = of.attacks.every((attack) => attack.after !== null);
    const replicates = through ? undefined : roughReplicates;
    const worstCase = this.once(`worst ${position} ${attempted} ${through}`, () => ({
      ...errorFigures(of.absolute, of.squared, seed, replicates),
      meanChange: meanFigure(of.change, seed, replicates),
      maxChange: of.change.reduce((most, change) => Math.max(most, change), 0),
    }));
    const within = of.within.reduce((sum, one) => sum + one, 0);
    return {
      name: threat.name,
      norm: threat.norm,
      epsilon: threat.epsilon,
      epsilonText: threat.epsilonText,
      bounds: threat.bounds && [...threat.bounds],
      knowledge: threat.knowledge,
      goal: threat.goal,
      queries: threat.queries,
      description: describeThreat(
        { ...threat, target: undefined, bounds: threat.bounds && [...threat.bounds] },
        'regression',
      ),
      suite: threat.suite,
      worstCase: started.length > 0 ? worstCase : null,
      withinTolerance: this.spec.tolerance && started.length > 0 ? share(within, state.count) : null,
      certifiedInterval: null,
      attacks: started.map(({ started: _, after, ...tally }, k) => ({
        ...tally,
        maeAfter: this.once(`attack ${position} ${k} ${after === null ? attempted : 'done'}`, () =>
          meanFigure(after ?? of.absolute, seed, after === null ? roughReplicates : undefined),
        ),
      })),
      examplesDone: of.settled.reduce((sum, done) => sum + done, 0),
    };
  }

  private once<T>(key: string, make: () => T): T {
    if (!this.kept.has(key)) this.kept.set(key, make());
    return this.kept.get(key) as T;
  }
}

function cleanWithin(
  { targets, predictions, outputs, seen }: RegressionState,
  tolerance: NonNullable<ResolvedSpec['tolerance']>,
): number {
  let within = 0;
  for (let i = 0; i < seen; i++) {
    const at = [i * outputs, (i + 1) * outputs] as const;
    if (withinTolerance(predictions.subarray(...at), targets.subarray(...at), tolerance)) within++;
  }
  return within;
}

function outcomes(state: RegressionState): RegressionReport['outcomes'] {
  const { seen, outputs } = state;
  const rows = (values: Float32Array) =>
    Array.from({ length: seen }, (_, i) => [...values.subarray(i * outputs, (i + 1) * outputs)]);
  return {
    target: rows(state.targets),
    prediction: rows(state.predictions),
    reached: Object.fromEntries(
      state.threats.map((of) => [
        of.threat.name,
        {
          lowest: rows(of.lowest),
          highest: rows(of.highest),
          worstError: [...of.absolute.subarray(0, seen)],
          worstBy: Array.from(of.worstBy.subarray(0, seen), (k) => of.attacks[k]?.name ?? null),
        },
      ]),
    ),
  };
}
