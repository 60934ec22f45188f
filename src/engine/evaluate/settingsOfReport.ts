import { mitigationSchema } from '../report/evidenceSchema';
import type { AnyReport } from '../report/regression';
import { resolveStored } from '../report/store';
import type { SpecChanges } from '../spec/strengthen';
import type { EvaluationRequest } from './target';

export type ReportSettings = Pick<
  EvaluationRequest,
  'seed' | 'preset' | 'limit' | 'norm' | 'epsilon' | 'goal' | 'target' | 'changes'
>;

/** The request that makes a report's evaluation again, as far as the report tells. */
export function requestOfReport(report: AnyReport, reportPath: string): EvaluationRequest {
  const changes = changesOf(report);
  return {
    ...(report.specPath === null
      ? { dataPath: resolveStored(reportPath, report.data.path) }
      : { specPath: resolveStored(reportPath, report.specPath) }),
    modelPath: resolveStored(reportPath, report.model.path),
    ...settingsOf(report, changes),
    ...(changes.length > 0 ? { changes } : {}),
  };
}

/** What earlier mitigations changed: the next one goes on from there, or the first would come back. */
export function changesOf({ spec }: AnyReport): SpecChanges[] {
  const stored = mitigationSchema.shape.changes.array().safeParse(spec.changes ?? []);
  return stored.success ? stored.data : [];
}

/** What the report's run had by options, as far as the report tells: the file of its spec does not say it. */
export function settingsOf(report: AnyReport, changes: readonly SpecChanges[]): ReportSettings {
  const { data, seed, threatModels, specPath, threatModelStated } = report;
  const [only] = threatModels;
  const untouched = threatModels.filter(
    ({ name }) => !changes.some((change) => change.suite && (change.threatModels?.includes(name) ?? true)),
  );
  const suites = new Set(untouched.map(({ suite }) => suite));
  const [suite] = suites;
  // Without a spec, a threat model that somebody stated was stated by options.
  const stated = specPath === null && threatModelStated ? only : undefined;
  const norm = stated?.norm === 'linf' || stated?.norm === 'l2' ? stated.norm : undefined;
  return {
    seed,
    ...(data.count < data.available ? { limit: data.count } : {}),
    ...(suites.size === 1 && suite !== undefined ? { preset: suite } : {}),
    ...(stated !== undefined && norm !== undefined ? { norm, epsilon: stated.epsilonText } : {}),
    ...targetOf(threatModels),
  };
}

/** The target of all threat models, where they have one and the same: a spec that says it too is none the worse for it. */
function targetOf(threatModels: AnyReport['threatModels']): Pick<ReportSettings, 'goal' | 'target'> {
  const targets = threatModels.map((threat) => ('target' in threat ? threat.target : undefined));
  const [target] = new Set(targets.map((each) => each && (each.class ?? each.rule)));
  const same = targets.every((each) => each !== undefined && (each.class ?? each.rule) === target);
  return same && target !== undefined ? { goal: 'targeted', target } : {};
}
