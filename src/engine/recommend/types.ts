import type { TermName } from '../compare/context';
import type { RegressionReport } from '../report/regression';
import type { Report } from '../report/schema';
import type { SourceName } from './sources';

/** A figure of the report that asks for a technique. */
export interface Trigger {
  /** JSON pointer (RFC 6901) of the figure in the report. */
  readonly pointer: string;
  /** What it is, in words. */
  readonly label: string;
  readonly value: number | string;
  /** How it stands to the threshold; `present` where that it is there says it all. */
  readonly relation: '<' | '>' | 'present';
  readonly threshold: number | null;
  /** The same as a sentence's part: `robust accuracy (linf-8) 3.1 %, below 47.4 %`. */
  readonly text: string;
}

/** What a technique costs, as a publication gives it. */
export interface Cost {
  readonly text: string;
  /** Paper, table, data set and model. */
  readonly source: string;
  readonly url: string;
}

/** What a technique finds in a report; the registry adds the rest. */
export interface Finding {
  /** In place of the technique's title, where the data call for another form of it. */
  readonly title?: string;
  readonly triggers: readonly Trigger[];
  /** One sentence or two: what was found. */
  readonly why: string;
  /** What to do, here. */
  readonly action: string;
  /** Gates that would show that it worked, as they are written in a spec. */
  readonly gates: readonly string[];
  /** What would show it, where no gate can. */
  readonly evidence?: string;
  /** How much each term of the context could gain at most, shares of 1: the shortfall that the technique addresses. */
  readonly shortfall: Readonly<Partial<Record<TermName, number>>>;
  /** Sources beside those of the technique that this case calls for. */
  readonly sources?: readonly SourceName[];
}

/** One technique: one file, one entry in the registry, one row in docs/recommendations.md. */
export interface Technique {
  /** `adversarial-training` */
  readonly name: string;
  readonly title: string;
  /** What is known of its cost, the chief source first; empty where nothing is reported on clean accuracy. */
  readonly sources: readonly SourceName[];
  /** Share of the shortfall that the first source recovered. Used for the order alone; null where none tells. */
  readonly recovered: number | null;
  /** Share of clean accuracy that the first source lost by it; negative where it gained. Used for the order alone. */
  readonly lost: number;
  /** Before all others, in this order: the figures cannot be read without it. */
  readonly first?: number;
  check(report: Report): Finding | null;
  /** Of a model that predicts numbers; absent where the technique is for classifiers. */
  checkOutputs?(report: RegressionReport): Finding | null;
}

export interface Recommendation extends Omit<Finding, 'shortfall' | 'sources'> {
  readonly technique: string;
  readonly title: string;
  /** `general` where the spec states none. */
  readonly context: string;
  /**
   * Expected gain in the context's weighting, shares of 1, net of the cost on clean accuracy: for the order alone. Null of those that come
   * first whatever the figures.
   */
  readonly gain: number | null;
  /** Empty where none is reported. */
  readonly costs: readonly Cost[];
}
