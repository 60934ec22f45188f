export type ClaimKind = 'adversarial' | 'corruption' | 'shift' | 'certified' | 'stability' | 'security' | 'general';
export type ClaimVerdict = 'supported' | 'unsupported' | 'contradicted' | 'stale' | 'overreaching' | 'underspecified';
export type ClaimSeverity = 'error' | 'warning' | 'info';

export interface RuleHit {
  /** `claims/no-threat-model` */
  readonly rule: string;
  readonly severity: ClaimSeverity;
  readonly message: string;
}

/** A measured figure with its interval; shares are 0..1. */
export interface MeasuredFigure {
  readonly value: number;
  readonly low: number;
  readonly high: number;
  readonly n: number;
}

/** A figure of the claim that the report contradicts. */
export interface Correction {
  /** Where the number stands, with its percent sign: UTF-16 units into `Claim.text`. */
  readonly start: number;
  readonly end: number;
  readonly measured: MeasuredFigure;
  /** What to write in its place, in the form and with the decimals that it was written in: `19 %` for `62 %`, `0.19` for `0.62`. */
  readonly replacement: string;
}

/** The report that a claim was held against. */
export interface Evidence {
  /** Path of the report, relative to the folder of the document's workspace where possible. */
  readonly report: string;
  readonly model: string;
  /** What was measured, in words, one line each. */
  readonly figures: readonly string[];
  /** The model, the data or what the spec says of the threat model changed since the report was made. */
  readonly stale: boolean;
  /** JSON pointer to the part of the report that decided, `/threatModels/0/robustAccuracy`; null where no part did. */
  readonly pointer: string | null;
  readonly corrections: readonly Correction[];
}

/** One robustness claim in prose. Lines and columns count from 1, columns in UTF-16 units; the end is exclusive. */
export interface Claim {
  readonly path: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
  readonly text: string;
  readonly kind: ClaimKind;
  readonly verdict: ClaimVerdict;
  /** Empty for a claim that is well made and supported. */
  readonly rules: readonly RuleHit[];
  readonly evidence: Evidence | null;
  /** The reason given by a suppression comment; rules are empty then. */
  readonly suppressed: string | null;
  /** What the comment excused; absent when nothing was. */
  readonly suppressedRules?: readonly RuleHit[];
  /** Present where the text is a suppression comment that is at fault, and no claim. */
  readonly comment?: true;
}
