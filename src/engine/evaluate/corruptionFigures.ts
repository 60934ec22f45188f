import { corruptionErrors } from '../metric/corruptionError';
import { share } from '../metric/interval';
import { meanShare, stabilityIndex } from '../metric/robustness';
import type { CorruptionReferenceReport, WorstCorruption } from '../report/corruptions';
import type { Figure, Report } from '../report/schema';
import { corruptionSets } from '../spec/corruptions';
import type { CorruptionReference } from './corruptionReference';
import type { CorruptionTally } from './state';

interface Group {
  readonly name: string;
  readonly title: string;
  readonly rows: readonly CorruptionTally[];
}

/**
 * What was found under corruptions.
 *
 * @param tallies of the severities of each corruption; those that have not begun are left out
 * @param cleanError share 0..1; null before it is known
 */
export function corruptionFigures(
  tallies: readonly CorruptionTally[],
  reference: CorruptionReference | null,
  cleanError: number | null,
): Report['corruptions'] {
  const rows = tallies.filter((tally) => tally.seen > 0);
  if (rows.length === 0) return null;
  const groups = grouped(rows);
  const against = reference && againstReference(groups, reference, cleanError);
  return {
    meanAccuracy: meanShare(rows.map((row) => share(row.correct, row.seen))),
    mCE: against?.mCE ?? null,
    stabilityIndex: stabilityIndex(rows.map((row) => share(row.stable, row.seen))),
    byCorruption: rows.map((row) => ({
      name: row.name,
      title: row.title,
      severity: row.severity,
      accuracy: share(row.correct, row.seen),
      stability: share(row.stable, row.seen),
      parameter: row.parameter,
      ...(row.unanswered > 0 ? { unanswered: row.unanswered } : {}),
    })),
    worst: worstOf(groups),
    ...(against ? { reference: against.reference } : {}),
  };
}

function grouped(rows: readonly CorruptionTally[]): Group[] {
  const groups = new Map<string, CorruptionTally[]>();
  for (const row of rows) groups.set(row.name, [...(groups.get(row.name) ?? []), row]);
  return [...groups].map(([name, members]) => ({ name, title: members[0]!.title, rows: members }));
}

/** The first of several that are equal. */
function worstOf(groups: readonly Group[]): WorstCorruption {
  return groups
    .map(({ name, title, rows }) => ({
      name,
      title,
      accuracy: meanShare(rows.map((row) => share(row.correct, row.seen))),
    }))
    .reduce((worst, each) => (each.accuracy.value < worst.accuracy.value ? each : worst));
}

/** Over the corruptions that both have, without the benchmark's four extra ones, which its mean leaves out. */
function againstReference(
  groups: readonly Group[],
  { name, kind, cleanError: theirClean, errors: theirs }: CorruptionReference,
  cleanError: number | null,
): { readonly mCE: Figure | null; readonly reference: CorruptionReferenceReport } {
  const own: Record<string, number[]> = {};
  const reference: Record<string, number | number[]> = {};
  const shared: { name: string; title: string; severities: number[]; rows: readonly CorruptionTally[] }[] = [];
  for (const group of groups) {
    const given = theirs.get(group.name);
    if (given === undefined || (corruptionSets.extra as readonly string[]).includes(group.name)) continue;
    const rows = group.rows.filter(({ severity }) => typeof given === 'number' || given.has(severity));
    if (rows.length === 0) continue;
    own[group.name] = rows.map((row) => 1 - row.correct / row.seen);
    reference[group.name] = typeof given === 'number' ? given : rows.map(({ severity }) => given.get(severity)!);
    shared.push({ ...group, rows, severities: rows.map(({ severity }) => severity) });
  }
  const clean = cleanError === null || theirClean === null ? undefined : { own: cleanError, reference: theirClean };
  const figures = corruptionErrors(own, reference, clean);
  const table = shared.map(({ name, title, severities }) => {
    const referenceError = mean([reference[name]!].flat());
    return {
      name,
      title,
      severities,
      error: mean(own[name]!),
      referenceError,
      ce: figures.byCorruption[name] ?? null,
    };
  });
  const n = Math.min(...shared.flatMap(({ rows }) => rows.map(({ seen }) => seen)));
  return {
    mCE: figures.mean === null ? null : weightedError(figures.mean, table, n),
    reference: { name, kind, cleanError: theirClean, relativeMCE: figures.relativeMean, byCorruption: table },
  };
}

/**
 * The mean of CE is w times a weighted mean of shares of the same n examples, with w the mean of 1 / E_ref: so its interval is
 * w times Wilson's. The reference counts as exact.
 */
function weightedError(value: number, table: CorruptionReferenceReport['byCorruption'], n: number): Figure {
  const weight = mean(table.filter(({ ce }) => ce !== null).map(({ referenceError }) => 1 / referenceError));
  const { low, high } = share(Math.min(1, value / weight) * n, n);
  return { value, low: weight * low, high: weight * high, n };
}

function mean(values: readonly number[]): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}
