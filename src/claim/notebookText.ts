import type { Claim } from './types';

/** A place in a cell; lines and characters count from 0, as editors do. */
export interface CellPosition {
  readonly cell: number;
  readonly line: number;
  readonly character: number;
}

interface SourceLine {
  readonly cell: number;
  readonly line: number;
  readonly length: number;
  /** Of the line's first character in its line of the JSON. */
  readonly from: number;
}

const escapeSequence = /\\(?:u[\da-fA-F]{4}|[\s\S])/g;
const lineEnd = /\r\n|\r|\n/;

/**
 * The text that a notebook file with these Markdown cells has, and the way back from it. An editor hands out cells, the
 * linter reads files: so that both find the same, the cells of an open notebook are written as a file would hold them.
 */
export class NotebookText {
  readonly text: string;
  readonly #cells: readonly (readonly string[])[];
  readonly #json: readonly string[];
  readonly #sources: readonly (SourceLine | undefined)[];

  /** @param cells sources of the Markdown cells, in order */
  constructor(cells: readonly string[]) {
    const json: string[] = ['{', ' "cells": ['];
    const sources: (SourceLine | undefined)[] = [];
    this.#cells = cells.map((cell) => cell.split(lineEnd));
    for (const [cell, lines] of this.#cells.entries()) {
      json.push('  {', '   "cell_type": "markdown",', '   "metadata": {},', '   "source": [');
      for (const [line, content] of lines.entries()) {
        const last = line === lines.length - 1;
        sources[json.length] = { cell, line, length: content.length, from: 5 };
        json.push(`    ${JSON.stringify(last ? content : `${content}\n`)}${last ? '' : ','}`);
      }
      json.push('   ]', cell === cells.length - 1 ? '  }' : '  },');
    }
    json.push(' ],', ' "metadata": {},', ' "nbformat": 4,', ' "nbformat_minor": 5', '}', '');
    this.text = json.join('\n');
    this.#json = json;
    this.#sources = sources;
  }

  /** Where a place of `text` (line and column from 1) is in the cells; null outside of their sources. */
  locate(line: number, column: number): CellPosition | null {
    const source = this.#sources[line - 1];
    if (source === undefined) return null;
    const before = this.#json[line - 1]!.slice(source.from, Math.max(source.from, column - 1));
    const character = Math.min(before.replace(escapeSequence, '.').length, source.length);
    return { cell: source.cell, line: source.line, character };
  }

  /** A claim of `text` as a claim of its cell, with the cell's lines and words; null if it is not within one cell. */
  toCell(claim: Claim): { readonly cell: number; readonly claim: Claim } | null {
    const start = this.locate(claim.line, claim.column);
    const end = this.locate(claim.endLine, claim.endColumn);
    if (start === null || end === null || start.cell !== end.cell) return null;
    const text = this.#between(start, end);
    const inText = (offset: number): number => {
      const before = claim.text.slice(0, offset).split('\n');
      const line = claim.line + before.length - 1;
      const column = before.at(-1)!.length + (before.length === 1 ? claim.column : 1);
      const place = this.locate(line, column);
      return place === null ? 0 : this.#between(start, place).length;
    };
    const evidence = claim.evidence && {
      ...claim.evidence,
      corrections: claim.evidence.corrections.map((correction) => ({
        ...correction,
        start: inText(correction.start),
        end: inText(correction.end),
      })),
    };
    const range = { line: start.line + 1, column: start.character + 1 };
    const rest = { endLine: end.line + 1, endColumn: end.character + 1, text, evidence };
    return { cell: start.cell, claim: { ...claim, ...range, ...rest } };
  }

  #between(start: CellPosition, end: CellPosition): string {
    const lines = this.#cells[start.cell]!.slice(start.line, end.line + 1);
    if (lines.length === 0) return '';
    lines[lines.length - 1] = lines.at(-1)!.slice(0, end.character);
    lines[0] = lines[0]!.slice(start.character);
    return lines.join('\n');
  }
}
