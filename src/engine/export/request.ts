import type { EvaluationRequest } from '../evaluate/target';

/** What is to be written: examples that a threat model's attacks broke, or examples under corruptions. */
export type ExportSubject =
  | { readonly kind: 'adversarial'; readonly threatModel: string }
  | {
      readonly kind: 'corrupted';
      /** Corruptions by name; all of the spec, if absent. */
      readonly names?: readonly string[];
      /** 1 to 5; those of the spec, if absent. */
      readonly severities?: readonly number[];
    };

export interface ExportRequest {
  /** A report whose evaluation is made again; or, without one, what to evaluate. */
  readonly reportPath?: string;
  readonly evaluation?: EvaluationRequest;
  readonly subject: ExportSubject;
  /** The `.npz` file; overwritten. */
  readonly out: string;
}

export interface ExportProgress {
  /** What is being done, in words. */
  readonly stage: string;
  readonly done: number;
  readonly total: number;
}

/** What a written file holds, measured by reading it again and running the model file on it. */
export interface ExportResult {
  /** Absolute. */
  readonly out: string;
  readonly kind: ExportSubject['kind'];
  readonly examples: number;
  /** [n, ...shape] of `x` as it is in the file. */
  readonly shape: readonly number[];
  /** Arrays of the file by name, in words. */
  readonly arrays: Readonly<Record<string, string>>;
  /** Share of the examples in the file that the model is wrong about. */
  readonly errorRate: number | null;
  /** Against the report, where there is one. */
  readonly report: {
    /** Examples that it counts as broken, or predictions under these corruptions that it counts as wrong. */
    readonly wrong: number;
    /** Such of the file. */
    readonly found: number;
    readonly agrees: boolean;
  } | null;
  /** What a reader should know, in sentences. */
  readonly notes: readonly string[];
}
