import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import * as vscode from 'vscode';
import { file, until } from './workspace';

const claim = 'Our image classifier is robust to adversarial attacks, a neural network trained on CIFAR-10.\n';
const of = (uri: vscode.Uri) => vscode.languages.getDiagnostics(uri);
const codes = (uri: vscode.Uri) =>
  of(uri).map(({ code }) => (typeof code === 'object' ? String(code.value) : String(code ?? '')));

/** Runs a task to its end. */
async function run(task: vscode.Task): Promise<number | undefined> {
  const ended = new Promise<number | undefined>((resolve) => {
    const listener = vscode.tasks.onDidEndTaskProcess(({ execution, exitCode }) => {
      if (execution.task.name !== task.name || execution.task.source !== task.source) return;
      listener.dispose();
      resolve(exitCode);
    });
  });
  await vscode.tasks.executeTask(task);
  return ended;
}

describe('the task that checks claims', () => {
  const closed = file('claims-of-the-task.md');

  before(() => writeFileSync(closed.fsPath, claim));
  after(() => rmSync(closed.fsPath, { force: true }));

  it('is offered for the folder, ends with 1 where a claim is not supported, and fills the Problems view', async () => {
    const tasks = await vscode.tasks.fetchTasks({ type: 'robustness' });
    const task = tasks.find(({ definition }) => definition.task === 'check');
    assert.ok(task, 'a task is offered');
    assert.deepEqual(task.problemMatchers, ['$robustness-check']);
    // The extension's own findings have a code with a link to its page; a problem matcher has the bare name.
    const ofTheTask = () => of(closed).find(({ code }) => code === 'claims/no-threat-model');
    assert.equal(await run(task), 1);
    const found = await until('the findings of the task are in the Problems view', ofTheTask, 15);
    assert.equal(found.severity, vscode.DiagnosticSeverity.Warning);
    assert.equal(found.range.start.line, 0);
  });
});

describe('severities in the settings', () => {
  const open = file('claims-of-the-settings.md');
  const settings = () => vscode.workspace.getConfiguration('robustness.claims');

  before(async () => {
    writeFileSync(open.fsPath, claim);
    await vscode.window.showTextDocument(open);
    await until('the claim is marked', () => codes(open).includes('claims/no-threat-model'));
  });
  after(async () => {
    await settings().update('rules', undefined, vscode.ConfigurationTarget.Workspace);
    await vscode.commands.executeCommand('workbench.action.closeActiveEditor');
    rmSync(open.fsPath, { force: true });
  });

  it('turn a rule off and make another an error, at once', async () => {
    const rules = { 'claims/no-threat-model': 'off', 'claims/binary-robustness': 'error' };
    await settings().update('rules', rules, vscode.ConfigurationTarget.Workspace);
    await until('the rule is off', () => !codes(open).includes('claims/no-threat-model'));
    const left = await until('the other is an error', () =>
      of(open).find(
        ({ code, severity }) =>
          typeof code === 'object' &&
          code.value === 'claims/binary-robustness' &&
          severity === vscode.DiagnosticSeverity.Error,
      ),
    );
    assert.ok(left);
    assert.deepEqual(codes(open), ['claims/binary-robustness']);
  });
});
