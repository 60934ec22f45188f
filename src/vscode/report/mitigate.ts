import { RobustnessError } from '../../engine/error';
import type { EvaluationRequest } from '../../engine/evaluate/target';
import { mitigationSchema } from '../../engine/report/evidenceSchema';
import type { AnyReport } from '../../engine/report/regression';
import type { SpecChanges } from '../../engine/spec/strengthen';

type Settings = Pick<
  EvaluationRequest,
  'seed' | 'preset' | 'limit' | 'norm' | 'epsilon' | 'goal' | 'target' | 'changes'
>;

/**
 * What to evaluate for a pitfall's mitigation: what the report is of, with stronger attacks. The page names the pitfall, and the
 * changes are those that the report states for it: none come from the page.
 * @throws RobustnessError `report/no-mitigation` where the report, as it is now, has no such pitfall or no run that mends it
 */
export function mitigationRequest(
  report: AnyReport,
  pitfall: { readonly rule: string; readonly message: string },
): Settings {
  const found = report.pitfalls.find(({ rule, message }) => rule === pitfall.rule && message === pitfall.message);
  if (found?.mitigation === undefined) {
    throw new RobustnessError(
      'report/no-mitigation',
      'The report has changed, and has no such pitfall with a run that would mend it.',
      'Look at the pitfalls of the report as it is now.',
    );
  }
  const { changes } = found.mitigation;
  const before = changesOf(report);
  const { limit, ...settings } = settingsOf(report, before);
  const examples = limit === undefined ? {} : { limit: Math.max(limit, changes.limit ?? 0) };
  return { ...settings, ...examples, changes: [...before, changes] };
}

/** What earlier mitigations changed: the next one goes on from there, or the first would come back. */
function changesOf({ spec }: AnyReport): SpecChanges[] {
  const stored = mitigationSchema.shape.changes.array().safeParse(spec.changes ?? []);
  return stored.success ? stored.data : [];
}

/** What the report's run had by options, as far as the report tells: the file of its spec does not say it. */
function settingsOf(report: AnyReport, changes: readonly SpecChanges[]): Settings {
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
function targetOf(threatModels: AnyReport['threatModels']): Pick<Settings, 'goal' | 'target'> {
  const targets = threatModels.map((threat) => ('target' in threat ? threat.target : undefined));
  const [target] = new Set(targets.map((each) => each && (each.class ?? each.rule)));
  const same = targets.every((each) => each !== undefined && (each.class ?? each.rule) === target);
  return same && target !== undefined ? { goal: 'targeted', target } : {};
}
