import { posix } from 'node:path';
import { formatOf } from '../document/registry';
import type { DocumentFormat } from '../document/types';
import type { ClaimPolicy } from '../evidence';

const matches = (path: string, globs: readonly string[]) =>
  globs.some((glob) => posix.matchesGlob(path, glob.replace(/^\.\//, '')));

/**
 * Whether a document is checked when nobody names it: one of a format that is read by default, or one that a spec above it
 * includes, unless a spec above it excludes it.
 *
 * @param path relative to the root of the policies, with forward slashes
 * @param format where the name does not say which; null: the linter does not read it
 */
export function isInScope(
  path: string,
  policies: readonly Pick<ClaimPolicy, 'folder' | 'include' | 'exclude'>[] = [],
  format: DocumentFormat | null = formatOf(path),
): boolean {
  if (format === null) return false;
  const above = policies.filter(({ folder }) => path.startsWith(folder));
  if (above.some(({ folder, exclude }) => matches(path.slice(folder.length), exclude))) return false;
  return format.byDefault || above.some(({ folder, include }) => matches(path.slice(folder.length), include));
}
