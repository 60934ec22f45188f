import { meanShare } from '../metric/robustness';
import type { Figure, Report } from '../report/schema';

/**
 * Mean accuracy under the corruptions and severities that all of `reports` were given, so that no model is better off by an
 * easier set.
 *
 * @returns one for each report, and how many corruptions at how many severities; null if there is none in common
 */
export function sharedCorruption(
  reports: readonly Report[],
): { readonly figures: Figure[]; readonly shared: number; readonly dropped: boolean } | null {
  const tables = reports.map(
    (report) => new Map((report.corruptions?.byCorruption ?? []).map((row) => [`${row.name} ${row.severity}`, row])),
  );
  const cells = [...(tables[0]?.keys() ?? [])].filter((cell) => tables.every((table) => table.has(cell)));
  if (cells.length === 0) return null;
  return {
    figures: tables.map((table) => meanShare(cells.map((cell) => table.get(cell)!.accuracy))),
    shared: cells.length,
    dropped: tables.some((table) => table.size > cells.length),
  };
}
