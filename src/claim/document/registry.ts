import { markdown } from './markdown';
import type { DocumentFormat, ProseDocument } from './types';

/** Every format of documents that the linter reads. */
export const documentFormats: readonly DocumentFormat[] = [markdown];

/** The format of a file by its name; null where the linter does not read it. */
export function formatOf(path: string): DocumentFormat | null {
  const name = path.replace(/^.*[\\/]/, '').toLowerCase();
  return documentFormats.find(({ endings }) => endings.some((ending) => name.endsWith(ending))) ?? null;
}

/** The format of an editor's document by its language, else by its name. */
export function formatOfLanguage(language: string, path: string): DocumentFormat | null {
  return documentFormats.find(({ languages }) => languages.includes(language)) ?? formatOf(path);
}

/** Reads a document in the format of its name; Markdown where the name says nothing. Never throws. */
export function parseDocument(text: string, path: string, format?: DocumentFormat): ProseDocument {
  return (format ?? formatOf(path) ?? markdown).parse(text);
}
