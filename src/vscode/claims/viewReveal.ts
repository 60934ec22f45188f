import * as vscode from 'vscode';
import { rangeOf } from './diagnostic';
import type { ListedClaim } from './viewModel';

/** Shows the sentence of a claim in its editor, a notebook's in its cell. */
export async function revealClaim({ uri, claim }: ListedClaim, preview = true): Promise<vscode.TextEditor | undefined> {
  const target = vscode.Uri.parse(uri, true);
  if (target.scheme === 'vscode-notebook-cell') {
    await revealCell((cell) => cell.document.uri.toString() === uri);
    return undefined;
  }
  if (target.path.endsWith('.ipynb')) {
    const notebook = await vscode.workspace.openNotebookDocument(target);
    const sentence = words(written(claim.text));
    await revealCell(
      (cell) => cell.notebook === notebook && words(cell.document.getText()).includes(sentence),
      notebook,
    );
    return undefined;
  }
  return vscode.window.showTextDocument(target, { selection: rangeOf(claim), preview });
}

async function revealCell(
  wanted: (cell: vscode.NotebookCell) => boolean,
  fallback?: vscode.NotebookDocument,
): Promise<void> {
  const found = vscode.workspace.notebookDocuments.flatMap((notebook) => notebook.getCells()).find(wanted);
  const notebook = found?.notebook ?? fallback;
  if (notebook === undefined) return;
  const range = found === undefined ? undefined : new vscode.NotebookRange(found.index, found.index + 1);
  const editor = await vscode.window.showNotebookDocument(notebook, range === undefined ? {} : { selections: [range] });
  if (range !== undefined) editor.revealRange(range, vscode.NotebookEditorRevealType.InCenterIfOutsideViewport);
}

/** The text of a claim in a notebook's file is a piece of JSON strings, one a line. */
function written(text: string): string {
  const lines = text.split(/",\s*\n\s*"/);
  return lines.map((line) => line.replaceAll(/\\(u[\da-fA-F]{4}|.)/g, parsed)).join('');
}

function parsed(sequence: string): string {
  try {
    return JSON.parse(`"${sequence}"`) as string;
  } catch {
    return sequence;
  }
}

function words(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}
