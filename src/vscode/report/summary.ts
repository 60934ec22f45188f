import { shortThreat } from '../../engine/report/describe';
import type { AnyReport } from '../../engine/report/regression';
import type { Report } from '../../engine/report/schema';

type Share = { readonly value: number } | null;

/** What the views show of a report: a few hundred bytes in place of the megabyte that it may have. */
export interface ReportSummary {
  /** Path of the model as the report has it. */
  readonly modelPath: string;
  readonly modelSha256: string;
  /** Of several models that were evaluated as one: their files, as the report has them. */
  readonly members: readonly { readonly path: string; readonly sha256: string }[] | null;
  readonly state: Report['status']['state'];
  readonly stage: string;
  readonly run: string | null;
  readonly specPath: string | null;
  readonly createdAt: string;
  readonly wallSeconds: number;
  readonly examples: number;
  readonly clean: Share;
  readonly threatModels: readonly {
    readonly name: string;
    /** Norm and radius, without which no figure of robustness is shown: `ℓ∞ ≤ 8/255`. */
    readonly label: string;
    readonly description: string;
    readonly robust: Share;
    readonly certified: Share;
  }[];
  readonly pitfalls: { readonly error: number; readonly warning: number; readonly info: number };
}

/** What is needed to find the files of a report's model. */
export type ModelSummary = Pick<ReportSummary, 'modelPath' | 'modelSha256' | 'members'>;

export function summarizeModel({ model }: Pick<AnyReport, 'model'>): ModelSummary {
  return {
    modelPath: model.path,
    modelSha256: model.sha256,
    members: model.ensemble?.members.map(({ path, sha256 }) => ({ path, sha256 })) ?? null,
  };
}

export function summarize(report: AnyReport): ReportSummary {
  const pitfalls = { error: 0, warning: 0, info: 0 };
  for (const pitfall of report.pitfalls) pitfalls[pitfall.severity]++;
  return {
    ...summarizeModel(report),
    state: report.status.state,
    stage: report.status.stage,
    run: report.run,
    specPath: report.specPath,
    createdAt: report.createdAt,
    wallSeconds: report.wallSeconds,
    examples: report.data.count,
    // What has no accuracy shows none: the report itself has its errors.
    clean: share(report.task === 'classification' ? (report.clean?.accuracy ?? null) : null),
    threatModels: report.threatModels.map((threat) => ({
      name: threat.name,
      label: shortThreat(threat),
      description: threat.description,
      robust: share('robustAccuracy' in threat ? threat.robustAccuracy : null),
      certified: share('certifiedAccuracy' in threat ? threat.certifiedAccuracy : null),
    })),
    pitfalls,
  };
}

function share(figure: { readonly value: number } | null): Share {
  return figure === null ? null : { value: figure.value };
}
