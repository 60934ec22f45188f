import { readFile, stat } from 'node:fs/promises';
import * as vscode from 'vscode';
import { LineIndex } from '../../claim/lines';
import { locateInJson } from '../../claim/pointer';
import type { Claim } from '../../claim/types';
import { reportOf } from './diagnostic';

/** Beyond this, a link to the start of the report has to do. */
const largest = 16 * 1024 * 1024;

interface Places {
  readonly key: string;
  readonly ranges: Map<string, vscode.Range | null>;
}

/** Where in a report's file the figures stand that claims were held against. */
export class ReportPlaces {
  readonly #byReport = new Map<string, Places>();
  #generation = 0;

  /** Another one where what was said of any report before may not hold any more. */
  get generation(): number {
    return this.#generation;
  }

  /** Reads the reports of `claims`, unless what is known of them still holds. Never throws. */
  async load(claims: readonly Claim[], document: vscode.Uri): Promise<void> {
    // By the report's name: of a thousand claims, most are held against the same.
    const named = new Map<string, { readonly claim: Claim; readonly pointers: Set<string> }>();
    for (const claim of claims) {
      const { report, pointer } = claim.evidence ?? {};
      if (report === undefined || pointer == null) continue;
      const known = named.get(report);
      if (known === undefined) named.set(report, { claim, pointers: new Set([pointer]) });
      else known.pointers.add(pointer);
    }
    for (const { claim, pointers } of named.values()) {
      const report = reportOf(claim, document);
      if (report?.scheme === 'file') await this.#read(report.fsPath, pointers);
    }
  }

  async #read(path: string, pointers: ReadonlySet<string>): Promise<void> {
    const facts = await stat(path).catch(() => null);
    if (facts === null || facts.size > largest) {
      if (this.#byReport.delete(path)) this.#generation++;
      return;
    }
    const key = `${facts.mtimeMs}:${facts.size}`;
    let places = this.#byReport.get(path);
    if (places?.key !== key) {
      // What is known of none is shown by none.
      if (places !== undefined) this.#generation++;
      places = { key, ranges: new Map() };
      this.#byReport.set(path, places);
    }
    const { ranges } = places;
    const missing = [...pointers].filter((pointer) => !ranges.has(pointer));
    if (missing.length === 0) return;
    const json = await readFile(path, 'utf8').catch(() => '');
    for (const pointer of missing) {
      const span = locateInJson(json, pointer);
      if (span === null) {
        ranges.set(pointer, null);
        continue;
      }
      const lines = new LineIndex(json.slice(0, span[1]));
      const [start, end] = [lines.position(span[0]), lines.position(span[1])];
      ranges.set(pointer, new vscode.Range(start.line - 1, start.column - 1, end.line - 1, end.column - 1));
    }
  }

  /** The range of what `pointer` leads to, as far as loaded; undefined if it is not known. */
  of(report: vscode.Uri, pointer: string): vscode.Range | undefined {
    return this.#byReport.get(report.fsPath)?.ranges.get(pointer) ?? undefined;
  }
}
