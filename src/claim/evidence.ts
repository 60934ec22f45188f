import type { AnyReport, RegressionReport } from '../engine/report/regression';
import type { Figure, Report, ThreatModelReport } from '../engine/report/schema';
import type { ClaimSeverity } from './types';

/** A threat model with what was measured under it, in the order of the report. */
export interface MeasuredThreat
  extends Pick<
    ThreatModelReport,
    | 'name'
    | 'norm'
    | 'epsilon'
    | 'epsilonText'
    | 'knowledge'
    | 'goal'
    | 'counts'
    | 'robustAccuracy'
    | 'certifiedAccuracy'
    | 'attackSuccessRate'
    | 'curve'
  > {
  readonly attacks: readonly (Pick<
    ThreatModelReport['attacks'][number],
    'name' | 'accuracyAfter' | 'iterations' | 'restarts' | 'sample'
  > &
    Partial<Pick<ThreatModelReport['attacks'][number], 'broken'>>)[];
}

/** A part of what was evaluated that is not what it was. */
export interface Change {
  readonly what: 'model' | 'data' | 'spec';
  /** What changed, as the end of a sentence: `the model file models/net.onnx changed`. */
  readonly words: string;
}

/** What a report on a model that predicts numbers measured. */
export interface RegressionEvidence {
  readonly outputs: number;
  readonly tolerance: RegressionReport['tolerance'];
  readonly clean: RegressionReport['clean'];
  readonly threatModels: readonly Pick<
    RegressionReport['threatModels'][number],
    | 'name'
    | 'norm'
    | 'epsilon'
    | 'epsilonText'
    | 'knowledge'
    | 'goal'
    | 'worstCase'
    | 'withinTolerance'
    | 'certifiedInterval'
  >[];
}

/** What the linter needs to know of a report. */
export interface EvidenceReport {
  /** Path of the report file, relative to the root of the index, with forward slashes. */
  readonly path: string;
  /** Path of the model as the report states it. */
  readonly model: string;
  readonly createdAt: string;
  /** Whether `changed` is not empty. */
  readonly stale: boolean;
  readonly changed: readonly Change[];
  /** What is not there any more, or not comparable, so that nobody can tell whether it changed: `the model file …`. */
  readonly unknown: readonly string[];
  /** Path of the data as the report states it. */
  readonly data: string;
  readonly classes: number;
  readonly count: number;
  /** Stored values were divided by this: 255 where ε is in pixels of [0, 1]. */
  readonly unit: number;
  readonly clean: Figure | null;
  /** Other measures on clean data, as far as they were taken. */
  readonly metrics: Readonly<Partial<Record<CleanMetric, Figure>>>;
  /** Empty for a regression. */
  readonly threatModels: readonly MeasuredThreat[];
  readonly corruptions: {
    readonly meanAccuracy: Figure;
    readonly mCE?: Figure | null;
    readonly stabilityIndex?: Figure;
    readonly byCorruption: readonly {
      readonly name: string;
      readonly severity: number;
      readonly accuracy: Figure;
      readonly stability?: Figure;
    }[];
  } | null;
  readonly shifts: readonly Report['shifts'][number][];
  readonly spatial: NonNullable<Report['spatial']> | null;
  readonly universal: NonNullable<Report['universal']> | null;
  /** Attacks that ran by themselves, on a sample, and not only on what others had left standing. */
  readonly alone: readonly AloneFigure[];
  readonly regression: RegressionEvidence | null;
  readonly pitfalls: readonly { readonly rule: string; readonly severity: string; readonly message: string }[];
}

/** Accuracy under one attack by itself. */
export interface AloneFigure {
  readonly threatModel: string;
  readonly attack: 'fgsm' | 'pgd';
  readonly accuracy: Figure;
  /** JSON pointer into the report. */
  readonly pointer: string;
}

export type CleanMetric = 'f1' | 'auc' | 'precision' | 'recall' | 'ece';

/** What the `claims` of a spec say, for the documents below the folder of the spec. */
export interface ClaimPolicy {
  /** Of the spec, relative to the root of the index, with forward slashes: empty for the root, else ending in `/`. */
  readonly folder: string;
  /** Globs relative to `folder`: documents that are checked besides those of the formats that are read by default. */
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  /** By rule, without or with the `claims/` prefix. */
  readonly rules: Readonly<Record<string, ClaimSeverity | 'off' | undefined>>;
  /** Documents (globs relative to `folder`) that speak of one model (path relative to `folder`). */
  readonly about: readonly { readonly documents: readonly string[]; readonly model: string }[];
}

/** All reports of a repository that count as evidence, and what its specs say of claims. */
export interface EvidenceIndex {
  readonly reports: readonly EvidenceReport[];
  readonly policies?: readonly ClaimPolicy[];
  /** Report files that cannot be read, of an old or newer version say, with one sentence that says why. */
  readonly unread?: readonly { readonly path: string; readonly reason: string }[];
}

export const emptyEvidence: EvidenceIndex = { reports: [] };

/** A report as evidence, nothing of it changed; null when its run did not complete. */
export function toEvidence(report: AnyReport, path: string): EvidenceReport | null {
  if (report.status.state !== 'complete') return null;
  const common = {
    path,
    model: report.model.path,
    createdAt: report.createdAt,
    stale: false,
    changed: [],
    unknown: [],
    data: report.data.path,
    classes: report.data.classes.length,
    count: report.data.count,
    unit: report.data.unit,
    pitfalls: report.pitfalls,
  };
  // Asked here, without the function: that one would bring the schemas of all reports into each thread that checks documents.
  if (report.task === 'regression') {
    const { outputs, tolerance, clean, threatModels } = report;
    return { ...common, ...nothing, regression: { outputs, tolerance, clean, threatModels } };
  }
  const { clean, threatModels, corruptions, shifts, spatial, universal, checks } = report;
  return {
    ...common,
    clean: clean?.accuracy ?? null,
    metrics: metricsOf(clean),
    threatModels,
    corruptions,
    shifts,
    spatial: spatial ?? null,
    universal: universal ?? null,
    alone: aloneOf(checks),
    regression: null,
  };
}

/** Of a classifier, in a report that is on none. */
const nothing = {
  clean: null,
  metrics: {},
  threatModels: [],
  corruptions: null,
  shifts: [],
  spatial: null,
  universal: null,
  alone: [],
} as const;

function metricsOf(clean: Report['clean']): EvidenceReport['metrics'] {
  if (!clean) return {};
  return {
    f1: clean.f1Macro,
    precision: clean.precisionMacro,
    recall: clean.recallMacro,
    ...(clean.rocAuc ? { auc: clean.rocAuc } : {}),
    ...(clean.ece ? { ece: clean.ece } : {}),
  };
}

/** The ladder's last rung is the whole suite; reports of earlier versions have the first two rungs alone. */
function aloneOf({ ladder, singleStep }: Report['checks']): AloneFigure[] {
  if (ladder === undefined)
    return singleStep.flatMap(({ threatModel, fgsm, iterative }, i) => [
      { threatModel, attack: 'fgsm', accuracy: fgsm, pointer: `/checks/singleStep/${i}/fgsm` },
      { threatModel, attack: 'pgd', accuracy: iterative, pointer: `/checks/singleStep/${i}/iterative` },
    ]);
  return ladder.flatMap(({ threatModel, rungs }, i) =>
    rungs.flatMap(({ name, accuracy }, j): AloneFigure[] => {
      const attack = name === 'fgsm' ? 'fgsm' : /^pgd/.test(name) ? 'pgd' : null;
      return attack === null
        ? []
        : [{ threatModel, attack, accuracy, pointer: `/checks/ladder/${i}/rungs/${j}/accuracy` }];
    }),
  );
}
