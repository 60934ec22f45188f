/** A pattern with its alternatives apart: `before(?:a|b|c)after`. */
export interface SplitPattern {
  readonly before: string;
  readonly parts: readonly string[];
  readonly after: string;
}

/**
 * The alternatives of a pattern: those at its top, else those of the first group `(?:a|b|c)` at its top that is not repeated.
 * A pattern with neither is its only part.
 */
export function splitAlternatives(source: string): SplitPattern {
  const top = split(source, 0, source.length);
  if (top.length > 1) return { before: '', parts: top, after: '' };
  for (const { open, close } of groups(source)) {
    if (!source.startsWith('(?:', open) || /^[*+?{]/.test(source.slice(close + 1))) continue;
    return { before: source.slice(0, open), parts: split(source, open + 3, close), after: source.slice(close + 1) };
  }
  return { before: '', parts: [source], after: '' };
}

/** Calls back for each bracket of a group and each bar that is neither escaped nor in a class, with the depth of groups that it stands in. */
function walk(
  source: string,
  from: number,
  to: number,
  visit: (char: '(' | ')' | '|', at: number, depth: number) => void,
): void {
  let depth = 0;
  let inClass = false;
  for (let i = from; i < to; i++) {
    const code = source.charCodeAt(i);
    // \ [ ] ( ) |
    if (code === 92) i++;
    else if (inClass) inClass = code !== 93;
    else if (code === 91) inClass = true;
    else if (code === 40) visit('(', i, depth++);
    else if (code === 41) visit(')', i, --depth);
    else if (code === 124) visit('|', i, depth);
  }
}

/** Pieces between the bars that stand in no group. */
function split(source: string, from: number, to: number): string[] {
  const pieces: string[] = [];
  let start = from;
  walk(source, from, to, (char, at, depth) => {
    if (char !== '|' || depth > 0) return;
    pieces.push(source.slice(start, at));
    start = at + 1;
  });
  return [...pieces, source.slice(start, to)];
}

/** The groups that stand in no other. */
function groups(source: string): { readonly open: number; readonly close: number }[] {
  const found: { open: number; close: number }[] = [];
  let open = 0;
  walk(source, 0, source.length, (char, at, depth) => {
    if (depth > 0) return;
    if (char === '(') open = at;
    else if (char === ')') found.push({ open, close: at });
  });
  return found;
}
