import type { PairedComparison } from '../metric/paired';
import type { Figure } from '../report/schema';
import type { ContextName, TermName } from './context';

/** One model under one threat model, as a row of the table. */
export interface ComparedRow {
  readonly model: string;
  readonly threatModel: string | null;
  readonly norm: string | null;
  readonly epsilon: number | null;
  readonly clean: Figure | null;
  /** Upper bound. */
  readonly robust: Figure | null;
  readonly certified: Figure | null;
  readonly attackSuccessRate: Figure | null;
  readonly degradation: 'graceful' | 'sudden' | null;
  readonly robustnessScore: number | null;
  readonly complete: boolean;
  /** Rules that found something, gravest first. */
  readonly pitfalls: readonly string[];
}

/** What is set side by side; `path` is where the report lies, if it lies anywhere. */
export interface ComparedModel {
  /** Told apart from all others of the comparison: as much of the path as that takes. */
  readonly name: string;
  readonly modelPath: string;
  readonly path: string | null;
  readonly examples: number;
  readonly clean: Figure | null;
  readonly ece: Figure | null;
  /** Over the corruptions and severities that all models on the same data were given. */
  readonly corruption: Figure | null;
  readonly robustnessScore: number | null;
  readonly complete: boolean;
  /** Why it stands beside the others and is not compared with them; null if it is. */
  readonly apart: string | null;
  /** By severity. */
  readonly pitfalls: { readonly error: number; readonly warning: number; readonly info: number };
}

/** One model under one threat model. */
export interface TradeOffPoint {
  /** Index of the model. */
  readonly model: number;
  readonly clean: Figure;
  /** Upper bound. */
  readonly robust: Figure;
  readonly certified: Figure | null;
  /** On the Pareto front: no model that it is compared with is at least as good in both and better in one. */
  readonly front: boolean;
  readonly apart: string | null;
}

export interface Axis {
  readonly min: number;
  readonly max: number;
  readonly step: number;
}

/** Clean against robust accuracy of all models that were evaluated under one threat model. */
export interface TradeOff {
  /** What tests name it by. */
  readonly key: string;
  readonly label: string;
  readonly points: readonly TradeOffPoint[];
  readonly x: Axis;
  readonly y: Axis;
  readonly notes: readonly string[];
}

/** Two models on the same examples. */
export interface PairedTest extends PairedComparison {
  readonly first: number;
  readonly second: number;
  /** Key of the trade-off; null for the examples as they are. */
  readonly threat: string | null;
  /** Among all tests of the comparison (Holm). */
  readonly adjusted: number;
}

/** A test that would not have compared like with like. */
export interface LeftOut {
  readonly first: number;
  readonly second: number;
  readonly threat: string | null;
  readonly reason: string;
}

/** How many predictions change where one model takes the place of another. */
export interface Churn {
  readonly first: number;
  readonly second: number;
  /** Share of examples whose predicted class differs. */
  readonly changed: Figure;
  /** Examples that the second gets right and the first does not, the other way round, and those that both get wrong, differently. */
  readonly gained: number;
  readonly lost: number;
  readonly otherError: number;
}

/** What a choice weighs: one figure of each candidate, greater is better. */
export interface Term {
  readonly name: TermName;
  /** What it is here: `withstands ℓ∞ ≤ 0.2 and ℓ2 ≤ 1`. */
  readonly text: string;
  /** By candidate. */
  readonly values: readonly number[];
  /** Whether examples were drawn again; else the figure's own interval stands for its sampling error. */
  readonly resampled: boolean;
}

export interface Utility {
  /** Index of the model. */
  readonly model: number;
  /** Weighted mean of the terms, 0 to 1, with the 95 % interval of the resamples. */
  readonly value: number;
  readonly low: number;
  readonly high: number;
  /** What each term adds to it, in the order of the terms. */
  readonly parts: readonly number[];
  /** Share of the resamples in which no model has more. */
  readonly wins: number;
}

export interface Sensitivity {
  readonly term: TermName;
  readonly weight: number;
  /** The winner stays while the term weighs so much and the others keep their proportions. */
  readonly low: number;
  readonly high: number;
}

export interface ContextChoice {
  readonly context: ContextName;
  /** Of the terms, in their order; sum 1. */
  readonly weights: readonly number[];
  /** By candidate. */
  readonly utilities: readonly Utility[];
  /** Index of the model. */
  readonly winner: number;
  /** Wins at least 95 % of the resamples, 80 %, or fewer. */
  readonly certainty: 'clear' | 'likely' | 'open';
  readonly sensitivity: readonly Sensitivity[];
  /** In words. */
  readonly text: string;
}

export interface Choice {
  /** Indices of the models that can be chosen. */
  readonly candidates: readonly number[];
  readonly terms: readonly Term[];
  /** Terms that are not weighed, and why. */
  readonly absent: readonly string[];
  readonly resamples: number;
  readonly byContext: readonly ContextChoice[];
  /** The context that the specs agree on; `general` if they do not. */
  readonly context: ContextName;
}

export interface ModelComparison {
  readonly rows: readonly ComparedRow[];
  readonly notes: readonly string[];
  readonly models: readonly ComparedModel[];
  readonly tradeOffs: readonly TradeOff[];
  readonly paired: readonly PairedTest[];
  readonly leftOut: readonly LeftOut[];
  readonly churn: readonly Churn[];
  /** Null if fewer than two models can be compared. */
  readonly choice: Choice | null;
}
