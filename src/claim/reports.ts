import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { type Report, reportSchema } from '../engine/report/schema';
import { type EvidenceIndex, type EvidenceReport, toEvidence } from './evidence';

/** Bounds of the search: a repository is not ours, and may be large or hostile. */
const maxReports = 500;
const maxReportBytes = 50 * 1024 * 1024;
const maxFolders = 20_000;
const maxDepth = 24;
const skipped = new Set([
  'node_modules',
  '.git',
  '.hg',
  '.svn',
  '.venv',
  'venv',
  '__pycache__',
  'dist',
  '.vscode-test',
]);

/** SHA-256 by path, valid while size and modification time stand. */
const hashes = new Map<string, { readonly key: string; readonly sha256: string }>();
/** Parsed reports by path, likewise. */
const parsed = new Map<string, { readonly key: string; readonly report: Report | null }>();

/** Report files below a folder, in a stable order. */
async function findReports(root: string): Promise<string[]> {
  const found: string[] = [];
  const queue: { folder: string; depth: number }[] = [{ folder: root, depth: 0 }];
  for (let i = 0; i < queue.length && i < maxFolders && found.length < maxReports; i++) {
    const { folder, depth } = queue[i]!;
    const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
    entries.sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const entry of entries) {
      // Links are not followed: they may lead out of the repository, or in a circle.
      if (entry.isDirectory() && !skipped.has(entry.name) && depth < maxDepth)
        queue.push({ folder: join(folder, entry.name), depth: depth + 1 });
      else if (entry.isFile() && entry.name.endsWith('.robustness.json') && folder.split(sep).at(-1) === '.robustness')
        found.push(join(folder, entry.name));
    }
  }
  return found.slice(0, maxReports);
}

async function readReport(path: string): Promise<Report | null> {
  const info = await stat(path).catch(() => null);
  if (!info?.isFile() || info.size > maxReportBytes) return null;
  const key = `${info.size}:${info.mtimeMs}`;
  const known = parsed.get(path);
  if (known?.key === key) return known.report;
  let report: Report | null = null;
  try {
    const result = reportSchema.safeParse(JSON.parse(await readFile(path, 'utf8')));
    report = result.success ? result.data : null;
  } catch {
    // A broken report is no evidence; the report editor is the place that says what is wrong with it.
  }
  parsed.set(path, { key, report });
  return report;
}

/** SHA-256 of a file as hex, null when it cannot be read. */
async function hashFile(path: string): Promise<string | null> {
  const info = await stat(path).catch(() => null);
  if (!info?.isFile()) return null;
  const key = `${info.size}:${info.mtimeMs}`;
  const known = hashes.get(path);
  if (known?.key === key) return known.sha256;
  const hash = createHash('sha256');
  try {
    for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  } catch {
    return null;
  }
  const sha256 = hash.digest('hex');
  hashes.set(path, { key, sha256 });
  return sha256;
}

/** Where the model may lie: the path as stated, from the report, the spec, the report's parent, or the root. */
function modelPlaces(report: Report, file: string, root: string): string[] {
  const { path } = report.model;
  if (isAbsolute(path)) return [path];
  const bases = [dirname(dirname(file)), dirname(file), root];
  if (report.specPath) bases.unshift(dirname(resolve(dirname(dirname(file)), report.specPath)));
  return [...new Set(bases.map((base) => resolve(base, path)))];
}

/** Whether the model on disk is another than the one that was evaluated. A model that is gone is not known to differ. */
async function isStale(report: Report, file: string, root: string): Promise<boolean> {
  let differs = false;
  for (const place of modelPlaces(report, file, root)) {
    const sha256 = await hashFile(place);
    if (sha256 === report.model.sha256) return false;
    if (sha256 !== null) differs = true;
  }
  return differs;
}

/**
 * The completed reports (`.robustness/*.robustness.json`) below a folder, with whether their model has changed since.
 * Broken, oversized and unfinished reports are left out; nothing is thrown for them.
 *
 * @param root absolute path of the repository or workspace folder
 */
export async function loadEvidence(root: string): Promise<EvidenceIndex> {
  const reports: EvidenceReport[] = [];
  for (const file of await findReports(root)) {
    const report = await readReport(file);
    if (report?.status.state !== 'complete') continue;
    const path = relative(root, file).split(sep).join('/');
    const evidence = toEvidence(report, path, await isStale(report, file, root));
    if (evidence) reports.push(evidence);
  }
  return { reports };
}
