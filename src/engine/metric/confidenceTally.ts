import { CALIBRATION_BINS } from './calibration';
import type { ReliabilityBin } from './reliability';
import type { RiskCoverage } from './selective';

/** Steps of confidence, evenly spaced in its log-odds from −8 to 16: as fine at 0.9999 as at 0.5. */
const STEPS = 480;
const STEPS_A_UNIT = 20;
const LOWEST_LOG_ODDS = -8;

/**
 * What calibration and selective prediction need to know of a stream of predictions, in memory that does not grow with it: sums over the bins
 * of the reliability diagram, and over finer steps of confidence for what depends on the order of the predictions.
 */
export interface ConfidenceTally {
  n: number;
  /** Sum of the confidences, and of the Brier scores. */
  confidence: number;
  brier: number;
  correct: number;
  /** Predictions, sum of their confidences, and how many are right: [bins] and [steps]. */
  readonly bins: TallyColumns;
  readonly steps: TallyColumns;
}

interface TallyColumns {
  readonly members: Float64Array;
  readonly sure: Float64Array;
  readonly right: Float64Array;
}

export function emptyConfidenceTally(): ConfidenceTally {
  return { n: 0, confidence: 0, brier: 0, correct: 0, bins: columns(CALIBRATION_BINS), steps: columns(STEPS) };
}

function columns(length: number): TallyColumns {
  return { members: new Float64Array(length), sure: new Float64Array(length), right: new Float64Array(length) };
}

/**
 * Adds one prediction.
 *
 * @param confidence probability of the predicted class, 0..1
 * @param correct 0 or 1
 * @param brier its Brier score, 0..2
 */
export function addConfidence(tally: ConfidenceTally, confidence: number, correct: number, brier: number): void {
  const bin = Math.min(CALIBRATION_BINS - 1, Math.max(0, Math.ceil(confidence * CALIBRATION_BINS) - 1));
  tally.n++;
  tally.confidence += confidence;
  tally.brier += brier;
  tally.correct += correct;
  put(tally.bins, bin, confidence, correct);
  put(tally.steps, stepOf(confidence), confidence, correct);
}

function put({ members, sure, right }: TallyColumns, at: number, confidence: number, correct: number): void {
  members[at]! += 1;
  sure[at]! += confidence;
  right[at]! += correct;
}

function stepOf(confidence: number): number {
  const step = Math.floor((Math.log(confidence / (1 - confidence)) - LOWEST_LOG_ODDS) * STEPS_A_UNIT);
  // A confidence of 1 has infinite log-odds, one of 0 such of the other sign.
  return Math.min(STEPS - 1, Math.max(0, step));
}

/** Two streams as one. */
export function mergedTallies(tallies: readonly ConfidenceTally[]): ConfidenceTally {
  const all = emptyConfidenceTally();
  for (const each of tallies) {
    all.n += each.n;
    all.confidence += each.confidence;
    all.brier += each.brier;
    all.correct += each.correct;
    for (const part of ['bins', 'steps'] as const) {
      for (const column of ['members', 'sure', 'right'] as const) {
        const [sum, own] = [all[part][column], each[part][column]];
        for (let i = 0; i < sum.length; i++) sum[i]! += own[i]!;
      }
    }
  }
  return all;
}

export interface TalliedFigures {
  readonly accuracy: number;
  readonly meanConfidence: number;
  /** Mean confidence − accuracy. */
  readonly overconfidence: number;
  readonly ece: number;
  /** Within a step of confidence the predictions count as alike: this one and the next two are exact up to that. */
  readonly adaptiveEce: number;
  readonly aurc: number;
  readonly excessAurc: number;
  readonly brier: number;
}

/** The figures of `reliability.ts` and `selective.ts` of a tally; null without predictions. */
export function talliedFigures(tally: ConfidenceTally): TalliedFigures | null {
  const { n, confidence, correct, brier, bins } = tally;
  if (n === 0) return null;
  let gaps = 0;
  for (let b = 0; b < CALIBRATION_BINS; b++) gaps += Math.abs(bins.right[b]! - bins.sure[b]!);
  const { area, excess } = talliedRisk(tally);
  return {
    accuracy: correct / n,
    meanConfidence: confidence / n,
    overconfidence: (confidence - correct) / n,
    ece: gaps / n,
    adaptiveEce: adaptiveGap(tally),
    aurc: area!,
    excessAurc: excess!,
    brier: brier / n,
  };
}

/** The bars of the reliability diagram. */
export function talliedBins({ bins: { members, sure, right } }: ConfidenceTally): ReliabilityBin[] {
  return Array.from(members, (n, b) => ({
    low: b / CALIBRATION_BINS,
    high: (b + 1) / CALIBRATION_BINS,
    n,
    confidence: n > 0 ? sure[b]! / n : null,
    accuracy: n > 0 ? right[b]! / n : null,
  }));
}

/** The adaptive calibration error, bins of equal counts taking of a step the part that they have room for. */
function adaptiveGap({ n, steps: { members, sure, right } }: ConfidenceTally): number {
  const size = (bin: number) => Math.floor(n / CALIBRATION_BINS) + (bin < n % CALIBRATION_BINS ? 1 : 0);
  let total = 0;
  let bin = 0;
  let room = size(0);
  let inBin = 0;
  for (let s = 0; s < STEPS; s++) {
    let left = members[s]!;
    const gap = left > 0 ? (right[s]! - sure[s]!) / left : 0;
    while (left > 0) {
      const taken = Math.min(left, room);
      inBin += taken * gap;
      left -= taken;
      room -= taken;
      if (room > 0) continue;
      total += Math.abs(inBin);
      inBin = 0;
      bin++;
      room = size(bin);
    }
  }
  return total / n;
}

/** Risk against coverage, the predictions of a step accepted together as equals are. */
export function talliedRisk({ n, correct, steps: { members, right } }: ConfidenceTally): RiskCoverage {
  const points: { coverage: number; risk: number }[] = [];
  let accepted = 0;
  let errors = 0;
  let area = 0;
  for (let s = STEPS - 1; s >= 0; s--) {
    const own = members[s]!;
    if (own === 0) continue;
    accepted += own;
    errors += own - right[s]!;
    const risk = errors / accepted;
    area += risk * own;
    points.push({ coverage: accepted / n, risk });
  }
  if (n === 0) return { points, area: null, excess: null };
  let best = 0;
  for (let k = 1; k <= n - correct; k++) best += k / (correct + k);
  return { points, area: area / n, excess: (area - best) / n };
}
