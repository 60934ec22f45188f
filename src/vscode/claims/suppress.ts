/** Where a suppression comment goes: before `line` as a line of its own, or at the end of `line`. Lines count from 0. */
export interface Suppression {
  readonly place: 'before' | 'end';
  readonly text: string;
}

/**
 * The comment that suppresses `rule` for the claim that starts on `line`. An HTML comment on a line of its own ends
 * the paragraph, list or table that it stands in, so it is put before a block alone, and otherwise behind the line.
 */
export function suppression(lines: readonly string[], line: number, rule: string, reason: string): Suppression {
  const current = lines[line] ?? '';
  const before = line === 0 ? '' : (lines[line - 1] ?? '');
  // `--` cannot stand in an HTML comment, and a reason is one line.
  const because = reason.replaceAll(/\s+/g, ' ').replaceAll(/-{2,}/g, '-').replaceAll('>', '›').trim();
  const startsBlock =
    before.trim() === '' && /^[\p{L}\p{N}*_"'[(]/u.test(current) && !/^([*+-]|\d+[.)])\s/.test(current);
  const directive = startsBlock ? 'robustness-disable-next-line' : 'robustness-disable-line';
  const comment = `<!-- ${directive} ${rule} -- ${because} -->`;
  return startsBlock ? { place: 'before', text: comment } : { place: 'end', text: ` ${comment}` };
}
