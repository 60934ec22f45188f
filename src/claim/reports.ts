import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join, relative, sep } from 'node:path';
import { parseReport, reportFolder, reportSuffix, resolveStored } from '../engine/report/store';
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

/** What a report says, and which model it says it of; null for what is no evidence. */
type Reading = { readonly evidence: EvidenceReport; readonly sha256: string } | null;
/** Readings by path, likewise. */
const readings = new Map<string, { readonly key: string; readonly reading: Reading }>();

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
      else if (entry.isFile() && entry.name.endsWith(reportSuffix) && basename(folder) === reportFolder)
        found.push(join(folder, entry.name));
    }
  }
  return found.slice(0, maxReports);
}

async function read(file: string, path: string): Promise<Reading> {
  const info = await stat(file).catch(() => null);
  if (!info?.isFile() || info.size > maxReportBytes) return null;
  const key = `${info.size}:${info.mtimeMs}:${path}`;
  const known = readings.get(file);
  if (known?.key === key) return known.reading;
  let reading: Reading = null;
  try {
    const report = parseReport(await readFile(file, 'utf8'), file);
    const evidence = toEvidence(report, path, false);
    if (evidence) reading = { evidence, sha256: report.model.sha256 };
  } catch {
    // A broken report is no evidence; the report editor is the place that says what is wrong with it.
  }
  readings.set(file, { key, reading });
  return reading;
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

/** Whether the model on disk is another than the one that was evaluated. One that is gone is not known to differ. */
async function isStale(file: string, model: string, sha256: string): Promise<boolean> {
  const now = await hashFile(resolveStored(file, model));
  return now !== null && now !== sha256;
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
    const reading = await read(file, relative(root, file).split(sep).join('/'));
    if (!reading) continue;
    const { evidence, sha256 } = reading;
    reports.push({ ...evidence, stale: await isStale(file, evidence.model, sha256) });
  }
  return { reports };
}
