import * as vscode from 'vscode';
import type { Claim } from '../../claim/types';
import { notebookOf, notebookSource, notebookUri } from './languagesNotebook';

/** Of every format of documents that the linter reads. A test holds it: the formats are too heavy for activation. */
export const claimLanguages = ['markdown', 'mdx', 'restructuredtext', 'latex', 'tex', 'plaintext', 'python', 'yaml'];

/** Languages of prose: whatever the name of such a document is, it is one. The others are known by their names alone. */
export const proseLanguages: ReadonlySet<string> = new Set(['markdown', 'mdx', 'restructuredtext', 'latex', 'tex']);

const endings = 'md,markdown,mdx,rst,rest,tex,latex,ltx,txt,text,ipynb,py,pyi,cff,yaml,yml';
const names = ['README', 'Readme', 'readme'];

/** Their files, likewise. The editor's search takes no braces within braces. */
export const claimFiles = `**/{${[...endings.split(',').map((ending) => `*.${ending}`), ...names].join(',')}}`;

/** Documents of every scheme: files, cells of notebooks, and what is not saved yet. */
export const claimSelector: vscode.DocumentSelector = claimLanguages.map((language) => ({ language }));

/** What is checked in one go: a document, or all Markdown cells of a notebook, which are one text to its reader. */
export interface ClaimSource {
  readonly uri: vscode.Uri;
  readonly language: string;
  readonly documents: readonly vscode.TextDocument[];
  /** The document whose text is checked as it is; null where there are several. */
  readonly whole: vscode.TextDocument | null;
  /** The text to check, and its claims given back to the documents that they stand in. */
  read(): { readonly text: string; share(claims: readonly Claim[]): ReadonlyMap<vscode.TextDocument, Claim[]> };
}

/** Schemes of what a person writes; the rest are output, older versions, and views of other things. */
const written = new Set(['file', 'untitled', 'vscode-notebook-cell']);

/** The source that a document is, or is part of; null for what is no prose of this workspace. */
export function claimSource(document: vscode.TextDocument): ClaimSource | null {
  const { scheme } = document.uri;
  // A virtual workspace has a scheme of its own.
  const ours = written.has(scheme) || vscode.workspace.workspaceFolders?.some(({ uri }) => uri.scheme === scheme);
  if (!ours || !claimLanguages.includes(document.languageId)) return null;
  if (scheme === 'vscode-notebook-cell') {
    const notebook = notebookOf(document);
    return notebook === undefined ? null : notebookSource(notebook);
  }
  return {
    uri: document.uri,
    language: document.languageId,
    documents: [document],
    whole: document,
    read: () => ({ text: document.getText(), share: (claims) => new Map([[document, [...claims]]]) }),
  };
}

/**
 * The folder whose reports and specs a document is held against, and that reports are named from: that of its
 * workspace, else the one it lies in. For a cell, its notebook's; for what is not saved yet, where it would be saved.
 */
export function folderOf(document: vscode.Uri): vscode.Uri {
  const folders = vscode.workspace.workspaceFolders;
  if (document.scheme === 'untitled') return folders?.[0]?.uri ?? vscode.Uri.joinPath(document, '..');
  const uri = document.scheme === 'vscode-notebook-cell' ? notebookUri(document) : document;
  return vscode.workspace.getWorkspaceFolder(uri)?.uri ?? vscode.Uri.joinPath(uri, '..');
}
