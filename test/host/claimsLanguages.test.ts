import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import * as vscode from 'vscode';
import { file, until } from './workspace';

const home = (name: string) => file('formats', name);
const ours = (uri: vscode.Uri) =>
  vscode.languages.getDiagnostics(uri).filter((diagnostic) => diagnostic.source === 'robustness');
const claim = 'Our neural network is robust to adversarial attacks.';

function write(name: string, content: string): vscode.Uri {
  mkdirSync(file('formats').fsPath, { recursive: true });
  writeFileSync(home(name).fsPath, content);
  return home(name);
}

/** Waits for the diagnostics of a document, and holds that they underline exactly the claim. */
async function underlines(document: vscode.TextDocument, text = claim): Promise<void> {
  await until(`a diagnostic in ${document.fileName}`, () => ours(document.uri).length > 0);
  for (const { range } of ours(document.uri)) assert.equal(document.getText(range), text);
}

const spec = (claims: string) => `model: ../models/plain.onnx
data: { test: { path: ../data/test.npz, inputs: x, labels: y } }
claims: { ${claims} }
`;
const python = `"""A classifier of digits.\n\n${claim}\n"""\n`;
const notebook = {
  cells: [
    { cell_type: 'markdown', metadata: {}, source: ['# A classifier of "digits"\n'] },
    { cell_type: 'code', execution_count: null, metadata: {}, outputs: [], source: ['print(1)'] },
    {
      cell_type: 'markdown',
      metadata: {},
      source: ['It was trained on a "laptop".\n', '\n', `1. 😀 "Well". ${claim}`],
    },
  ],
  metadata: {},
  nbformat: 4,
  nbformat_minor: 5,
};

describe('claims in other formats', () => {
  before(() => {
    write('robustness.yaml', spec(''));
  });
  after(async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    rmSync(file('formats').fsPath, { recursive: true, force: true });
  });

  for (const [name, content] of [
    ['guide.rst', `Guide\n=====\n\nA neural network reads digits.\n\n${claim}\n`],
    ['paper.tex', `\\documentclass{article}\n\\begin{document}\n${claim}\n\\end{document}\n`],
    ['README.txt', `A neural network reads digits.\n\n${claim}\n`],
    ['page.mdx', `import A from './a'\n\n# A classifier\n\n<A />\n\n${claim}\n`],
  ] as const) {
    it(`are underlined in ${name}, with a hover and quick fixes`, async () => {
      const document = await vscode.workspace.openTextDocument(write(name, content));
      await vscode.window.showTextDocument(document);
      await underlines(document);
      const { start } = ours(document.uri)[0]!.range;
      const hovers = await vscode.commands.executeCommand<vscode.Hover[]>(
        'vscode.executeHoverProvider',
        document.uri,
        start,
      );
      const texts = hovers.flatMap(({ contents }) =>
        contents.map((part) => (typeof part === 'string' ? part : part.value)),
      );
      assert.ok(texts.some((text) => text.includes('Robustness claim')));
      await until('quick fixes', async () => {
        const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>(
          'vscode.executeCodeActionProvider',
          document.uri,
          new vscode.Range(start, start),
          vscode.CodeActionKind.QuickFix.value,
        );
        return actions.some(({ command }) => command?.command === 'robustness.suppressClaim');
      });
    });
  }

  it('are underlined in the cell of a notebook that they stand in, and follow what is typed there', async () => {
    const uri = write('study.ipynb', JSON.stringify(notebook));
    const opened = await vscode.workspace.openNotebookDocument(uri);
    await vscode.window.showNotebookDocument(opened);
    const [, , last] = opened.getCells();
    assert.ok(last);
    await underlines(last.document);
    assert.equal(ours(opened.cellAt(0).document.uri).length, 0);
    const edit = new vscode.WorkspaceEdit();
    edit.insert(last.document.uri, new vscode.Position(0, 0), '😀 "Typed".\n\n');
    await vscode.workspace.applyEdit(edit);
    await until('the diagnostic to move', () => ours(last.document.uri)[0]?.range.start.line === 4);
    await underlines(last.document);
    const off = new vscode.WorkspaceEdit();
    off.set(uri, [vscode.NotebookEdit.deleteCells(new vscode.NotebookRange(2, 3))]);
    await vscode.workspace.applyEdit(off);
    await until('the diagnostics of a deleted cell to go', () => ours(last.document.uri).length === 0);
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
  });

  it('are underlined in what is not saved yet', async () => {
    const content = `# A classifier\n\n${claim}\n`;
    const document = await vscode.workspace.openTextDocument({ language: 'markdown', content });
    await underlines(document);
    await vscode.window.showTextDocument(document);
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
  });

  it('are looked for in Python when the spec asks for it, and only then', async () => {
    const document = await vscode.workspace.openTextDocument(write('model.py', python));
    const notes = await vscode.workspace.openTextDocument(write('README.md', `# A classifier\n\n${claim}\n`));
    await underlines(notes);
    assert.equal(ours(document.uri).length, 0);
    write('robustness.yaml', spec('include: ["*.py"]'));
    await underlines(document);
    write('robustness.yaml', spec('include: ["*.py"], exclude: [README.md]'));
    await until('what the spec excludes to be left alone', () => ours(notes.uri).length === 0);
  });
});

describe('the second opinion of a language model', () => {
  const title = /language model/;
  const settings = () => vscode.workspace.getConfiguration('robustness.claims');
  let document: vscode.TextDocument;

  before(async () => {
    document = await vscode.workspace.openTextDocument({
      language: 'markdown',
      content: `# A classifier\n\n${claim}\n`,
    });
    await vscode.window.showTextDocument(document);
    await underlines(document);
  });
  after(async () => {
    await settings().update('secondOpinion', undefined, vscode.ConfigurationTarget.Global);
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
  });

  const offered = async () => {
    const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>(
      'vscode.executeCodeActionProvider',
      document.uri,
      ours(document.uri)[0]!.range,
      vscode.CodeActionKind.QuickFix.value,
    );
    return actions.some((action) => title.test(action.title));
  };

  it('is off, and offered once it is turned on', async () => {
    assert.equal(settings().get('secondOpinion'), false);
    assert.equal(await offered(), false);
    await settings().update('secondOpinion', true, vscode.ConfigurationTarget.Global);
    await until('the offer', offered);
    await settings().update('secondOpinion', undefined, vscode.ConfigurationTarget.Global);
    await until('no offer', async () => !(await offered()));
  });
});
