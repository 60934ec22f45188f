import { relative, sep } from 'node:path';
import * as vscode from 'vscode';
import type { EvidenceIndex } from '../../claim/evidence';
import { rootOf } from '../files/find';
import type { EvidenceCache } from './evidence';

/** A document as the library sees it: by its path in the repository, beside the repository's evidence. */
export interface FixContext {
  /** Of the repository, absolute. */
  readonly root: string;
  /** Of the document, or of the notebook that it is a cell of, absolute. */
  readonly file: string;
  /** Relative to the root, with an ending that says the document's syntax: a cell of a notebook is Markdown. */
  readonly path: string;
  readonly index: EvidenceIndex;
}

/** Languages whose documents may have any name. */
const endings: Readonly<Record<string, string>> = {
  markdown: '.md',
  mdx: '.mdx',
  restructuredtext: '.rst',
  latex: '.tex',
  tex: '.tex',
};

/** Null for a document that lies in no folder of this machine: reports lie beside files. */
export async function fixContext(document: vscode.TextDocument, evidence: EvidenceCache): Promise<FixContext | null> {
  const { scheme, fsPath } = document.uri;
  if (scheme !== 'file' && scheme !== 'vscode-notebook-cell') return null;
  const root = rootOf(vscode.Uri.file(fsPath));
  const name = relative(root, fsPath).split(sep).join('/');
  const ending = endings[document.languageId] ?? '';
  const path =
    name.toLowerCase().endsWith(ending) || (ending === '.md' && /\.(?:md|markdown)$/i.test(name))
      ? name
      : name + ending;
  return { root, file: fsPath, path, index: await evidence.of(root) };
}
