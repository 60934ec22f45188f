import type { Figure, Report, ThreatModelReport } from '../engine/report/schema';
import type { ClaimSeverity } from './types';

/** A threat model with what was measured under it. */
export interface MeasuredThreat
  extends Pick<
    ThreatModelReport,
    | 'name'
    | 'norm'
    | 'epsilon'
    | 'epsilonText'
    | 'knowledge'
    | 'robustAccuracy'
    | 'certifiedAccuracy'
    | 'attackSuccessRate'
    | 'curve'
  > {
  readonly attacks: readonly Pick<
    ThreatModelReport['attacks'][number],
    'name' | 'accuracyAfter' | 'iterations' | 'restarts' | 'sample'
  >[];
}

/** What the linter needs to know of a report. */
export interface EvidenceReport {
  /** Path of the report file, relative to the root of the index, with forward slashes. */
  readonly path: string;
  /** Path of the model as the report states it. */
  readonly model: string;
  readonly createdAt: string;
  readonly stale: boolean;
  readonly classes: number;
  readonly count: number;
  readonly clean: Figure | null;
  readonly threatModels: readonly MeasuredThreat[];
  readonly corruptions: {
    readonly meanAccuracy: Figure;
    readonly byCorruption: readonly { readonly name: string; readonly severity: number; readonly accuracy: Figure }[];
  } | null;
  readonly pitfalls: readonly { readonly rule: string; readonly severity: string; readonly message: string }[];
}

/** What the `claims` of a spec say, for the documents below the folder of the spec. */
export interface ClaimPolicy {
  /** Of the spec, relative to the root of the index, with forward slashes: empty for the root, else ending in `/`. */
  readonly folder: string;
  /** Globs relative to `folder`; empty for every document that is checked by default. */
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  /** By rule, without or with the `claims/` prefix. */
  readonly rules: Readonly<Record<string, ClaimSeverity | 'off'>>;
  /** Documents (globs relative to `folder`) that speak of one model (path relative to `folder`). */
  readonly about: readonly { readonly documents: readonly string[]; readonly model: string }[];
}

/** All reports of a repository that count as evidence, and what its specs say of claims. */
export interface EvidenceIndex {
  readonly reports: readonly EvidenceReport[];
  readonly policies?: readonly ClaimPolicy[];
}

export const emptyEvidence: EvidenceIndex = { reports: [] };

/** A report as evidence; null when its run did not complete. */
export function toEvidence(report: Report, path: string, stale: boolean): EvidenceReport | null {
  if (report.status.state !== 'complete') return null;
  return {
    path,
    model: report.model.path,
    createdAt: report.createdAt,
    stale,
    classes: report.data.classes.length,
    count: report.data.count,
    clean: report.clean?.accuracy ?? null,
    threatModels: report.threatModels,
    corruptions: report.corruptions,
    pitfalls: report.pitfalls,
  };
}
