import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import * as vscode from 'vscode';
import { file, until } from './workspace';

const ours = (uri: vscode.Uri) =>
  vscode.languages.getDiagnostics(uri).filter((diagnostic) => diagnostic.source === 'robustness');
const ruleOf = ({ code }: vscode.Diagnostic) => (typeof code === 'object' ? String(code.value) : String(code ?? ''));

describe('claims in Markdown', () => {
  const readme = file('README.md');
  let document: vscode.TextDocument;

  before(async () => {
    document = await vscode.workspace.openTextDocument(readme);
    await vscode.window.showTextDocument(document);
    await until('the diagnostics of the README', () => ours(readme).length > 0);
  });
  after(() => vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor'));

  it('are underlined where they are dishonest, with a rule that has its page', () => {
    const { claims } = JSON.parse(readFileSync(file('expected-claims.json').fsPath, 'utf8')) as {
      claims: { text: string; honest: boolean; why: string }[];
    };
    const text = document.getText();
    // What only the evidence contradicts is well formed, and there is no evidence before an evaluation.
    const dishonest = claims.filter(
      (claim) => !claim.honest && !claim.why.includes('contradicted') && text.includes(claim.text),
    );
    assert.ok(dishonest.length > 0);
    const found = ours(readme).map((diagnostic) => document.getText(diagnostic.range));
    for (const claim of dishonest) {
      assert.ok(
        found.some((each) => each.includes(claim.text) || claim.text.includes(each)),
        claim.text,
      );
    }
    for (const { code } of ours(readme)) {
      assert.ok(typeof code === 'object' && code.target.path.includes('/docs/rules/claims/'));
      assert.ok(readFileSync(code.target.fsPath, 'utf8').length > 100);
    }
  });

  it('have a hover with the verdict', async () => {
    const [first] = ours(readme);
    assert.ok(first);
    const hovers = await vscode.commands.executeCommand<vscode.Hover[]>(
      'vscode.executeHoverProvider',
      readme,
      first.range.start,
    );
    const texts = hovers.flatMap((hover) =>
      hover.contents.map((part) => (typeof part === 'string' ? part : part.value)),
    );
    assert.ok(texts.some((text) => text.includes('Robustness claim')));
  });

  it('have quick fixes: evidence preferred, suppression, documentation', async () => {
    let actions: vscode.CodeAction[] = [];
    const commands = () => actions.map((action) => action.command?.command ?? '');
    // The editor asks with the markers of its own window, which may lag behind those that the extension has set.
    await until('the quick fixes of the first diagnostic', async () => {
      const [first] = ours(readme);
      if (first === undefined) return false;
      actions = await vscode.commands.executeCommand<vscode.CodeAction[]>(
        'vscode.executeCodeActionProvider',
        readme,
        first.range,
        vscode.CodeActionKind.QuickFix.value,
      );
      return commands().includes('robustness.suppressClaim');
    });
    assert.ok(commands().includes('robustness.openRule'));
    const preferred = actions.filter((action) => action.isPreferred);
    assert.equal(preferred.length, 1);
    assert.match(preferred[0]?.command?.command ?? '', /^robustness\.(inspect|rerun|openReport)$/);
  });

  it('follow the text as it is typed, and obey a suppression with a reason', async () => {
    const [first] = ours(readme);
    assert.ok(first);
    const rule = ruleOf(first);
    const line = first.range.end.line;
    const count = () => ours(readme).filter((each) => ruleOf(each) === rule && each.range.end.line === line).length;
    const before = count();
    assert.ok(before > 0);
    const edit = new vscode.WorkspaceEdit();
    edit.insert(
      readme,
      document.lineAt(line).range.end,
      ` <!-- robustness-disable-line ${rule} -- stated in the appendix -->`,
    );
    await vscode.workspace.applyEdit(edit);
    await until('the suppressed rule to go', () => count() === 0);
  });

  it('obey the setting that turns them off', async () => {
    const settings = vscode.workspace.getConfiguration('robustness.claims');
    await settings.update('enable', false, vscode.ConfigurationTarget.Workspace);
    await until('no diagnostics', () => ours(readme).length === 0);
    await settings.update('enable', undefined, vscode.ConfigurationTarget.Workspace);
    await until('diagnostics again', () => ours(readme).length > 0);
  });

  it('are found in documents that are not open, unless the spec excludes them, and followed as files change', async () => {
    const other = file('NOTES.md');
    const spec = file('robustness.yaml');
    const text = readFileSync(spec.fsPath, 'utf8');
    const claims = '# Notes\n\nOur model is robust to adversarial attacks.\n';
    const found = (what: string) => until(what, () => ours(other).length > 0);
    const gone = (what: string) => until(what, () => ours(other).length === 0);
    writeFileSync(other.fsPath, claims);
    assert.equal(ours(other).length, 0);
    try {
      await vscode.commands.executeCommand('robustness.checkClaims');
      await found('the diagnostics of a closed document');
      writeFileSync(spec.fsPath, text.replace('include: [README.md]', 'include: [README.md], exclude: [NOTES.md]'));
      await gone('the diagnostics of an excluded document to go');
      writeFileSync(spec.fsPath, text);
      await found('the diagnostics of a document that is no longer excluded');
      writeFileSync(other.fsPath, '# Notes\n\nOur model was not tested.\n');
      await gone('the diagnostics of an edited file to go');
      writeFileSync(other.fsPath, claims);
      await found('the diagnostics of an edited file');
      rmSync(other.fsPath);
      await gone('the diagnostics of a deleted file to go');
    } finally {
      writeFileSync(spec.fsPath, text);
      rmSync(other.fsPath, { force: true });
    }
  });
});
