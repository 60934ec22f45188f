import { createHash } from 'node:crypto';
import { RobustnessError } from '../../../engine/error';
import type { DocumentComment, Sentence } from '../../document/types';
import type { Syntax } from '../syntax';

/** A generated part of a document, between the comments `robustness:begin` and `robustness:end`. Offsets are UTF-16 units. */
export interface EvidenceBlock {
  /** Of the first marker. */
  readonly start: number;
  /** Behind the last marker, exclusive. */
  readonly end: number;
  /** White space before the first marker on its line: a block in a list is indented. */
  readonly indent: string;
  /** Path of the report, relative to the document, as written; null where the marker names none. */
  readonly report: string | null;
  /** Names of the threat models that are shown; empty for all. */
  readonly threats: readonly string[];
  /** Of the content when it was generated; null in a block that was written by hand, to be filled. */
  readonly digest: string | null;
  /** What stands between the markers, as it stands. */
  readonly content: string;
}

export interface BlockReading {
  readonly blocks: readonly EvidenceBlock[];
  /** What is wrong with markers that are no block, with the place of each. */
  readonly faults: readonly { readonly start: number; readonly end: number; readonly error: RobustnessError }[];
}

const directive = /^\s*robustness:(begin|end)\b([\s\S]*)$/;

/** `key=value` and `key="a value"`; what stands in brackets is for people. */
function attributes(text: string): { readonly known: Map<string, string>; readonly unknown: string | null } {
  const known = new Map<string, string>();
  let rest = text.replace(/\([^()]*\)\s*$/, '').trim();
  while (rest !== '') {
    const match = /^([a-z]+)=(?:"([^"]*)"|([^\s"]+))(?:\s+|$)/.exec(rest);
    if (!match || !['report', 'threat', 'digest'].includes(match[1]!)) return { known, unknown: rest.split(/\s/)[0]! };
    const value = match[2] ?? match[3]!;
    const before = known.get(match[1]!);
    known.set(match[1]!, match[1] === 'threat' && before !== undefined ? `${before},${value}` : value);
    rest = rest.slice(match[0].length);
  }
  return { known, unknown: null };
}

function halfOpen(which: 'begin' | 'end'): RobustnessError {
  return which === 'begin'
    ? new RobustnessError(
        'claim/block-not-closed',
        'This evidence block is not closed.',
        'Put the comment "robustness:end" on a line of its own behind it.',
      )
    : new RobustnessError(
        'claim/block-not-opened',
        'There is no "robustness:begin" before this "robustness:end".',
        'Remove it, or put the comment "robustness:begin report=PATH" before the block.',
      );
}

/** The evidence blocks among the comments of a document, and the markers that make none. Never throws. */
export function readBlocks(text: string, comments: readonly DocumentComment[]): BlockReading {
  const blocks: EvidenceBlock[] = [];
  const faults: { start: number; end: number; error: RobustnessError }[] = [];
  let open: { start: number; end: number; rest: string } | null = null;
  for (const comment of [...comments].sort((a, b) => a.start - b.start)) {
    const match = directive.exec(comment.body);
    if (!match) continue;
    // A comment of a line may hold its line break; the block does not.
    let { start, end } = comment;
    while (end > start && /\s/.test(text[end - 1]!)) end--;
    while (start < end && /\s/.test(text[start]!)) start++;
    if (match[1] === 'begin') {
      if (open) faults.push({ start: open.start, end: open.end, error: halfOpen('begin') });
      open = { start, end, rest: match[2]! };
      continue;
    }
    if (!open) {
      faults.push({ start, end, error: halfOpen('end') });
      continue;
    }
    const { known, unknown } = attributes(open.rest);
    if (unknown === null) {
      const line = text.slice(text.lastIndexOf('\n', open.start - 1) + 1, open.start);
      blocks.push({
        start: open.start,
        end,
        indent: /^[ \t]*$/.test(line) ? line : '',
        report: known.get('report') ?? null,
        threats: (known.get('threat') ?? '').split(',').filter((name) => name !== ''),
        digest: known.get('digest') ?? null,
        content: text.slice(open.end, start),
      });
    } else {
      const error = new RobustnessError(
        'claim/block-marker',
        `The marker of this evidence block says "${unknown}", which is no setting of it.`,
        'Write report=PATH and threat=NAME; quote values with blanks.',
      );
      faults.push({ start: open.start, end: open.end, error });
    }
    open = null;
  }
  if (open) faults.push({ start: open.start, end: open.end, error: halfOpen('begin') });
  return { blocks, faults };
}

/** The content without what differs between systems and editors: line ends, indentation of the whole, outer white space. */
export function normalise(content: string, indent: string): string {
  return content
    .split(/\r\n|\r|\n/)
    .map((line) => (line.startsWith(indent) ? line.slice(indent.length) : line).trimEnd())
    .join('\n')
    .trim();
}

/** Twelve digits of the SHA-256 of the normalised content: enough to notice an edit, short enough for a comment. */
export function digestOf(normalised: string): string {
  return createHash('sha256').update(normalised).digest('hex').slice(0, 12);
}

/** Whether the content is as it was generated: then it is no prose that a person wrote. */
export function isAsGenerated({ digest, content, indent }: EvidenceBlock): boolean {
  return digest !== null && digest === digestOf(normalise(content, indent));
}

/** The sentences that people wrote: those of a block that is as it was generated are none. */
export function withoutGenerated(
  sentences: readonly Sentence[],
  text: string,
  comments: readonly DocumentComment[],
): readonly Sentence[] {
  const generated = readBlocks(text, comments).blocks.filter(isAsGenerated);
  if (generated.length === 0) return sentences;
  return sentences.filter((one) => !generated.some(({ start, end }) => one.start >= start && one.end <= end));
}

const commentMarks: Record<Syntax['name'], readonly [string, string]> = {
  markdown: ['<!-- ', ' -->'],
  plain: ['<!-- ', ' -->'],
  mdx: ['{/* ', ' */}'],
  rst: ['.. ', ''],
  latex: ['% ', ''],
};

/** A comment on a line of its own. */
export function commentLine(body: string, syntax: Syntax): string {
  const [before, after] = commentMarks[syntax.name];
  return `${before}${body}${after}`;
}

// What would end the comment, or the value, cannot be within.
const quoted = (value: string) => (/[\s"()]/.test(value) ? `"${value.replaceAll('"', '')}"` : value);

/** The first marker's text. */
export function beginBody(report: string, threats: readonly string[], digest: string): string {
  const threat = threats.length > 0 ? ` threat=${quoted(threats.join(','))}` : '';
  return `robustness:begin report=${quoted(report)}${threat} digest=${digest} (generated; do not edit by hand)`;
}
