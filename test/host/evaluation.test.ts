import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import * as vscode from 'vscode';
import { file, quickEvaluation, reportOf, until } from './workspace';

const tabs = () => vscode.window.tabGroups.all.flatMap((group) => group.tabs);
const reportTabs = () =>
  tabs().filter((tab) => tab.input instanceof vscode.TabInputCustom && tab.input.viewType === 'robustness.report');

describe('an evaluation', function () {
  this.timeout(180_000);
  const model = file('models', 'robust.onnx');

  before(() => quickEvaluation(24));
  after(() => vscode.commands.executeCommand('workbench.action.closeAllEditors'));

  it('opens its report before it has ended, is cancelled at once, and resumes to the end', async () => {
    await vscode.commands.executeCommand('robustness.inspect', model);
    const [tab] = await until('the report editor', () => (reportTabs().length > 0 ? reportTabs() : undefined));
    assert.match(tab?.label ?? '', /robust\.robustness\.json/);
    assert.equal(reportOf('robust')?.status.state, 'running');

    const asked = Date.now();
    await vscode.commands.executeCommand('robustness.cancel');
    const stopped = await until('the cancelled report', () => {
      const report = reportOf('robust');
      return report?.status.state === 'interrupted' ? report : undefined;
    });
    assert.ok(Date.now() - asked < 10_000, 'cancel does not wait for the work');
    assert.ok(stopped.run, 'the report names its run');

    await vscode.commands.executeCommand('robustness.resume', file('.robustness', 'robust.robustness.json'));
    const complete = await until(
      'the resumed report',
      () => (reportOf('robust')?.status.state === 'complete' ? reportOf('robust') : undefined),
      150,
    );
    assert.equal(complete.data.count, 24);
    assert.ok(complete.clean && complete.clean.accuracy.value > 0.8);
    assert.ok(complete.threatModels.length > 0);
    for (const threat of complete.threatModels) assert.equal(threat.robustAccuracy?.n, 24);
  });

  it('exports nothing and asks nothing when a report cannot be read', async () => {
    const path = file('.robustness', 'broken.robustness.json');
    writeFileSync(path.fsPath, '{"schemaVersion": 1');
    await vscode.commands.executeCommand('vscode.openWith', path, 'robustness.report');
    await until('the editor of the broken report', () => reportTabs().some((tab) => tab.label.startsWith('broken')));
    await vscode.commands.executeCommand('robustness.openReportAsText', path);
    const shown = await until('the report as text', () =>
      vscode.window.visibleTextEditors.find((editor) => editor.document.uri.fsPath === path.fsPath),
    );
    assert.equal(shown.document.getText(), readFileSync(path.fsPath, 'utf8'));
  });

  it('refuses what is not there with an error and leaves nothing running', async () => {
    const before = tabs().length;
    // Errors of commands are shown, not thrown: a rejected command would be a second, worse message.
    const pending = vscode.commands.executeCommand('robustness.inspect', file('models', 'absent.onnx'));
    await pending;
    assert.equal(reportOf('absent'), undefined);
    assert.equal(tabs().length, before);
  });
});
