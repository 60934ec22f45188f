import { execFile } from 'node:child_process';
import { access, lstat, readdir, stat } from 'node:fs/promises';
import { dirname, join, posix, relative, resolve, sep } from 'node:path';
import { promisify } from 'node:util';
import { RobustnessError } from '../../engine/error';
import { formatOf } from '../document/registry';

/** A document to check. */
export interface Found {
  /** Absolute. */
  readonly file: string;
  /** Named by itself: checked whatever its format is, and whatever specs say of it. */
  readonly named: boolean;
}

/** A repository is not ours, and may be large or hostile. */
const maxDepth = 40;
const maxFiles = 200_000;

/** Folders of tools and dependencies, in every repository. */
const foreign = new Set(['node_modules', '__pycache__', 'venv', 'site-packages']);
/** Folders that are made, where no `.gitignore` is there to say so. */
const made = new Set(['dist', 'out', 'build', 'target']);

const slashes = (path: string) => path.split(sep).join('/');
const isHidden = (name: string) => name.startsWith('.') && name !== '.' && name !== '..';

/**
 * The documents that paths stand for: files by their name, folders with all documents below them, globs. Of a git work tree,
 * what git ignores is left out.
 *
 * @returns in the order of their paths, each once
 * @throws RobustnessError `usage/no-such-path` if there is nothing at a path
 */
export async function discoverDocuments(paths: readonly string[], cwd: string): Promise<Found[]> {
  const found = new Map<string, Found>();
  const add = (file: string, named: boolean) => {
    if (named || !found.has(file)) found.set(file, { file, named });
  };
  for (const path of paths) {
    const absolute = resolve(cwd, path);
    const info = await stat(absolute).catch(() => null);
    if (info?.isDirectory()) for (const file of await documentsBelow(absolute)) add(file, false);
    else if (info !== null) add(absolute, true);
    else {
      const matching = await documentsMatching(absolute);
      if (matching === null) throw nothingAt(path, 'Check the path.');
      if (matching.length === 0) throw nothingAt(path, 'No document matches; check the pattern.');
      for (const file of matching) add(file, false);
    }
  }
  return [...found.values()].sort((a, b) => (a.file < b.file ? -1 : a.file > b.file ? 1 : 0));
}

const nothingAt = (path: string, hint: string) =>
  new RobustnessError('usage/no-such-path', `There is nothing at ${path}.`, hint);

/** Null for a path without the marks of a glob. */
async function documentsMatching(pattern: string): Promise<string[] | null> {
  const glob = slashes(pattern);
  const mark = glob.search(/[*?[{]/);
  if (mark < 0) return null;
  const base = glob.slice(0, glob.lastIndexOf('/', mark)) || '/';
  const info = await stat(base).catch(() => null);
  if (!info?.isDirectory()) return [];
  return (await documentsBelow(base)).filter((file) => posix.matchesGlob(slashes(file), glob));
}

/** Files below a folder that some format reads. Hidden folders and those of tools are not prose of the project. */
async function documentsBelow(folder: string): Promise<string[]> {
  const listed = await listedByGit(folder);
  if (listed === null) return walk(folder, 0);
  const kept = listed.filter((path) => {
    const folders = path.split('/').slice(0, -1);
    return formatOf(path) !== null && !folders.some((name) => isHidden(name) || foreign.has(name));
  });
  const files = await Promise.all(
    kept.map(async (path) => {
      const file = join(folder, path);
      // What is deleted but not yet committed is still listed; links are not followed.
      return (await lstat(file).catch(() => null))?.isFile() ? file : null;
    }),
  );
  return files.filter((file) => file !== null);
}

/** Paths of a work tree's files that git does not ignore, relative to `folder`; null where git does not know. */
async function listedByGit(folder: string): Promise<string[] | null> {
  if ((await repositoryAbove(folder)) === null) return null;
  try {
    const args = ['ls-files', '--cached', '--others', '--exclude-standard', '-z'];
    const { stdout } = await promisify(execFile)('git', args, { cwd: folder, maxBuffer: 2 ** 28, windowsHide: true });
    return [...new Set(stdout.split('\0').filter((path) => path !== ''))].slice(0, maxFiles);
  } catch {
    // No git here, or it does not trust the folder's owner.
    return null;
  }
}

async function walk(folder: string, depth: number): Promise<string[]> {
  if (depth > maxDepth) return [];
  const found: string[] = [];
  // A folder that may not be read is as if it were empty.
  for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (isHidden(entry.name) || foreign.has(entry.name) || made.has(entry.name)) continue;
      found.push(...(await walk(path, depth + 1)));
    } else if (entry.isFile() && formatOf(entry.name) !== null) found.push(path);
    if (found.length > maxFiles) break;
  }
  return found;
}

/** The folder with `.git` at or above a folder; null if there is none. */
async function repositoryAbove(folder: string): Promise<string | null> {
  for (let at = folder; ; at = dirname(at)) {
    if (await exists(join(at, '.git'))) return at;
    if (at === dirname(at)) return null;
  }
}

const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );

/** Documents by the folder whose reports and specs they are held against. */
export async function byRepository(documents: readonly Found[], cwd: string): Promise<Map<string, Found[]>> {
  const rootOf = new Map<string, string>();
  const roots = new Map<string, Found[]>();
  for (const document of documents) {
    const folder = dirname(document.file);
    let root = rootOf.get(folder);
    if (root === undefined) {
      root = await repositoryOf(folder, cwd);
      rootOf.set(folder, root);
    }
    const known = roots.get(root);
    if (known === undefined) roots.set(root, [document]);
    else known.push(document);
  }
  return roots;
}

/** The folder with `.git` above; else where the command was called, if the folder is below it; else the folder itself. */
export async function repositoryOf(folder: string, cwd: string): Promise<string> {
  const repository = await repositoryAbove(folder);
  if (repository !== null) return repository;
  return relative(cwd, folder).startsWith('..') ? folder : cwd;
}
