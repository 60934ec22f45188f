import { randomBytes } from 'node:crypto';
import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { type ErrorData, RobustnessError } from '../error';
import { type AnyReport, regressionReportSchema } from './regression';
import { type Report, reportSchema } from './schema';

export const reportFolder = '.robustness';
export const reportSuffix = '.robustness.json';
/** Far above any report; a file beyond it is not read into memory. */
const sizeLimit = 256 * 1024 * 1024;

/** `.robustness/<model>.robustness.json` in `base`. */
export function reportPathFor(base: string, modelPath: string): string {
  return join(base, reportFolder, `${basename(modelPath).replace(/\.[^.]+$/, '')}${reportSuffix}`);
}

/** The folder that relative paths within a report count from: the one that holds `.robustness`. */
export function baseOfReport(reportPath: string): string {
  const folder = dirname(resolve(reportPath));
  return basename(folder) === reportFolder ? dirname(folder) : folder;
}

/** A path as reports store it: relative to `base`, with forward slashes on every system. */
export function storedPath(base: string, path: string): string {
  return relative(base, path).split(sep).join('/') || '.';
}

/** The absolute form of a path that a report names (`model.path`, `data.path`, `specPath`). */
export function resolveStored(reportPath: string, stored: string): string {
  return resolve(baseOfReport(reportPath), stored);
}

/** Writes a report so that a reader sees the old one or the new one, never half of one. */
export async function writeReport(path: string, report: AnyReport): Promise<void> {
  // Indented for people and diffs, but for the entries a run has by the thousand.
  const { outcomes, ...rest } = report;
  const indented = JSON.stringify(rest, null, 2).slice(0, -2);
  await writeAtomically(path, `${indented},\n  "outcomes": ${JSON.stringify(outcomes)}\n}\n`);
}

export async function writeAtomically(path: string, text: string | Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}.${randomBytes(4).toString('hex')}.tmp`;
  try {
    const handle = await open(temporary, 'wx');
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/**
 * Reads and validates a report on a classifier.
 * @throws RobustnessError as {@link readAnyReport}, `report/task` for one on a regression
 */
export async function readReport(path: string): Promise<Report> {
  return classificationOf(await readAnyReport(path), path);
}

/**
 * Reads and validates a report, whatever its task.
 * @throws RobustnessError `report/not-found`, `report/too-large`, `report/not-json`, `report/version`, `report/invalid`
 */
export async function readAnyReport(path: string): Promise<AnyReport> {
  let text: string;
  try {
    if ((await stat(path)).size > sizeLimit) throw tooLarge(path);
    text = await readFile(path, 'utf8');
  } catch (cause) {
    if (RobustnessError.is(cause)) throw cause;
    throw new RobustnessError(
      'report/not-found',
      `The report ${path} cannot be read.`,
      'Check the path, or evaluate the model.',
      {
        cause,
      },
    );
  }
  return parseAnyReport(text, path);
}

/** @param name how the report is called in errors */
export function parseReport(text: string, name: string): Report {
  return classificationOf(parseAnyReport(text, name), name);
}

function classificationOf(report: AnyReport, name: string): Report {
  if (report.task === 'classification') return report;
  throw new RobustnessError(
    'report/task',
    `${name} is on a model that predicts numbers, and this needs one on a classifier.`,
    'Print it with `robustness report`, as md, html or csv.',
  );
}

/** @param name how the report is called in errors */
export function parseAnyReport(text: string, name: string): AnyReport {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new RobustnessError(
      'report/not-json',
      `${name} is not valid JSON.`,
      'Evaluate the model again to replace it.',
      { cause },
    );
  }
  const version =
    value !== null && typeof value === 'object' ? (value as { schemaVersion?: unknown }).schemaVersion : undefined;
  if (typeof version === 'number' && version > 1) {
    throw new RobustnessError(
      'report/version',
      `${name} was written by a newer version of the tool (schema ${version}, this one reads 1).`,
      'Update Robustness Inspector, or evaluate the model again.',
    );
  }
  const { task } = (value ?? {}) as { task?: unknown };
  const parsed = (task === 'regression' ? regressionReportSchema : reportSchema).safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const place = issue && issue.path.length > 0 ? `\`${issue.path.join('.')}\`: ` : '';
  throw new RobustnessError(
    'report/invalid',
    `${name} is not a robustness report (${place}${issue?.message ?? 'does not fit the schema'}).`,
    'Evaluate the model again to replace it.',
  );
}

function tooLarge(path: string): RobustnessError {
  return new RobustnessError(
    'report/too-large',
    `${path} is larger than ${sizeLimit / 1024 / 1024} MB, which no report is.`,
    'Choose a file that Robustness Inspector wrote.',
  );
}

/** Marks a report whose worker is gone, so that it does not look as if it were still running. Silent if there is none. */
export async function markStopped(
  path: string,
  state: 'interrupted' | 'failed',
  error: ErrorData | null,
): Promise<void> {
  let report: AnyReport;
  try {
    report = await readAnyReport(path);
  } catch {
    return;
  }
  if (report.status.state !== 'running') return;
  await writeReport(path, { ...report, status: { ...report.status, state, error } });
}
