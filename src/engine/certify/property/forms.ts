import { RobustnessError } from '../../error';

/** A symbol or number as written, or a list of forms. */
export type Form = string | readonly Form[];

/** Deep enough for any real property, and shallow enough for functions that call themselves. */
const deepest = 200;

const open = 40;
const close = 41;
const semicolon = 59;
const bar = 124;
const quote = 34;

/**
 * Reads SMT-LIB's parenthesised forms, one at a time at the outermost level, so that a long file is never in memory as a
 * tree. Comments are skipped; `|quoted symbols|` lose their bars; strings keep their quotes.
 *
 * @throws `vnnlib/syntax` with the line, for parentheses that do not match, text outside of them, what does not end, and forms
 * nested deeper than 200.
 */
export function* readForms(text: string): Generator<readonly Form[]> {
  const stack: Form[][] = [];
  const end = text.length;
  let at = 0;
  const put = (symbol: string, from: number) => {
    const list = stack.at(-1);
    if (!list) throw syntax(text, from, `“${shortened(symbol)}” stands outside of all parentheses`);
    list.push(symbol);
  };
  while (at < end) {
    const code = text.charCodeAt(at);
    if (isSpace(code)) {
      at++;
    } else if (code === semicolon) {
      const line = text.indexOf('\n', at);
      at = line < 0 ? end : line + 1;
    } else if (code === open) {
      if (stack.length >= deepest) throw syntax(text, at, `parentheses are nested more than ${deepest} deep`);
      stack.push([]);
      at++;
    } else if (code === close) {
      const list = stack.pop();
      if (!list) throw syntax(text, at, 'a parenthesis is closed that was never opened');
      at++;
      const parent = stack.at(-1);
      if (parent) parent.push(list);
      else yield list;
    } else if (code === bar || code === quote) {
      const to = text.indexOf(code === bar ? '|' : '"', at + 1);
      if (to < 0) throw syntax(text, at, 'a quotation does not end');
      put(code === bar ? text.slice(at + 1, to) : text.slice(at, to + 1), at);
      at = to + 1;
    } else {
      const from = at;
      while (at < end && !endsSymbol(text.charCodeAt(at))) at++;
      put(text.slice(from, at), from);
    }
  }
  if (stack.length > 0) throw syntax(text, end, `${stack.length} parentheses are not closed`);
}

const isSpace = (code: number) => code === 32 || (code >= 9 && code <= 13) || code === 0xfeff;

const endsSymbol = (code: number) =>
  isSpace(code) || code === open || code === close || code === semicolon || code === bar || code === quote;

/** A form as it may stand in a message. */
export function shown(form: Form): string {
  let text = '';
  const add = (part: Form): void => {
    if (text.length > 60) return;
    if (typeof part === 'string') {
      text += `${text === '' || text.endsWith('(') ? '' : ' '}${part}`;
      return;
    }
    text += `${text === '' || text.endsWith('(') ? '' : ' '}(`;
    for (const each of part) add(each);
    text += ')';
  };
  add(form);
  return shortened(text);
}

function shortened(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

function syntax(text: string, at: number, what: string): RobustnessError {
  let line = 1;
  for (let i = text.indexOf('\n'); i >= 0 && i < at; i = text.indexOf('\n', i + 1)) line++;
  return new RobustnessError(
    'vnnlib/syntax',
    `The property cannot be read: in line ${line}, ${what}.`,
    'Check the file: VNN-LIB is a list of `(declare-const …)` and `(assert …)`.',
  );
}
