import { randomBytes } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { RobustnessError } from '../error';
import { reportFolder, writeAtomically } from '../report/store';
import { Journal } from './journal';
import type { EvaluationRequest } from './target';

const runSchema = z.object({
  id: z.string(),
  createdAt: z.string(),
  pid: z.number().int(),
  state: z.enum(['running', 'complete', 'failed']),
  request: z.record(z.string(), z.unknown()),
  /** Absolute paths of the reports so far. */
  reports: z.array(z.string()),
});
/** `run.json`: what a run is, for listing and resuming; its results are in the journal beside it. */
export type RunFile = z.infer<typeof runSchema>;

/** `20260131-142530-1a2b`: sorts by time, and two runs of the same second differ. */
export function newRunId(now: Date): string {
  const stamp = now.toISOString().replace(/[-:]/g, '').replace('T', '-').slice(0, 15);
  return `${stamp}-${randomBytes(2).toString('hex')}`;
}

/** @throws RobustnessError `usage/run-name` for a name that could lead out of the runs folder */
export function runFolderOf(base: string, runId: string): string {
  if (!/^[\w-]{1,64}$/.test(runId)) {
    throw new RobustnessError(
      'usage/run-name',
      `"${runId}" is not the name of a run.`,
      'See the folders in .robustness/runs.',
    );
  }
  return join(base, reportFolder, 'runs', runId);
}

/** One run's folder: `run.json` and the journal. */
export class RunFolder {
  private constructor(
    private readonly path: string,
    private file: RunFile,
    readonly journal: Journal,
  ) {}

  get id(): string {
    return this.file.id;
  }

  static async create(base: string, request: EvaluationRequest, now: Date): Promise<RunFolder> {
    const id = newRunId(now);
    const path = runFolderOf(base, id);
    const journal = await Journal.create(join(path, 'journal.jsonl'));
    const file: RunFile = {
      id,
      createdAt: now.toISOString(),
      pid: process.pid,
      state: 'running',
      request: { ...request },
      reports: [],
    };
    const folder = new RunFolder(path, file, journal);
    await folder.update({});
    return folder;
  }

  /** @throws RobustnessError `evaluate/no-such-run`, `evaluate/run-in-use`, `evaluate/journal-damaged` */
  static async resume(base: string, runId: string): Promise<RunFolder> {
    const path = runFolderOf(base, runId);
    const file = await readRunFile(path);
    if (file.state === 'running' && file.pid !== process.pid && isAlive(file.pid)) {
      throw new RobustnessError(
        'evaluate/run-in-use',
        `The run ${runId} is still going on (process ${file.pid}).`,
        'Wait for it or cancel it, then resume.',
      );
    }
    const folder = new RunFolder(path, file, await Journal.resume(join(path, 'journal.jsonl')));
    await folder.update({ state: 'running', pid: process.pid });
    return folder;
  }

  async update(change: Partial<RunFile>): Promise<void> {
    this.file = { ...this.file, ...change };
    await writeAtomically(join(this.path, 'run.json'), `${JSON.stringify(this.file, null, 2)}\n`);
  }

  /** A run that failed before anything was finished leaves nothing to resume, and no litter. */
  async failed(): Promise<void> {
    await this.journal.close();
    if (this.journal.size === 0) await rm(this.path, { recursive: true, force: true });
    else await this.update({ state: 'failed' });
  }

  async addReport(path: string): Promise<void> {
    if (!this.file.reports.includes(path)) await this.update({ reports: [...this.file.reports, path] });
  }
}

/**
 * The folder whose `.robustness` holds a run, and the request that it was started with.
 * @throws RobustnessError `usage/run-name`, `evaluate/no-such-run`
 */
export async function findRun(
  bases: readonly string[],
  runId: string,
): Promise<{ base: string; request: EvaluationRequest }> {
  let failure: unknown;
  for (const base of bases) {
    try {
      return { base, request: (await readRunFile(runFolderOf(base, runId))).request as EvaluationRequest };
    } catch (error) {
      failure ??= error;
    }
  }
  throw failure;
}

async function readRunFile(path: string): Promise<RunFile> {
  try {
    return runSchema.parse(JSON.parse(await readFile(join(path, 'run.json'), 'utf8')));
  } catch (cause) {
    throw new RobustnessError(
      'evaluate/no-such-run',
      `There is no run that can be resumed in ${path}.`,
      'Check the name of the run (the folders in .robustness/runs), or start without --resume.',
      { cause },
    );
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
