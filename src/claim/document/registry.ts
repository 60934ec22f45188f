import { citation } from './citation';
import type { ReadingMemory } from './commonmark/memory';
import { evalResults } from './evalResults';
import { latex } from './latex';
import { markdown } from './markdown';
import { mdx } from './mdx';
import { notebook } from './notebook';
import { python } from './python';
import { restructuredText } from './restructuredText';
import { readme, text } from './text';
import type { DocumentFormat, ProseDocument } from './types';

/** Every format of documents that the linter reads; the first that fits a name is taken. */
export const documentFormats: readonly DocumentFormat[] = [
  markdown,
  mdx,
  restructuredText,
  notebook,
  latex,
  citation,
  evalResults,
  readme,
  text,
  python,
];

/** The format of a file by its name; null where the linter does not read it. */
export function formatOf(path: string): DocumentFormat | null {
  const parts = path.split(/[\\/]/);
  const name = (parts.at(-1) ?? '').toLowerCase();
  return (
    documentFormats.find(
      ({ endings, folder }) =>
        endings.some((ending) => name.endsWith(ending)) && (folder === undefined || parts.at(-2) === folder),
    ) ?? null
  );
}

/** The format of an editor's document by its language, else by its name; of several formats of a language, the one of the name. */
export function formatOfLanguage(language: string, path: string): DocumentFormat | null {
  const named = formatOf(path);
  if (named?.languages.includes(language)) return named;
  const speaking = documentFormats.filter(({ languages }) => languages.includes(language));
  // A name that nothing is known of belongs to the format that asks for no name in particular.
  return speaking.find(({ endings }) => endings.some((ending) => ending.startsWith('.'))) ?? named;
}

/** Reads a document in the format of its name; Markdown where the name says nothing. Never throws. */
export function parseDocument(
  text: string,
  path: string,
  format?: DocumentFormat,
  memory?: ReadingMemory,
): ProseDocument {
  return (format ?? formatOf(path) ?? markdown).parse(text, memory);
}
