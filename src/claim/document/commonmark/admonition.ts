/** Fenced directives of MyST whose content is prose. */
const opening =
  /^[ \t]{0,3}(`{3,}|~{3,})[ \t]*\{(?:admonition|attention|caution|danger|error|hint|important|note|seealso|tip|warning|card|dropdown|abstract)\}.*\n(?:[ \t]*:[\w-]+:.*\n)*/gim;

/** More than a document holds: each costs a search for its end. */
const most = 200;

/**
 * Blanks the lines that open and close MyST's fenced admonitions (```` ```{note} ````) with their options, so that their content
 * is read as Markdown. Offsets stay.
 *
 * @param text whose lines end with a line feed
 */
export function openAdmonitions(text: string): string {
  if (!text.includes('{')) return text;
  const blanks: (readonly [number, number])[] = [];
  for (const match of text.matchAll(opening)) {
    const fence = match[1]!;
    const from = match.index + match[0].length;
    const closing = new RegExp(`^[ \\t]{0,3}\\${fence[0]}{${fence.length},}[ \\t]*$`, 'gm');
    closing.lastIndex = from;
    const close = closing.exec(text);
    if (!close || blanks.length >= 2 * most) break;
    blanks.push([match.index, from], [close.index, close.index + close[0].length]);
  }
  let result = '';
  let at = 0;
  for (const [from, to] of blanks.sort((a, b) => a[0] - b[0])) {
    if (from < at) continue;
    result += text.slice(at, from) + text.slice(from, to).replace(/[^\n]/g, ' ');
    at = to;
  }
  return result + text.slice(at);
}
