import * as vscode from 'vscode';

/** The bundled page of a rule (`claims/stale`, `pitfalls/zero-gradient`); null for what is no rule's name. */
export function rulePage(extensionUri: vscode.Uri, rule: string): vscode.Uri | null {
  // The name comes from documents and webviews: nothing but a rule's name may become a path.
  const parts = /^(claims|pitfalls)\/([a-z0-9]+(?:-[a-z0-9]+)*)$/.exec(rule);
  if (parts === null) return null;
  return vscode.Uri.joinPath(extensionUri, 'docs', 'rules', `${parts[1]}`, `${parts[2]}.md`);
}

/** Shows a rule's page, rendered; as text where there is no Markdown preview. */
export async function openRule(extensionUri: vscode.Uri, rule: string): Promise<void> {
  const page = rulePage(extensionUri, rule);
  if (page === null) return;
  try {
    await vscode.commands.executeCommand('markdown.showPreview', page);
  } catch {
    await vscode.window.showTextDocument(page);
  }
}
