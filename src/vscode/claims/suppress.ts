import { commentLine } from '../../claim/fix/block/marker';
import { type Syntax, syntaxOf } from '../../claim/fix/syntax';

/** Where a suppression comment goes: on lines of its own before `line`, or at the end of `line`. Lines count from 0. */
export interface Insertion {
  readonly line: number;
  readonly place: 'before' | 'end';
  readonly text: string;
}

type Scope = 'disable-next-line' | 'disable-line' | 'disable-file' | 'disable' | 'enable';

// `--` cannot stand in a comment of HTML, nor its end in one of MDX, and a reason is one line.
function oneLine(reason: string): string {
  return reason.replaceAll(/\s+/g, ' ').replaceAll(/-{2,}/g, '-').replaceAll('>', '›').replaceAll('*/', '* /').trim();
}

const hashed = /\.(?:py|cff|ya?ml)$/i;

/**
 * The comments that suppress `rule` for the claim that starts on `line`, in the syntax of the document. They are put where
 * they change nothing of how the document is read: a comment on a line of its own ends a paragraph of Markdown, and parts
 * an item of reStructuredText from the next.
 *
 * @param lines of the document, @param line that the claim starts on, from 0
 * @param path of the document, which says the syntax
 */
export function suppressions(
  lines: readonly string[],
  line: number,
  rule: string,
  reason: string,
  path: string,
): Insertion[] {
  const because = oneLine(reason);
  const body = (scope: Scope) => `robustness-${scope} ${rule}${scope === 'enable' ? '' : ` -- ${because}`}`;
  const current = lines[line] ?? '';
  const indent = /^\s*/.exec(current)?.[0] ?? '';
  if (hashed.test(path)) {
    // A comment is one only where code is: what a docstring or a text in quotes says is excused for the whole file.
    if (current.trimStart().startsWith('#'))
      return [{ line, place: 'before', text: `${indent}# ${body('disable-next-line')}` }];
    const first = /^#!|^#.*coding[:=]/.test(lines[0] ?? '') ? 1 : 0;
    return [{ line: first, place: 'before', text: `# ${body('disable-file')}` }];
  }
  const syntax = syntaxOf(path);
  switch (syntax.name) {
    case 'latex':
      // A comment takes its line with it, so within a paragraph it parts nothing.
      return [{ line, place: 'before', text: indent + commentLine(body('disable-next-line'), syntax) }];
    case 'rst':
      return aroundBlock(lines, line, indent, body, syntax);
    default:
      return besideLine(lines, line, body, syntax);
  }
}

function besideLine(
  lines: readonly string[],
  line: number,
  body: (scope: Scope) => string,
  syntax: Syntax,
): Insertion[] {
  const current = lines[line] ?? '';
  const before = line === 0 ? '' : (lines[line - 1] ?? '');
  const startsBlock =
    before.trim() === '' && /^[\p{L}\p{N}*_"'[(]/u.test(current) && !/^([*+-]|\d+[.)])\s/.test(current);
  return startsBlock
    ? [{ line, place: 'before', text: commentLine(body('disable-next-line'), syntax) }]
    : [{ line, place: 'end', text: ` ${commentLine(body('disable-line'), syntax)}` }];
}

/** reStructuredText has no comment within a paragraph: one before its first line, or a pair around it. */
function aroundBlock(
  lines: readonly string[],
  line: number,
  indent: string,
  body: (scope: Scope) => string,
  syntax: Syntax,
): Insertion[] {
  const blank = (at: number) => at < 0 || at >= lines.length || lines[at]!.trim() === '';
  let first = line;
  while (!blank(first - 1)) first--;
  let last = line;
  while (!blank(last + 1)) last++;
  const own = /^\s*/.exec(lines[first] ?? '')?.[0] ?? indent;
  const comment = (scope: Scope) => own + commentLine(body(scope), syntax);
  if (first === line) return [{ line, place: 'before', text: `${comment('disable-next-line')}\n` }];
  return [
    { line: first, place: 'before', text: `${comment('disable')}\n` },
    { line: last, place: 'end', text: `\n\n${comment('enable')}` },
  ];
}
