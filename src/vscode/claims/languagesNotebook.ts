import * as vscode from 'vscode';
import { NotebookText } from '../../claim/notebookText';
import type { Claim } from '../../claim/types';
import type { ClaimSource } from './languages';

/** The notebook that a cell's document belongs to. */
export function notebookOf(cell: vscode.TextDocument): vscode.NotebookDocument | undefined {
  return vscode.workspace.notebookDocuments.find((notebook) => markdownCells(notebook).includes(cell));
}

/** The notebook of a cell, open or not: cells have its path. */
export function notebookUri(cell: vscode.Uri): vscode.Uri {
  const open = vscode.workspace.notebookDocuments.find(({ uri }) => uri.path === cell.path);
  return open?.uri ?? vscode.Uri.file(cell.path);
}

/** Whether this file is a notebook that is open as one. */
export function isOpenNotebook(file: vscode.Uri): boolean {
  return vscode.workspace.notebookDocuments.some(({ uri }) => uri.toString() === file.toString());
}

function markdownCells(notebook: vscode.NotebookDocument): vscode.TextDocument[] {
  return notebook
    .getCells()
    .filter(({ kind, document }) => kind === vscode.NotebookCellKind.Markup && document.languageId === 'markdown')
    .map(({ document }) => document);
}

/** All Markdown cells of a notebook: headings, neighbours and the subject of one cell speak for the others. */
export function notebookSource(notebook: vscode.NotebookDocument): ClaimSource {
  const documents = markdownCells(notebook);
  return {
    uri: notebook.uri,
    language: 'ipynb',
    documents,
    whole: null,
    read: () => {
      const cells = new NotebookText(documents.map((document) => document.getText()));
      return {
        text: cells.text,
        share: (claims) => {
          const shared = new Map(documents.map((document): [vscode.TextDocument, Claim[]] => [document, []]));
          for (const each of claims) {
            const found = cells.toCell(each);
            if (found !== null) shared.get(documents[found.cell]!)!.push(found.claim);
          }
          return shared;
        },
      };
    },
  };
}
