import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import * as vscode from 'vscode';
import type { EvidenceIndex } from '../../claim/evidence';
import { locateInJson } from '../../claim/pointer';
import type { Notifier } from '../notify';
import { Owner } from '../owner';
import type { ReportStore } from '../report/store';
import type { EvidenceCache } from './evidence';

/** A file that is being written changes many times; what was made of it is looked at when that is over. */
const quiet = 250;
/** A running evaluation rewrites its report all the time, and is no evidence until it has ended. */
const quietReports = 1000;
/** Places outside of the workspace and of its model files; more are looked at with the next other change. */
const mostPlaces = 200;
/** Of a data set; one of more is watched as a folder. */
const mostFiles = 20;
const largestReport = 64 * 1024 * 1024;

/**
 * Notices that evidence changed: a report, its model (with weights in files of their own), its data, its spec. Nothing
 * is asked for again and again; the system tells of changes, and hashes are taken anew only of what changed.
 */
export class EvidenceWatch extends Owner {
  readonly #evidence: EvidenceCache;
  readonly #notify: Notifier;
  readonly #changed = this.own(new vscode.EventEmitter<void>());
  /** Reports say something else now, or what they were made from is another. */
  readonly onDidChange = this.#changed.event;
  /** By folder and pattern: what reports refer to. */
  readonly #places = new Map<string, vscode.Disposable>();
  /** Of each folder, what its reports refer to. */
  readonly #byRoot = new Map<string, readonly Place[]>();
  readonly #byReport = new Map<string, { readonly key: string; readonly places: readonly Place[] }>();
  /** By delay. */
  readonly #timers = new Map<number, NodeJS.Timeout>();
  #refreshing = false;
  #again = false;

  constructor(evidence: EvidenceCache, reports: ReportStore, notify: Notifier) {
    super();
    this.#evidence = evidence;
    this.#notify = notify;
    evidence.onLoad = (root, index) => void this.#follow(root, index);
    this.own(reports.onDidChange(() => this.#soon(quietReports)));
    this.own(this.#watch('**/*.{onnx,ort}'));
    this.own(this.#watch('**/{robustness.yaml,robustness.yml,robustness.json,*.robustness.yaml,*.robustness.yml}'));
    this.own(vscode.workspace.onDidChangeWorkspaceFolders(() => this.#soon(quiet)));
    this.own({
      dispose: () => {
        for (const timer of this.#timers.values()) clearTimeout(timer);
        for (const place of this.#places.values()) place.dispose();
      },
    });
  }

  /** Looks at the evidence after `delay` ms without another change of this kind: one does not hold up the other. */
  #soon(delay: number): void {
    clearTimeout(this.#timers.get(delay));
    this.#timers.set(
      delay,
      setTimeout(() => void this.refresh(), delay),
    );
  }

  /** Looks at the evidence now; one look at a time, and another after it for what changed meanwhile. */
  async refresh(): Promise<void> {
    this.#again = true;
    if (this.#refreshing) return;
    this.#refreshing = true;
    try {
      while (this.#again) {
        this.#again = false;
        if (await this.#evidence.refresh()) this.#changed.fire();
      }
    } catch (error) {
      this.#notify.log(error);
    } finally {
      this.#refreshing = false;
    }
  }

  #watch(pattern: vscode.GlobPattern): vscode.FileSystemWatcher {
    const watcher = vscode.workspace.createFileSystemWatcher(pattern);
    const changed = () => this.#soon(quiet);
    watcher.onDidCreate(changed);
    watcher.onDidChange(changed);
    watcher.onDidDelete(changed);
    return watcher;
  }

  /** Watches what the reports of a folder refer to, and nothing else any more. */
  async #follow(root: string, index: EvidenceIndex): Promise<void> {
    const places: Place[] = [];
    for (const { path } of index.reports) places.push(...(await this.#placesOf(join(root, path))));
    this.#byRoot.set(root, places);
    const wanted = new Map([...this.#byRoot.values()].flat().map((place) => [`${place.folder}\0${place.glob}`, place]));
    for (const [key, place] of this.#places) {
      if (wanted.has(key)) continue;
      place.dispose();
      this.#places.delete(key);
    }
    for (const [key, { folder, glob }] of wanted) {
      if (this.#places.has(key) || this.#places.size >= mostPlaces) continue;
      this.#places.set(key, this.#watch(new vscode.RelativePattern(vscode.Uri.file(folder), glob)));
    }
  }

  /** Reports change seldom and are read once. */
  async #placesOf(report: string): Promise<readonly Place[]> {
    const facts = await stat(report).catch(() => null);
    if (facts === null || facts.size > largestReport) return [];
    const key = `${facts.mtimeMs}:${facts.size}`;
    let known = this.#byReport.get(report);
    if (known?.key !== key) {
      known = { key, places: await placesOf(report) };
      this.#byReport.set(report, known);
    }
    return known.places;
  }
}

interface Place {
  readonly folder: string;
  readonly glob: string;
}

/** Where the files of a report lie: its model with the weights beside it, its tokenizer, its data, its spec. */
async function placesOf(report: string): Promise<Place[]> {
  const json = await readFile(report, 'utf8').catch(() => '');
  const { resolveStored } = await import('../../engine/report/store');
  const value = (pointer: string): unknown => {
    const span = locateInJson(json, pointer);
    return span === null ? null : JSON.parse(json.slice(...span));
  };
  const places: Place[] = [];
  const file = async (stored: unknown, all: boolean) => {
    if (typeof stored !== 'string' || stored === '') return;
    const path = resolveStored(report, stored);
    // A data set may be a folder of images. A report may say anything, and a whole disk is not watched on its word.
    const inside = vscode.workspace.getWorkspaceFolder(vscode.Uri.file(path)) !== undefined;
    if ((await stat(path).catch(() => null))?.isDirectory()) places.push({ folder: path, glob: inside ? '**' : '*' });
    else places.push({ folder: dirname(path), glob: all ? '*' : escapeGlob(basename(path)) });
  };
  try {
    // Weights that lie beside a model have any name.
    await file(value('/model/path'), true);
    // Its settings have names of their own, and may be added later.
    await file(value('/text/tokenizer/path'), true);
    const data = value('/data/files');
    for (const stored of Array.isArray(data) && data.length <= mostFiles ? data : [value('/data/path')]) {
      await file(stored, false);
    }
    await file(value('/specPath'), false);
  } catch {
    // No JSON after all; such a report is no evidence.
  }
  return places;
}

function escapeGlob(name: string): string {
  return name.replace(/[*?[\]{}]/g, (sign) => `[${sign}]`);
}
