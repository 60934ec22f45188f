import { confidences } from '../metric/confidence';
import {
  type ConfidenceTally,
  mergedTallies,
  type TalliedFigures,
  talliedBins,
  talliedFigures,
  talliedRisk,
} from '../metric/confidenceTally';
import { thinned } from '../metric/selective';
import { type WorstCaseInput, worstCaseCalibration } from '../metric/worstCaseCalibration';
import type { AttackedCalibration, CorruptedCalibration } from '../report/calibration';
import type { Report } from '../report/schema';
import { exampleBrokenBy } from './pairs';
import type { CorruptionTally, RunState, ThreatState } from './state';

/** Points of a risk-coverage curve. */
const mostPoints = 50;

/** Makes the calibration figures of a run's state; what was resampled is kept while it stays true. */
export class CalibrationAssembler {
  private readonly known = new Map<string, { readonly broken: number; readonly figures: AttackedCalibration }>();

  constructor(private readonly seed: number) {}

  /** Nothing where the model gives labels alone, and before there is anything. */
  assemble(state: RunState): Pick<Report, 'calibration'> {
    if (state.seen < state.count) return {};
    const corrupted = corruptedCalibration(state.corruptions);
    const attacked = state.threats.flatMap((of) => this.attacked(state, of) ?? []);
    if (corrupted === null && attacked.length === 0) return {};
    return { calibration: { ...(corrupted === null ? {} : { corrupted }), attacked } };
  }

  private attacked(state: RunState, of: ThreatState): AttackedCalibration | null {
    if (of.worst === undefined || of.settled.some((done) => done === 0)) return null;
    const input = worstCaseOf(state, of, of.worst);
    const { name } = of.threat;
    const before = this.known.get(name);
    if (before?.broken === input.brokenInAll) return before.figures;
    const figures = { threatModel: name, ...worstCaseCalibration(input, this.seed) };
    this.known.set(name, { broken: input.brokenInAll, figures });
    return figures;
  }
}

/** Of each example the adversarial one that was found first, else as it is. */
function worstCaseOf(
  state: RunState,
  of: ThreatState,
  worst: NonNullable<ThreatState['worst']>,
): WorstCaseInput & { readonly brokenInAll: number } {
  const clean = confidences(state.logits, state.label, state.classes);
  const confidence = new Float64Array(state.count);
  const brier = new Float64Array(state.count);
  const labels = new Int32Array(state.count);
  const correct = new Uint8Array(state.count);
  const broken = new Uint8Array(state.count);
  let [n, brokenInAll] = [0, 0];
  for (let i = 0; i < state.count; i++) {
    const right = state.prediction[i] === state.label[i];
    const found = right && exampleBrokenBy(of, i) !== -1;
    if (found) brokenInAll++;
    // What only a check beside the cascade broke has no confidence on record.
    if (found && Number.isNaN(worst.confidence[i])) continue;
    confidence[n] = found ? worst.confidence[i]! : clean.confidence[i]!;
    brier[n] = found ? worst.brier[i]! : clean.brier[i]!;
    labels[n] = state.label[i]!;
    correct[n] = right && !found ? 1 : 0;
    broken[n] = found ? 1 : 0;
    n++;
  }
  return {
    confidence: confidence.subarray(0, n),
    brier: brier.subarray(0, n),
    labels: labels.subarray(0, n),
    correct: correct.subarray(0, n),
    broken: broken.subarray(0, n),
    leftOut: state.count - n,
    brokenInAll,
  };
}

/** @param tallies of the severities of each corruption; those that have not begun are left out */
export function corruptedCalibration(tallies: readonly CorruptionTally[]): CorruptedCalibration | null {
  const rows = tallies.flatMap(({ name, title, severity, confidence }) => {
    const figures = confidence && talliedFigures(confidence);
    return figures ? [{ name, title, severity, tally: confidence, figures }] : [];
  });
  if (rows.length === 0) return null;
  const severities = [...new Set(rows.map(({ severity }) => severity))].sort((a, b) => a - b);
  const all: ConfidenceTally = mergedTallies(rows.map(({ tally }) => tally));
  return {
    ...meanOf(rows.map(({ figures }) => figures)),
    bySeverity: severities.map((severity) => ({
      severity,
      ...meanOf(rows.filter((row) => row.severity === severity).map(({ figures }) => figures)),
    })),
    byCorruption: rows.map(({ name, title, severity, tally, figures }) => ({
      name,
      title,
      severity,
      n: tally.n,
      ...figures,
    })),
    bins: talliedBins(all),
    points: [...thinned(talliedRisk(all).points, mostPoints)],
  };
}

function meanOf(rows: readonly TalliedFigures[]): TalliedFigures {
  const mean = (name: keyof TalliedFigures) => rows.reduce((sum, row) => sum + row[name], 0) / rows.length;
  return {
    accuracy: mean('accuracy'),
    meanConfidence: mean('meanConfidence'),
    overconfidence: mean('overconfidence'),
    ece: mean('ece'),
    adaptiveEce: mean('adaptiveEce'),
    aurc: mean('aurc'),
    excessAurc: mean('excessAurc'),
    brier: mean('brier'),
  };
}
