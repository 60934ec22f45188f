import { isCitation } from '../commonmark/link';
import type { Run } from '../run';

/** Roles whose text is read as it stands. */
const spoken: ReadonlySet<string> = new Set([
  'emphasis',
  'strong',
  'sub',
  'sup',
  'abbr',
  'term',
  'math',
  'dfn',
  'guilabel',
]);

const marks =
  /\\([\s\S])|``([\s\S]{1,600}?)``|:([\w:+.-]{1,40}):`([^`]{1,600})`|`([^`]{1,600})`(:[\w+.-]{1,40}:|__?)?|\*\*(?=\S)([^*]{1,800})\*\*|\*(?=\S)([^*]{1,800})\*|\|\w[^|\n]{0,80}\|_{0,2}|\[[\w#*][\w.#*-]{0,40}\]_|\bhttps?:\/\/[^\s<>`"]+/g;

/** `text <target>` within backquotes. */
const embedded = /^([\s\S]*?)\s*<([^<>]{1,500})>$/;

/**
 * Reads inline mark-up of reStructuredText from `from` to `to` in the source into a run.
 *
 * @param targets addresses of hyperlink targets by their name, in small letters
 */
export function readRstInline(
  source: string,
  from: number,
  to: number,
  run: Run,
  targets: ReadonlyMap<string, string>,
): void {
  let at = from;
  const text = source.slice(from, to);
  for (const match of text.matchAll(marks)) {
    const [whole, escaped, literal, role, roleText, backquoted, suffix, strong, emphasis] = match;
    const start = from + match.index;
    const end = start + whole.length;
    run.add(source, at, start, false);
    at = end;
    if (escaped !== undefined) {
      if (/\S/.test(escaped)) run.put(escaped, start, end, false);
    } else if (literal !== undefined) run.add(source, start + 2, end - 2, true);
    else if (role !== undefined && roleText !== undefined) {
      const open = end - 1 - roleText.length;
      const shown = embedded.exec(roleText)?.[1] ?? roleText;
      run.add(source, open, open + shown.length, !spoken.has(role));
    } else if (backquoted !== undefined) reference(source, start + 1, backquoted, suffix ?? '', run, targets);
    else if (strong !== undefined) run.add(source, start + 2, end - 2, false);
    else if (emphasis !== undefined) run.add(source, start + 1, end - 1, false);
    else if (whole.startsWith('http')) {
      at -= /[.,;:!?)\]]*$/.exec(whole)![0].length;
      run.link(source.slice(start, at));
      run.add(source, start, at, true);
    }
    // Substitutions and footnotes are not read aloud.
  }
  run.add(source, at, to, false);
}

function reference(
  source: string,
  open: number,
  text: string,
  suffix: string,
  run: Run,
  targets: ReadonlyMap<string, string>,
): void {
  if (!suffix.startsWith('_')) {
    // Text of the default role is a name or a title, unless its role says otherwise.
    run.add(source, open, open + text.length, !spoken.has(suffix.replace(/:/g, '')));
    return;
  }
  const parts = embedded.exec(text);
  const shown = parts?.[1] ?? text;
  const url = parts?.[2] ?? targets.get(text.trim().replace(/\s+/g, ' ').toLowerCase()) ?? '';
  run.link(url.replace(/_$/, ''));
  run.add(source, open, open + shown.length, isCitation(shown, url));
}
