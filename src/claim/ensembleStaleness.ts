import { basename, dirname } from 'node:path';
import type { AnyReport } from '../engine/report/regression';
import { resolveStored } from '../engine/report/store';
import type { Combination, EnsembleTarget } from '../engine/spec/ensemble';
import { resolveEnsemble } from '../engine/spec/resolveEnsemble';
import type { Spec } from '../engine/spec/schema';

/** What a report on several models as one was made of, as far as a spec states it. */
export interface EnsembleSources {
  readonly combine: Combination;
  readonly members: readonly {
    /** As the report states it. */
    readonly path: string;
    readonly sha256: string;
    readonly external: readonly { readonly path: string; readonly sha256: string }[];
    readonly weight: number;
  }[];
}

export function ensembleSources({ model }: Pick<AnyReport, 'model'>): EnsembleSources | null {
  if (!model.ensemble) return null;
  const { combine, members } = model.ensemble;
  return {
    combine,
    members: members.map(({ path, sha256, external, weight }) => ({ path, sha256, external: external ?? [], weight })),
  };
}

/**
 * How the ensemble of a spec differs from the one that a report measured: another combination, other members, other weights.
 * Nothing of a spec that names no ensemble: that is another evaluation, of which this report is none.
 *
 * @param file absolute path of the report
 * @param specFile absolute path of the spec
 */
export function ensembleChanges(spec: Spec, specFile: string, file: string, measured: EnsembleSources): string[] {
  if (spec.ensemble === undefined) return [];
  let now: EnsembleTarget;
  try {
    now = resolveEnsemble(spec.ensemble, dirname(specFile), basename(specFile));
  } catch {
    // A spec that cannot be run says nothing.
    return [];
  }
  const words: string[] = [];
  if (now.combine !== measured.combine) words.push(`combine ${now.combine}, not ${measured.combine}`);
  const before = measured.members.map(({ path }) => resolveStored(file, path));
  const paths = now.members.map(({ path }) => path);
  const added = paths.filter((path) => !before.includes(path));
  const removed = before.filter((path) => !paths.includes(path));
  if (added.length > 0) words.push(`${listed(added)} as ${members(added)}, which the report has not`);
  if (removed.length > 0) words.push(`nothing of ${listed(removed)} as ${members(removed)}, which the report has`);
  const moved = measured.members.filter(({ weight }, m) => {
    const at = paths.indexOf(before[m]!);
    return at !== -1 && Math.abs((now.weights[at] ?? 0) - weight) > 1e-9;
  });
  if (moved.length > 0 && added.length === 0 && removed.length === 0)
    words.push(`other weights of ${listed(moved.map(({ path }) => path))}`);
  return words;
}

const members = (paths: readonly string[]) => (paths.length === 1 ? 'a member' : 'members');
const listed = (paths: readonly string[]) => paths.map((path) => basename(path)).join(' and ');
