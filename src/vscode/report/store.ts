import { stat } from 'node:fs/promises';
import * as vscode from 'vscode';
import { type ErrorData, toErrorData } from '../../engine/error';
import type { AnyReport } from '../../engine/report/regression';
import { findReports } from '../files/find';
import type { FileHashes } from '../files/hash';
import { Owner } from '../owner';
import { runsElsewhere } from '../runs/elsewhere';
import { type ModelSummary, type ReportSummary, summarize, summarizeModel } from './summary';

/** A report of the workspace: its summary with the model file it is about, or why it cannot be read. */
export type ReportEntry =
  | {
      readonly path: string;
      readonly summary: ReportSummary;
      /** Absolute path of the model; null when no such file is found. */
      readonly model: string | null;
      /** The model's bytes are no longer those that were evaluated. */
      readonly stale: boolean;
      /** What is true now: a report whose process is gone says `running` and is interrupted. */
      readonly state: ReportSummary['state'];
    }
  | { readonly path: string; readonly error: ErrorData };

export type ReadableReport = Exclude<ReportEntry, { error: ErrorData }>;

/** The reports of the workspace, read when first asked for and again only when their files change. */
export class ReportStore extends Owner {
  readonly #hashes: FileHashes;
  readonly #summaries = new Map<string, { readonly key: string; readonly summary: ReportSummary }>();
  readonly #changed = this.own(new vscode.EventEmitter<void>());
  /** A report or a model file came, went or changed. */
  readonly onDidChange = this.#changed.event;
  #pending: NodeJS.Timeout | undefined;

  constructor(hashes: FileHashes) {
    super();
    this.#hashes = hashes;
    for (const pattern of ['**/*.robustness.json', '**/*.onnx']) {
      const watcher = this.own(vscode.workspace.createFileSystemWatcher(pattern));
      const changed = () => this.changed();
      this.own(watcher.onDidCreate(changed));
      this.own(watcher.onDidChange(changed));
      this.own(watcher.onDidDelete(changed));
    }
    this.own(vscode.workspace.onDidChangeWorkspaceFolders(() => this.changed()));
    this.own({ dispose: () => clearTimeout(this.#pending) });
  }

  /** A running evaluation rewrites its report twice a second: listeners hear of it once a burst. */
  changed(): void {
    this.#pending ??= setTimeout(() => {
      this.#pending = undefined;
      this.#changed.fire();
    }, 400);
  }

  /** Every report, newest first. */
  async list(): Promise<ReportEntry[]> {
    const uris = await findReports();
    const entries = await Promise.all(uris.map((uri) => this.entry(uri.fsPath)));
    return entries.filter((entry) => entry !== null).sort((a, b) => createdAt(b).localeCompare(createdAt(a)));
  }

  /** Readable reports by the absolute path of their model, the newest of each. */
  async byModel(): Promise<Map<string, ReadableReport>> {
    const newest = new Map<string, ReadableReport>();
    for (const entry of await this.list()) {
      if ('error' in entry || entry.model === null || newest.has(entry.model)) continue;
      newest.set(entry.model, entry);
    }
    return newest;
  }

  /** Null if the file is gone. */
  async entry(path: string): Promise<ReportEntry | null> {
    const facts = await stat(path).catch(() => null);
    if (facts === null) {
      this.#summaries.delete(path);
      return null;
    }
    try {
      const key = `${facts.mtimeMs}:${facts.size}`;
      let known = this.#summaries.get(path);
      if (known?.key !== key) {
        known = { key, summary: summarize(await this.read(path)) };
        this.#summaries.set(path, known);
      }
      const { summary } = known;
      const model = await this.#modelOf(summary, path);
      const stale = model !== null && (await this.#differs(summary, path));
      const dead = summary.state === 'running' && !(await this.runsElsewhere(summary.run, path));
      return { path, summary, model, stale, state: dead ? 'interrupted' : summary.state };
    } catch (error) {
      return { path, error: toErrorData(error) };
    }
  }

  /** @throws RobustnessError `report/…` when the file is no valid report */
  async read(path: string): Promise<AnyReport> {
    // The schema is heavy: it is evaluated when the first report is read, not at activation.
    const { readAnyReport } = await import('../../engine/report/store');
    return readAnyReport(path);
  }

  /** Absolute path of the file that a report means by `stored`; null if there is no such file. */
  async resolve(stored: string, reportPath: string): Promise<string | null> {
    const { resolveStored } = await import('../../engine/report/store');
    const path = resolveStored(reportPath, stored);
    return (await stat(path).catch(() => null)) === null ? null : path;
  }

  /** Whether another process (the command line) is writing this report. */
  async runsElsewhere(run: string | null, reportPath: string): Promise<boolean> {
    const { baseOfReport } = await import('../../engine/report/store');
    return runsElsewhere(baseOfReport(reportPath), run);
  }

  async isStale(report: Pick<AnyReport, 'model'>, reportPath: string): Promise<boolean> {
    return this.#differs(summarizeModel(report), reportPath);
  }

  /** An ensemble has no file: it is where one would lie, as long as its members are there. */
  async #modelOf(summary: ModelSummary, reportPath: string): Promise<string | null> {
    if (summary.members === null) return this.resolve(summary.modelPath, reportPath);
    const there = await Promise.all(summary.members.map((member) => this.resolve(member.path, reportPath)));
    if (there.includes(null)) return null;
    const { resolveStored } = await import('../../engine/report/store');
    return resolveStored(reportPath, summary.modelPath);
  }

  /** Whether a file that was evaluated is there and has other bytes now. */
  async #differs({ members, modelPath, modelSha256 }: ModelSummary, reportPath: string): Promise<boolean> {
    for (const { path, sha256 } of members ?? [{ path: modelPath, sha256: modelSha256 }]) {
      const file = await this.resolve(path, reportPath);
      if (file !== null && (await this.#hashes.of(file)) !== sha256) return true;
    }
    return false;
  }
}

function createdAt(entry: ReportEntry): string {
  return 'error' in entry ? '' : entry.summary.createdAt;
}
