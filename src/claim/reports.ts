import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join, relative, sep } from 'node:path';
import { RobustnessError } from '../engine/error';
import { parseAnyReport, reportFolder, reportSuffix } from '../engine/report/store';
import { type ClaimPolicy, type EvidenceIndex, type EvidenceReport, toEvidence } from './evidence';
import { FileHashes } from './hashes';
import { policyOf, SpecFiles } from './specFiles';
import { changesSince, type Sources, sourcesOf } from './staleness';

/** Bounds of the search: a repository is not ours, and may be large or hostile. */
const maxReports = 500;
const maxSpecs = 500;
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
const isSpec = /^robustness\.(?:ya?ml|json)$|\.robustness\.ya?ml$/;

const hashes = new FileHashes();
const specs = new SpecFiles();

/** What a report says and what it was made of; why it cannot be read; null for one whose run did not complete. */
type Reading = { readonly evidence: EvidenceReport; readonly sources: Sources } | { readonly reason: string } | null;
/** Readings by path, valid while size and times stand. */
const readings = new Map<string, { readonly key: string; readonly reading: Reading }>();

/** Report files and specs below a folder, in a stable order. */
async function search(root: string): Promise<{ reports: string[]; specs: string[] }> {
  const found = { reports: [] as string[], specs: [] as string[] };
  const queue: { folder: string; depth: number }[] = [{ folder: root, depth: 0 }];
  for (let i = 0; i < queue.length && i < maxFolders; i++) {
    const { folder, depth } = queue[i]!;
    const reportsHere = basename(folder) === reportFolder;
    const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
    entries.sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const entry of entries) {
      // Links are not followed: they may lead out of the repository, or in a circle.
      if (entry.isDirectory() && !skipped.has(entry.name) && depth < maxDepth)
        queue.push({ folder: join(folder, entry.name), depth: depth + 1 });
      if (!entry.isFile()) continue;
      if (reportsHere && entry.name.endsWith(reportSuffix)) found.reports.push(join(folder, entry.name));
      else if (!reportsHere && isSpec.test(entry.name)) found.specs.push(join(folder, entry.name));
    }
  }
  return { reports: found.reports.slice(0, maxReports), specs: found.specs.slice(0, maxSpecs) };
}

async function read(file: string, path: string): Promise<Reading> {
  const info = await stat(file).catch(() => null);
  if (!info?.isFile()) return null;
  if (info.size > maxReportBytes) return { reason: `It is larger than ${maxReportBytes / 2 ** 20} MB.` };
  const key = `${info.size}:${info.mtimeMs}:${info.ctimeMs}:${path}`;
  const known = readings.get(file);
  if (known?.key === key) return known.reading;
  const reading = await parse(file, path);
  readings.set(file, { key, reading });
  return reading;
}

async function parse(file: string, path: string): Promise<Reading> {
  try {
    const report = parseAnyReport(await readFile(file, 'utf8'), basename(file));
    const evidence = toEvidence(report, path);
    return evidence && { evidence, sources: sourcesOf(report) };
  } catch (error) {
    return { reason: RobustnessError.is(error) ? `${error.message} ${error.hint}` : 'It cannot be read.' };
  }
}

/**
 * The completed reports (`.robustness/*.robustness.json`) below a folder, with what has changed since each was made, and what the
 * specs there say of claims. Unfinished reports and broken specs are left out, reports that cannot be read are named; nothing is
 * thrown for them.
 *
 * @param root absolute path of the repository or workspace folder
 */
export async function loadEvidence(root: string): Promise<EvidenceIndex> {
  const files = await search(root);
  const local = (file: string) => relative(root, file).split(sep).join('/');
  const reports: EvidenceReport[] = [];
  const unread: { path: string; reason: string }[] = [];
  for (const file of files.reports) {
    const path = local(file);
    const reading = await read(file, path);
    if (reading === null) continue;
    if ('reason' in reading) {
      unread.push({ path, reason: reading.reason });
      continue;
    }
    const { changed, unknown } = await changesSince(file, reading.sources, hashes, specs);
    reports.push({ ...reading.evidence, stale: changed.length > 0, changed, unknown });
  }
  await hashes.save();
  const policies: ClaimPolicy[] = [];
  for (const file of files.specs) {
    const spec = await specs.read(file);
    const policy = spec && policyOf(spec, file, root);
    if (policy) policies.push(policy);
  }
  return { reports, policies, unread };
}
