import { bootstrap, share } from '../metric/interval';
import type { Figure } from '../report/figure';
import type { StabilityReport, StabilityRow } from '../report/stability';
import type { StabilityReference } from './stabilityReference';
import type { SequenceTally } from './stage/stability';

/** Makes the part of a report on sequences; figures are kept until one more kind of sequences is through. */
export class StabilityAssembler {
  private kept: { readonly done: number; readonly report: StabilityReport } | null = null;

  constructor(
    private readonly tallies: readonly SequenceTally[],
    private readonly reference: StabilityReference | null,
    private readonly seed: number,
  ) {}

  /** Of the sequences that are through; null before the first. */
  report(): StabilityReport | null {
    const done = this.tallies.filter((tally) => tally.done && tally.flips.length > 0);
    if (done.length === 0) return null;
    if (this.kept?.done !== done.length) {
      this.kept = { done: done.length, report: stabilityReport(done, this.reference, this.seed) };
    }
    return this.kept.report;
  }
}

/** Draws of examples that intervals rest on. */
const REPLICATES = 1000;

/**
 * Figures of sequences with 95 % percentile intervals from resampling examples: the steps of one sequence are not independent of one
 * another, and neither are the sequences of one example, so that examples are drawn with all that is theirs (a cluster bootstrap). The
 * same draws serve all figures. The reference counts as exact. Where no sequence flips at all, no draw does either: a sequence's flip probability
 * is at most 1 if it flips and else 0, so that the share of sequences that flip bounds it, with Wilson's interval.
 */
export function stabilityReport(
  tallies: readonly SequenceTally[],
  reference: StabilityReference | null,
  seed: number,
): StabilityReport {
  const n = tallies[0]!.flips.length;
  const ranked = tallies.every(({ distances }) => distances.length === n);
  const kinds = tallies.length;
  const flips = tallies.map((tally) => Float64Array.from(tally.flips, (count) => count / (tally.frames - 1)));
  const distances = ranked ? tallies.map((tally) => perStep(tally)) : [];
  const names = tallies.map(({ perturbation }) => perturbation.name);
  const theirFlips = names.map((name) => reference?.flips.get(name));
  const theirDistances = names.map((name) => reference?.distances.get(name));

  const statistics = (weights: Float64Array): (number | null)[] => {
    const own = flips.map((values) => weighted(values, weights));
    const far = distances.map((values) => weighted(values, weights));
    return [...own, mean(own), ratio(own, theirFlips), ...far, ranked ? mean(far) : null, ratio(far, theirDistances)];
  };
  const figures = bootstrap(n, statistics, { seed, replicates: REPLICATES });
  const mFP = bounded(figures[kinds]!, share(n, n));
  const mFR = figures[kinds + 1] ?? null;
  const at = kinds + 2;
  const farthest = ranked ? figures.slice(at, at + kinds) : [];
  const meanDistance = ranked ? figures[at + kinds]! : null;
  const mT5D = ranked ? (figures[at + kinds + 1] ?? null) : null;

  return {
    examples: n,
    mFP,
    ...(meanDistance === null ? {} : { top5Distance: meanDistance }),
    index: { value: 1 - mFP.value, low: 1 - mFP.high, high: 1 - mFP.low, n },
    bySequence: tallies.map((tally, k) => row(tally, figures[k]!, farthest[k] ?? null)),
    ...(reference === null
      ? {}
      : {
          reference: {
            name: reference.name,
            kind: reference.kind,
            mFR,
            mT5D,
            bySequence: names.flatMap((name, k) => {
              const theirs = theirFlips[k];
              if (theirs === undefined) return [];
              return [{ name, flipProbability: theirs, flipRate: theirs > 0 ? figures[k]!.value / theirs : null }];
            }),
          },
        }),
  };
}

function row(
  { perturbation, steps, frames, flips, byStep }: SequenceTally,
  flipProbability: Figure,
  top5Distance: Figure | null,
): StabilityRow {
  const n = flips.length;
  const steady = share(flips.filter((count) => count === 0).length, n);
  return {
    name: perturbation.name,
    title: perturbation.title,
    steps,
    frames,
    compared: perturbation.compared,
    flipProbability: bounded(flipProbability, steady),
    ...(top5Distance === null ? {} : { top5Distance }),
    steady,
    byStep: Array.from(byStep, (count) => count / n),
  };
}

/** Where nothing flipped in any draw: at most as often as sequences may flip at all. */
function bounded(figure: Figure, steady: Figure): Figure {
  return figure.high > 0 ? figure : { ...figure, high: 1 - steady.low };
}

function perStep({ distances, frames }: SequenceTally): Float64Array {
  return Float64Array.from(distances, (sum) => sum / (frames - 1));
}

function weighted(values: Float64Array, weights: Float64Array): number {
  let sum = 0;
  let total = 0;
  for (let i = 0; i < values.length; i++) {
    sum += weights[i]! * values[i]!;
    total += weights[i]!;
  }
  return sum / total;
}

function mean(values: readonly number[]): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}

/** Mean of own / theirs over those that the reference has and that are not 0 there; null without any. */
function ratio(own: readonly number[], theirs: readonly (number | undefined)[]): number | null {
  const ratios = own.flatMap((value, k) => (theirs[k] !== undefined && theirs[k] > 0 ? [value / theirs[k]] : []));
  return ratios.length > 0 ? mean(ratios) : null;
}
