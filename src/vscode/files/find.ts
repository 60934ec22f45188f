import * as vscode from 'vscode';

const maximum = 2000;

/** Model files of the workspace, in order of their paths. */
export async function findModels(): Promise<vscode.Uri[]> {
  return sorted(await vscode.workspace.findFiles('**/*.onnx', '**/{node_modules,.git}/**', maximum));
}

/** Report files of the workspace. Reports lie in a hidden folder, so `files.exclude` does not decide here. */
export async function findReports(): Promise<vscode.Uri[]> {
  return sorted(await vscode.workspace.findFiles('**/*.robustness.json', '**/{node_modules,.git}/**', maximum));
}

function sorted(uris: vscode.Uri[]): vscode.Uri[] {
  return uris.filter((uri) => uri.scheme === 'file').sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
}

/** `path` as a person reads it: relative to the workspace. */
export function shortPath(path: string): string {
  return vscode.workspace.asRelativePath(vscode.Uri.file(path));
}

/** The folder that bounds what is looked at on behalf of `uri`: its workspace folder, else the folder it lies in. */
export function rootOf(uri: vscode.Uri): string {
  return (vscode.workspace.getWorkspaceFolder(uri)?.uri ?? vscode.Uri.joinPath(uri, '..')).fsPath;
}
