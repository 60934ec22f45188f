import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';

interface Manifest {
  readonly contributes: { readonly commands: readonly { readonly command: string; readonly title: string }[] };
}

const extension = () => {
  const found = vscode.extensions.getExtension<unknown>('robustness-inspector.robustness-inspector');
  assert.ok(found, 'the extension is installed');
  return found;
};
const read = (name: string): string => readFileSync(join(extension().extensionPath, name), 'utf8');

describe('the installed extension', () => {
  it('activates', async () => {
    await extension().activate();
    assert.equal(extension().isActive, true);
  });

  it('registers every command of its manifest', async () => {
    await extension().activate();
    const registered = new Set(await vscode.commands.getCommands(true));
    const { commands } = (JSON.parse(read('package.json')) as Manifest).contributes;
    assert.ok(commands.length > 0);
    assert.deepEqual(
      commands.map((entry) => entry.command).filter((command) => !registered.has(command)),
      [],
    );
  });

  it('resolves every string of its manifest, and has none that nobody uses', () => {
    const used = new Set([...read('package.json').matchAll(/"%([^%"]+)%"/g)].map((match) => match[1] as string));
    const defined = new Set(Object.keys(JSON.parse(read('package.nls.json')) as Record<string, string>));
    assert.ok(used.size > 0);
    assert.deepEqual([...used].filter((key) => !defined.has(key)).sort(), []);
    assert.deepEqual([...defined].filter((key) => !used.has(key)).sort(), []);
  });

  it('runs in the workspace, where the models are', () => {
    assert.equal(extension().extensionKind, vscode.ExtensionKind.Workspace);
  });
});
