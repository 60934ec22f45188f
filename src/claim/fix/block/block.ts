import { RobustnessError } from '../../../engine/error';
import type { AnyReport } from '../../../engine/report/regression';
import { parseDocument } from '../../document/registry';
import type { TextEdit } from '../fixes';
import { type Syntax, syntaxOf } from '../syntax';
import { blockContent } from './content';
import {
  type BlockReading,
  beginBody,
  commentLine,
  digestOf,
  type EvidenceBlock,
  normalise,
  readBlocks,
} from './marker';
import { renderContent } from './render';

/** How a block stands to its report. */
export type BlockState =
  /** As the report gives it. */
  | 'current'
  /** Markers with nothing between them yet. */
  | 'empty'
  /** As it was generated, but the report says something else now. */
  | 'outdated'
  /** A person changed what was generated. */
  | 'edited';

export interface BlockTarget {
  /** Path of the report, relative to the document, with forward slashes. */
  readonly report: string;
  /** Empty for all. */
  readonly threats: readonly string[];
  /** Before each line. */
  readonly indent: string;
  readonly eol: '\n' | '\r\n';
}

/**
 * A whole block with its markers, from the first character of the first to the last of the last.
 * @throws RobustnessError `claim/block-threat`, `claim/block-incomplete`
 */
export function renderBlock(report: AnyReport, target: BlockTarget, syntax: Syntax): string {
  const content = renderContent(blockContent(report, target.threats, target.report), syntax);
  const digest = digestOf(normalise(content, ''));
  const lines = [
    commentLine(beginBody(target.report, target.threats, digest), syntax),
    '',
    ...content.split('\n'),
    '',
    commentLine('robustness:end', syntax),
  ];
  return lines.map((line, i) => (i === 0 || line === '' ? line : target.indent + line)).join(target.eol);
}

/** The blocks of a document and its faulty markers. Never throws. */
export function blocksOf(text: string, path: string): BlockReading {
  return readBlocks(text, parseDocument(text, path).comments);
}

/** The line end that a document uses: that of its first line. */
export function lineEndOf(text: string): '\n' | '\r\n' {
  const first = text.indexOf('\n');
  return first > 0 && text[first - 1] === '\r' ? '\r\n' : '\n';
}

export interface CheckedBlock {
  readonly state: BlockState;
  /** What makes it current; null where it is. */
  readonly edit: TextEdit | null;
}

/**
 * Holds a block against its report.
 *
 * @param text of the document, @param path its name, which says the syntax
 * @param reportPath of the report, relative to the document, for a block that names none
 * @throws RobustnessError `claim/block-threat`, `claim/block-incomplete`
 */
export function checkBlock(
  text: string,
  path: string,
  block: EvidenceBlock,
  report: AnyReport,
  reportPath: string,
): CheckedBlock {
  const target = {
    report: block.report ?? reportPath,
    threats: block.threats,
    indent: block.indent,
    eol: lineEndOf(text),
  };
  const newText = renderBlock(report, target, syntaxOf(path));
  if (newText === text.slice(block.start, block.end)) return { state: 'current', edit: null };
  const own = normalise(block.content, block.indent);
  const edited = own !== '' && block.digest !== digestOf(own);
  const state = own === '' ? 'empty' : edited ? 'edited' : 'outdated';
  return { state, edit: { start: block.start, end: block.end, newText } };
}

/** Whether a generated table can stand in a document: in no source file, metadata or notebook as JSON. */
export function mayHoldBlocks(text: string, path: string): boolean {
  if (/\.(?:py|cff|ya?ml|json)$/i.test(path)) return false;
  return !(/\.ipynb$/i.test(path) && text.trimStart().startsWith('{'));
}

/** @throws RobustnessError `claim/block-format` */
export function requireBlocks(text: string, path: string): void {
  if (mayHoldBlocks(text, path)) return;
  throw new RobustnessError(
    'claim/block-format',
    `${path} is no document that an evidence block can stand in.`,
    'Use Markdown, MDX, reStructuredText or LaTeX; in a notebook, a Markdown cell in the editor.',
  );
}
