import { cleanMetrics, withoutScores } from '../metric/classification';
import { share } from '../metric/interval';
import { distanceDistribution } from '../metric/minimalNorm';
import { attackSuccessRate, degradation, robustAccuracy, robustnessScore } from '../metric/robustness';
import { checkPitfalls } from '../pitfall/registry';
import { describeThreat } from '../report/describe';
import type { AttackRow, Ladder, PerClass, Report, ThreatModelReport } from '../report/schema';
import { signalToNoiseOf } from '../report/waveform';
import { spatialReport, universalReport } from './beyond';
import { CalibrationAssembler } from './calibrationReport';
import { corruptionFigures } from './corruptionFigures';
import type { CorruptionReference } from './corruptionReference';
import { ensembleReport } from './ensembleReport';
import { evidenceChecks } from './evidence';
import { checkGates, type Gate } from './gate';
import { generalisationReport } from './generalisation';
import { groupsReport } from './groupsReport';
import { exampleBrokenBy, exampleBrokenWithin, isAttackable, pairCount, perExample } from './pairs';
import { curveEpsilons } from './plan';
import type { ShiftAssembler } from './shiftReport';
import { samplePairs } from './stage/check';
import { smallestKnown } from './stage/minimal';
import { isCorrect, type RunState, type SampleTally, type ThreatState } from './state';
import { targetReport } from './targetReport';

/** The parts of a report that are known before anything has run. */
export type ReportFrame = Pick<
  Report,
  | 'tool'
  | 'createdAt'
  | 'seed'
  | 'model'
  | 'data'
  | 'spec'
  | 'specPath'
  | 'specSha256'
  | 'inferred'
  | 'threatModelStated'
  | 'environment'
  | 'text'
> & { readonly run: string };

/** Makes reports of a run's state. The clean metrics with their bootstrap are kept from one report to the next. */
export class Assembler {
  private readonly calibration: CalibrationAssembler;
  private clean: { readonly seen: number; readonly figures: Report['clean'] } | null = null;

  constructor(
    private readonly frame: ReportFrame,
    private readonly gates: readonly Gate[],
    /** What the mean corruption error is relative to. */
    private readonly reference: CorruptionReference | null = null,
    private readonly shifted: ShiftAssembler | null = null,
    /** Parts that are of their own. */
    private readonly parts: (report: Report) => Partial<Pick<Report, 'stability' | 'baseline'>> = () => ({}),
  ) {
    this.calibration = new CalibrationAssembler(frame.seed);
  }

  assemble(state: RunState, status: Report['status'], wallSeconds: number): Report {
    const complete = status.state === 'complete';
    const threatModels = state.threats.map((threat) => threatReport(state, threat, this.frame.data));
    const clean = this.cleanFigures(state);
    const spatial = spatialReport(state.beyond.spatial);
    const universal = universalReport(state.beyond.universal);
    const report: Report = {
      schemaVersion: 1,
      ...this.frame,
      task: 'classification',
      status,
      run: complete ? null : this.frame.run,
      clean: clean && { ...clean, perClass: withRobust(clean.perClass, state) },
      ...groupsReport(state, this.frame.spec),
      ...generalisationReport(state),
      threatModels,
      corruptions: corruptionFigures(state.corruptions, this.reference, clean && 1 - clean.accuracy.value),
      ...this.shiftFigures(state, clean),
      ...this.calibration.assemble(state),
      ...(spatial === null ? {} : { spatial }),
      ...(universal === null ? {} : { universal }),
      ...ensembleReport(state),
      summary: summarise(threatModels),
      gallery: state.threats.flatMap((threat) => threat.gallery),
      checks: checks(state),
      pitfalls: [],
      gates: [],
      outcomes: outcomes(state),
      wallSeconds,
    };
    const whole = { ...report, ...this.parts(report) };
    const gated = complete ? { ...whole, gates: checkGates(this.gates, whole) } : whole;
    return { ...gated, pitfalls: checkPitfalls(gated) };
  }

  private shiftFigures(state: RunState, clean: Report['clean']): Pick<Report, 'shifts' | 'outOfDistribution'> {
    if (this.shifted === null || state.seen < state.count) return { shifts: [] };
    const outside = this.shifted.outOfDistribution(state.logits);
    return {
      shifts: this.shifted.shifts(clean),
      ...(outside.length === 0 ? {} : { outOfDistribution: outside }),
    };
  }

  private cleanFigures(state: RunState): Report['clean'] {
    if (state.seen === 0) return null;
    if (this.clean === null || isNews(this.clean.seen, state)) {
      const figures = cleanMetrics({
        logits: state.logits.subarray(0, state.seen * state.classes),
        labels: state.label.subarray(0, state.seen),
        classes: this.frame.data.classes,
        seed: this.frame.seed,
        // Figures that the next batch replaces need no fine intervals.
        ...(state.seen < state.count ? { replicates: 100 } : {}),
      });
      const { labelsOnly, scoresBefore } = this.frame.model;
      // One-hot rows stand for the labels: there is no confidence that could be ranked or calibrated.
      const noScores = labelsOnly === true && scoresBefore === undefined;
      this.clean = { seen: state.seen, figures: noScores ? withoutScores(figures) : figures };
    }
    return this.clean.figures;
  }
}

/** Of many examples, a few more tell nothing new, and figures of all of them take time and memory every time. */
function isNews(before: number, { seen, count }: RunState): boolean {
  if (seen === before) return false;
  return seen === count || seen < fewExamples || seen >= 1.2 * before;
}

const fewExamples = 2000;

function threatReport(
  state: RunState,
  of: ThreatState,
  { shape, classes }: Pick<Report['data'], 'shape' | 'classes'>,
): ThreatModelReport {
  const { threat } = of;
  const target = targetReport(state, of, classes);
  const started = of.attacks.some((attack) => attack.started);
  const correct = countWhere(state.count, (i) => isCorrect(state, i));
  const broken = countWhere(state.count, (i) => exampleBrokenBy(of, i) !== -1);
  const reached = countWhere(pairCount(state, of), (pair) => of.brokenBy[pair] !== -1);
  const attackable =
    of.target === null ? correct : countWhere(pairCount(state, of), (pair) => isAttackable(state, of, pair));
  const curve = curveRows(state, of, shape);
  const robust = started ? robustAccuracy(correct - broken, state.count) : null;
  return {
    name: threat.name,
    norm: threat.norm,
    epsilon: threat.epsilon,
    epsilonText: threat.epsilonText,
    bounds: threat.bounds && [...threat.bounds],
    knowledge: threat.knowledge,
    goal: threat.goal,
    ...target,
    ...(threat.counts === undefined ? {} : { counts: threat.counts }),
    ...(threat.edits === undefined ? {} : { edits: { ...threat.edits, keep: [...threat.edits.keep] } }),
    queries: threat.queries,
    description: describeThreat({ ...threat, target: target.target, bounds: threat.bounds && [...threat.bounds] }),
    suite: threat.suite,
    robustAccuracy: robust,
    certifiedAccuracy: null,
    attackSuccessRate: started ? attackSuccessRate(reached, attackable, perExample(of)) : null,
    attacks: attackRows(state, of, correct),
    curve,
    degradation: curveComplete(of, shape) ? degradation(curve, threat.epsilon) : null,
    ...(of.minimalNorm.done
      ? { minimalNorm: { attacks: [...of.minimalNorm.attacks], ...distanceDistribution(smallestKnown(state, of)) } }
      : {}),
    ...signalToNoise(of),
    examplesDone: Math.floor(of.settled.reduce((sum, done) => sum + done, 0) / perExample(of)),
  };
}

function signalToNoise({ snr }: ThreatState): Pick<ThreatModelReport, 'signalToNoise'> {
  const found = signalToNoiseOf(snr);
  return found === null ? {} : { signalToNoise: found };
}

function attackRows(state: RunState, of: ThreatState, correct: number): AttackRow[] {
  const fallen = new Int32Array(of.attacks.length);
  for (let i = 0; i < state.count; i++) {
    const by = exampleBrokenBy(of, i);
    if (by !== -1) fallen[by]!++;
  }
  let left = correct;
  return of.attacks
    .map((attack, position) => ({ attack, fallen: fallen[position] as number }))
    .filter(({ attack }) => attack.started)
    .map(({ attack: { started: _, traces, ...tally }, fallen }) => {
      left -= fallen;
      return { ...tally, accuracyAfter: share(left, state.count), lossTrace: meanTrace(traces) };
    });
}

/** Mean over examples; a batch that stopped early kept its last value. */
function meanTrace(traces: ThreatState['attacks'][number]['traces']): number[] {
  const length = traces.reduce((longest, { trace }) => Math.max(longest, trace.length), 0);
  const weights = traces.reduce((sum, { weight }) => sum + weight, 0);
  return Array.from({ length }, (_, k) => {
    const sum = traces.reduce((total, { weight, trace }) => {
      return total + weight * (trace[Math.min(k, trace.length - 1)] as number);
    }, 0);
    return sum / weights;
  });
}

/** Whether all examples have been through the cascade: only then is the figure at the threat model's ε final. */
function cascadeComplete(of: ThreatState): boolean {
  return of.settled.every((done) => done === 1);
}

function curveComplete(of: ThreatState, shape: readonly number[]): boolean {
  return (
    curveEpsilons(of.threat, shape).every((e) => e === 0 || e === of.threat.epsilon || of.curveDone.has(e)) &&
    cascadeComplete(of)
  );
}

function curveRows(state: RunState, of: ThreatState, shape: readonly number[]): ThreatModelReport['curve'] {
  if (state.seen < state.count) return [];
  return curveEpsilons(of.threat, shape)
    .filter((epsilon) => {
      if (epsilon === 0) return true;
      return epsilon === of.threat.epsilon ? cascadeComplete(of) : of.curveDone.has(epsilon);
    })
    .map((epsilon) => ({
      epsilon,
      accuracy: share(
        countWhere(state.count, (i) => isCorrect(state, i) && !exampleBrokenWithin(of, i, epsilon)),
        state.count,
      ),
    }));
}

function withRobust(perClass: readonly PerClass[], state: RunState): PerClass[] {
  const threats = state.threats.filter((of) => of.attacks.some((attack) => attack.started));
  return perClass.map((row, k) => {
    const support = countWhere(state.count, (i) => state.label[i] === k);
    const robust = threats.map((of) => {
      const left = countWhere(
        state.count,
        (i) => state.label[i] === k && isCorrect(state, i) && exampleBrokenBy(of, i) === -1,
      );
      return [of.threat.name, share(left, support)] as const;
    });
    return { ...row, robustAccuracy: support === 0 ? {} : Object.fromEntries(robust) };
  });
}

function summarise(threats: readonly ThreatModelReport[]): Report['summary'] {
  const judged = threats.filter((threat) => threat.degradation !== null);
  if (judged.length < threats.length || judged.length === 0) return { robustnessScore: null, degradation: null };
  return {
    robustnessScore: robustnessScore(judged),
    degradation: judged.some((threat) => threat.degradation === 'sudden') ? 'sudden' : 'graceful',
  };
}

function checks(state: RunState): Report['checks'] {
  const examples = state.threats.reduce((sum, { zeroGradient }) => sum + zeroGradient.examples, 0);
  const zero = state.threats.reduce((sum, { zeroGradient }) => sum + zeroGradient.zero, 0);
  return {
    ...evidenceChecks(state),
    zeroGradient: examples === 0 ? null : zero / examples,
    singleStep: state.threats
      .filter(({ singleStep }) => singleStep.done)
      .map(({ threat, singleStep: { fgsm, iterative } }) => ({
        threatModel: threat.name,
        fgsm: share(fgsm.standing, fgsm.total),
        iterative: share(iterative.standing, iterative.total),
      })),
    ladder: state.threats
      .filter((of) => of.singleStep.done && cascadeComplete(of))
      .map((of) => ({ threatModel: of.threat.name, rungs: ladderRungs(state, of) })),
    unbounded: state.threats
      .filter(({ unbounded }) => unbounded.done)
      .map(({ threat, unbounded }) => ({
        threatModel: threat.name,
        accuracy: share(unbounded.standing, unbounded.total),
      })),
  };
}

/** From the weakest attack to the whole suite, on the same sample. */
function ladderRungs(state: RunState, of: ThreatState): Ladder['rungs'] {
  const { fgsm, iterative, restarted } = of.singleStep;
  const sample = samplePairs(state, of);
  const left = sample.filter((i) => isAttackable(state, of, i) && of.brokenBy[i] === -1).length;
  const rung = (name: string, title: string, { standing, total }: SampleTally) => {
    return { name, title, accuracy: share(standing, total) };
  };
  return [
    rung('fgsm', 'FGSM', fgsm),
    rung('pgd', 'PGD', iterative),
    rung('pgd-restarts', 'PGD, 5 restarts', restarted),
    rung('suite', 'All attacks', { standing: left, total: sample.length }),
  ];
}

function outcomes(state: RunState): Report['outcomes'] {
  const seen = state.seen;
  const brokenBy = state.threats.map((of) => {
    const names = Array.from({ length: seen }, (_, i) => {
      if (!isCorrect(state, i)) return 'clean';
      return of.attacks[exampleBrokenBy(of, i)]?.name ?? null;
    });
    return [of.threat.name, names] as const;
  });
  return {
    label: [...state.label.subarray(0, seen)],
    prediction: [...state.prediction.subarray(0, seen)],
    brokenBy: Object.fromEntries(brokenBy),
  };
}

function countWhere(count: number, test: (index: number) => boolean): number {
  let sum = 0;
  for (let i = 0; i < count; i++) if (test(i)) sum++;
  return sum;
}
