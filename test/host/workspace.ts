import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import * as vscode from 'vscode';
import type { Report } from '../../src/engine/report/schema';

/** The folder that the host opened: a copy of the sample. */
export function folder(): vscode.Uri {
  const [first] = vscode.workspace.workspaceFolders ?? [];
  assert.ok(first, 'a folder is open');
  return first.uri;
}

export function file(...path: string[]): vscode.Uri {
  return vscode.Uri.joinPath(folder(), ...path);
}

/** Waits until `look` returns something; a test that waits for a time is late on one machine and early on another. */
export async function until<T>(
  what: string,
  look: () => T | undefined | false | Promise<T | undefined | false>,
  seconds = 50,
): Promise<T> {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const seen = await look();
    if (seen !== undefined && seen !== false) return seen;
    assert.ok(Date.now() < deadline, `${what}: not within ${seconds} s`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** The report of a model of the sample; undefined while there is none. It is replaced in one step, never half written. */
export function reportOf(model: string): Report | undefined {
  const path = file('.robustness', `${model}.robustness.json`).fsPath;
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Report) : undefined;
}

/** Few examples and the quick attacks: these tests are about the way, not about the figures. */
export async function quickEvaluation(limit: number): Promise<void> {
  const settings = vscode.workspace.getConfiguration('robustness.evaluation');
  await settings.update('preset', 'quick', vscode.ConfigurationTarget.Workspace);
  await settings.update('limit', limit, vscode.ConfigurationTarget.Workspace);
}
