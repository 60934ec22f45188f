import { stat } from 'node:fs/promises';
import type * as vscode from 'vscode';
import type { BlockState } from '../../claim/fix/block/block';
import type { EvidenceBlock } from '../../claim/fix/block/marker';
import type { TextEdit } from '../../claim/fix/fixes';
import { type ErrorData, toErrorData } from '../../engine/error';
import type { AnyReport } from '../../engine/report/regression';
import type { ReportStore } from '../report/store';
import type { EvidenceCache } from './evidence';
import { type FixContext, fixContext } from './fixContext';

/** A block of an open document, held against its report. */
export interface ShownBlock {
  /** Offsets into the document. */
  readonly start: number;
  readonly end: number;
  /** `stale`: as its report gives it, but the model or the data is another since. */
  readonly state: BlockState | 'stale' | 'faulty';
  /** Absolute path of the report; null where it could not be found. */
  readonly report: string | null;
  /** What changed since the evaluation, in words. */
  readonly changed: string | null;
  readonly edit: TextEdit | null;
  readonly error: ErrorData | null;
}

/** Reads the evidence blocks of open documents; reports are read again only when their files change. */
export class BlockStates {
  readonly #reports: ReportStore;
  readonly #evidence: EvidenceCache;
  readonly #read = new Map<string, { readonly key: string; readonly report: Promise<AnyReport> }>();

  constructor(reports: ReportStore, evidence: EvidenceCache) {
    this.#reports = reports;
    this.#evidence = evidence;
  }

  /** In the order of the text; what is wrong with a block is said by it, and never thrown. */
  async of(document: vscode.TextDocument): Promise<ShownBlock[]> {
    const text = document.getText();
    if (!/robustness:(?:begin|end)/.test(text)) return [];
    const context = await fixContext(document, this.#evidence);
    if (context === null) return [];
    const { blocksOf } = await import('../../claim/fix/block/block');
    const { blocks, faults } = blocksOf(text, context.path);
    const shown = await Promise.all(blocks.map((block) => this.#held(text, block, context)));
    const wrong = faults.map(({ start, end, error }): ShownBlock => faulty(start, end, error));
    return [...shown, ...wrong].sort((a, b) => a.start - b.start);
  }

  async #held(text: string, block: EvidenceBlock, context: FixContext): Promise<ShownBlock> {
    const { start, end } = block;
    try {
      const [{ checkBlock, requireBlocks }, { sourceOf }] = await Promise.all([
        import('../../claim/fix/block/block'),
        import('../../claim/fix/block/source'),
      ]);
      requireBlocks(text, context.path);
      const source = await sourceOf(block, context.file, context.root, context.index);
      const { state, edit } = checkBlock(text, context.path, block, await this.report(source.file), source.written);
      const stale = state === 'current' && source.stale !== null;
      return {
        start,
        end,
        state: stale ? 'stale' : state,
        report: source.file,
        changed: source.stale,
        edit,
        error: null,
      };
    } catch (error) {
      return faulty(start, end, error);
    }
  }

  /** @throws RobustnessError `report/…` */
  async report(path: string): Promise<AnyReport> {
    const facts = await stat(path).catch(() => null);
    const key = `${facts?.mtimeMs}:${facts?.size}`;
    const known = this.#read.get(path);
    if (known?.key === key) return known.report;
    const report = this.#reports.read(path);
    this.#read.set(path, { key, report });
    report.catch(() => this.#read.delete(path));
    return report;
  }
}

function faulty(start: number, end: number, error: unknown): ShownBlock {
  return { start, end, state: 'faulty', report: null, changed: null, edit: null, error: toErrorData(error) };
}
