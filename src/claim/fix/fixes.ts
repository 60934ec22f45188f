import { checkDocument } from '../check';
import type { EvidenceIndex, EvidenceReport } from '../evidence';
import { LineIndex } from '../lines';
import type { Claim } from '../types';
import { statementsFor } from './statement';
import { syntaxOf } from './syntax';

/** A replacement of [start, end) of a document, in UTF-16 units. */
export interface TextEdit {
  readonly start: number;
  readonly end: number;
  readonly newText: string;
}

export type FixKind =
  /** The sentence's figures become the measured ones. */
  | 'correct'
  /** The sentence becomes one that the evidence supports. */
  | 'rewrite'
  /** There is no evidence, or none that holds: nothing can be written before the evaluation has run. */
  | 'evaluate';

export interface ClaimFix {
  readonly kind: FixKind;
  readonly title: string;
  /** In the order of the text, not overlapping; empty for `evaluate`. */
  readonly edits: readonly TextEdit[];
  readonly preferred: boolean;
}

/** Applies edits that do not overlap. */
export function applyEdits(text: string, edits: readonly TextEdit[]): string {
  let result = text;
  for (const { start, end, newText } of [...edits].sort((a, b) => b.start - a.start))
    result = result.slice(0, start) + newText + result.slice(end);
  return result;
}

/** [start, end) of a claim in the text that it was found in; null when the text has changed since. */
export function rangeOfClaim(claim: Claim, text: string): { start: number; end: number } | null {
  const index = new LineIndex(text);
  const start = index.offset({ line: claim.line, column: claim.column });
  const end = start + claim.text.length;
  return text.slice(start, end) === claim.text ? { start, end } : null;
}

function corrections(claim: Claim, start: number): ClaimFix[] {
  const { corrections: found } = claim.evidence!;
  if (found.length === 0) return [];
  const edits = [...found]
    .sort((a, b) => a.start - b.start)
    .map((one) => ({ start: start + one.start, end: start + one.end, newText: one.replacement }));
  const overlap = edits.some((edit, i) => i > 0 && edit.start < edits[i - 1]!.end);
  if (overlap || edits.some(({ end }) => end > start + claim.text.length)) return [];
  const [only] = found;
  const title =
    found.length === 1
      ? `Replace ${claim.text.slice(only!.start, only!.end)} by the measured ${only!.replacement}`
      : `Replace ${found.length} figures by the measured ones`;
  return [{ kind: 'correct', title, edits, preferred: true }];
}

/** A notebook is JSON in its file, and Markdown in the cells of an editor. */
const isJson = (path: string, text: string) => /\.ipynb$/i.test(path) && /^\s*\{/.test(text);

/** Whether a place is in the metadata before a document's text. */
function isInFrontMatter(text: string, at: number): boolean {
  const front = /^\ufeff?---[ \t]*\r?\n[\s\S]*?\n(?:---|\.\.\.)[ \t]*(?:\r?\n|$)/.exec(text);
  return front !== null && at < front[0].length;
}

/** Whether the linter itself takes a sentence for what this report shows, whatever stands around it. */
function holds(sentence: string, path: string, report: EvidenceReport, evidence: EvidenceIndex): boolean {
  // Of a notebook, a source file or metadata, a sentence alone is no document.
  const prose = /\.(?:ipynb|py|cff)$/i.test(path) ? `${path}.md` : path;
  const claims = checkDocument(`${sentence}\n`, prose, evidence);
  const [claim] = claims;
  return (
    claims.length === 1 &&
    claim?.verdict === 'supported' &&
    claim.rules.length === 0 &&
    claim.evidence?.report === report.path
  );
}

function rewriting(
  claim: Claim,
  range: { readonly start: number; readonly end: number },
  text: string,
  report: EvidenceReport,
  evidence: EvidenceIndex,
): ClaimFix[] {
  if (/\.ya?ml$/i.test(claim.path) || isInFrontMatter(text, range.start)) return [];
  // A row holds what its header asks for.
  const first = text.slice(text.lastIndexOf('\n', range.start - 1) + 1, range.start);
  if (/\|\s*$/.test(first) || claim.text.includes(' | ') || claim.text.includes('&')) return [];
  const sentence = statementsFor(claim, report, text, syntaxOf(claim.path)).find((one) =>
    holds(one, claim.path, report, evidence),
  );
  if (sentence === undefined || sentence === claim.text) return [];
  const newText = isJson(claim.path, text) ? JSON.stringify(sentence).slice(1, -1) : sentence;
  return [
    {
      kind: 'rewrite',
      title: 'Rewrite as what was measured',
      edits: [{ ...range, newText }],
      preferred: false,
    },
  ];
}

/**
 * What can be done about a claim that is not well made or not supported, best first. Nothing is written that the
 * linter would not take for supported: without evidence, or with evidence that is stale or void, the fix is to evaluate.
 *
 * @param text of the document that the claim was found in; where it has changed since, there are no edits
 */
export function fixesOf(claim: Claim, text: string, evidence: EvidenceIndex): ClaimFix[] {
  if (claim.rules.length === 0) return [];
  const evaluate: ClaimFix = { kind: 'evaluate', title: 'Evaluate the model', edits: [], preferred: true };
  const held = claim.evidence;
  const report = evidence.reports.find(({ path }) => path === held?.report);
  if (held === null || report === undefined || held.stale || report.stale) return [evaluate];
  const range = rangeOfClaim(claim, text);
  if (range === null) return [];
  const edits = [...corrections(claim, range.start), ...rewriting(claim, range, text, report, evidence)];
  if (edits.length > 0) return edits;
  // The report is fresh and still shows nothing of what is claimed, or nothing that holds.
  return [evaluate];
}
