import { RobustnessError } from '../../engine/error';
import { changesOf, type ReportSettings, settingsOf } from '../../engine/evaluate/settingsOfReport';
import type { AnyReport } from '../../engine/report/regression';

/**
 * What to evaluate for a pitfall's mitigation: what the report is of, with stronger attacks. The page names the pitfall, and the
 * changes are those that the report states for it: none come from the page.
 * @throws RobustnessError `report/no-mitigation` where the report, as it is now, has no such pitfall or no run that mends it
 */
export function mitigationRequest(
  report: AnyReport,
  pitfall: { readonly rule: string; readonly message: string },
): ReportSettings {
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
