import type { Figure } from '../../engine/report/schema';
import type { Sentence } from '../document/types';
import type { EvidenceReport } from '../evidence';
import type { Facts, StatedFigure } from '../extract';
import type { ClaimKind, ClaimVerdict, Evidence } from '../types';

/** A claim to be held against the evidence. */
export interface Subject {
  readonly sentence: Sentence;
  readonly kind: ClaimKind;
  /** Stated in the sentence itself; offsets of figures are into `sentence.plain`. */
  readonly facts: Facts;
  /** Stated in the sentence or around it. */
  readonly nearby: Facts;
  /** Of the document, relative to the same root as the evidence, with forward slashes. */
  readonly path: string;
  /** `ProseDocument.about`. */
  readonly about?: readonly string[];
}

/** A claim about one model. */
export interface ModelSubject extends Subject {
  /** The report of the one other model that the sentence names: what changes are measured from. */
  readonly baseline: EvidenceReport | null;
}

export interface Judgement {
  readonly verdict: ClaimVerdict;
  readonly evidence: Evidence | null;
  /** One sentence: why. */
  readonly reason: string;
  /** Whether the repository holds any report at all. */
  readonly searched: boolean;
}

/** A figure that a report contradicts. */
export interface Contradiction {
  readonly figure: Pick<StatedFigure, 'start' | 'end' | 'bound' | 'percent' | 'value'>;
  /** In the terms of the figure: an error where it states an error. */
  readonly measured: Figure;
}

/** What one report says of a claim. */
export interface Outcome {
  readonly verdict: 'supported' | 'contradicted' | 'overreaching' | 'unsupported';
  readonly reason: string;
  /** JSON pointer into the report to what decided. */
  readonly pointer: string | null;
  readonly wrong: readonly Contradiction[];
}

/** A measured figure and where it stands in its report. */
export interface Measured {
  readonly figure: Figure;
  readonly pointer: string;
  /** The condition that it was measured under, in words. */
  readonly at: string;
}
