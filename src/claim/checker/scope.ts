import { posix } from 'node:path';
import { formatOf } from '../document/registry';
import type { ClaimPolicy } from '../evidence';

type Scope = Pick<ClaimPolicy, 'folder' | 'include' | 'exclude'>;

const matches = (path: string, globs: readonly string[]) =>
  globs.some((glob) => posix.matchesGlob(path, glob.replace(/^\.\//, '')));

/**
 * Whether a document is checked when nobody names it. The spec nearest above it that says which documents are checked decides;
 * without one, those of the formats that are read by default are. What any spec above it excludes is not checked.
 *
 * @param path relative to the root of the policies, with forward slashes
 */
export function isInScope(path: string, policies: readonly Scope[] = []): boolean {
  const format = formatOf(path);
  if (format === null) return false;
  const above = policies
    .filter(({ folder }) => path.startsWith(folder))
    .sort((a, b) => b.folder.length - a.folder.length);
  const below = (folder: string) => path.slice(folder.length);
  if (above.some(({ folder, exclude }) => matches(below(folder), exclude))) return false;
  const deciding = above.find(({ include }) => include.length > 0);
  if (deciding === undefined) return format.byDefault;
  // Two specs may lie in one folder: what either names is checked.
  return above.some(({ folder, include }) => folder === deciding.folder && matches(below(folder), include));
}
