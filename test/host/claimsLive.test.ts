import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import * as vscode from 'vscode';
import type { Report } from '../../src/engine/report/schema';
import type { TextReport } from '../../src/engine/report/text';
import { reportBase } from '../fixtures/reportBase';
import { file, until } from './workspace';

const home = (name: string) => file('live', ...name.split('/'));
const ours = (uri: vscode.Uri) =>
  vscode.languages.getDiagnostics(uri).filter((diagnostic) => diagnostic.source === 'robustness');
const rulesOf = (uri: vscode.Uri) =>
  ours(uri).map(({ code }) => (typeof code === 'object' ? String(code.value) : String(code ?? '')));
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

function write(name: string, content: string | Uint8Array): vscode.Uri {
  const uri = home(name);
  mkdirSync(dirname(uri.fsPath), { recursive: true });
  writeFileSync(uri.fsPath, content);
  return uri;
}

/**
 * Makes a folder and waits until the editor's watcher follows it: of folders that are made one in another within
 * milliseconds it may miss the inner ones for good.
 */
async function watchedFolder(uri: vscode.Uri): Promise<void> {
  mkdirSync(uri.fsPath, { recursive: true });
  const watcher = vscode.workspace.createFileSystemWatcher(new vscode.RelativePattern(uri, '*'));
  let seen = false;
  const see = () => {
    seen = true;
  };
  watcher.onDidCreate(see);
  watcher.onDidChange(see);
  const probe = vscode.Uri.joinPath(uri, 'probe.txt').fsPath;
  let writes = 0;
  try {
    await until(`events of ${uri.fsPath}`, () => {
      if (!seen) writeFileSync(probe, `${writes++}`);
      return seen;
    });
  } finally {
    watcher.dispose();
    rmSync(probe, { force: true });
  }
}

/** Changes one bit in the middle of a file; a second call changes it back. */
function flip(name: string): void {
  const { fsPath } = home(name);
  const bytes = readFileSync(fsPath);
  bytes[bytes.length >> 1]! ^= 1;
  writeFileSync(fsPath, bytes);
}

const sentence =
  '`model.onnx` keeps 48 % accuracy under white-box linf attacks with ε = 8/255 (n = 1000), ' +
  'against 85 % on clean images.';
const spec = (epsilon: string) => `model: model.onnx
data: { test: { path: data.npz } }
threatModels: [{ name: linf-8, norm: linf, epsilon: ${epsilon} }]
claims: { include: ["*.md", "*.rst", "*.tex", "*.ipynb"] }
`;
/** Not beside the model, so that it is watched for its own sake. */
const tokenizer = '../data/tokenizer.json';
const reportName = '.robustness/model.robustness.json';

/** What a report on a model of texts says of them; its tokenizer lies apart from the model. */
function textFacts(): TextReport {
  const spread = { median: 20, longest: 24 };
  const hash = sha256(readFileSync(home(tokenizer).fsPath));
  return {
    tokenizer: { path: tokenizer, sha256: hash, kind: 'WordPiece', vocabulary: 5 },
    maxTokens: 64,
    maxTokensFrom: 'tokenizer.json',
    texts: 1000,
    characters: spread,
    tokens: spread,
    truncated: 0,
    empty: 0,
    unknown: 0,
  };
}

function writeReport(change: (report: Report) => void = () => {}): void {
  const report = reportBase((made) => {
    Object.assign(made.model, { path: 'model.onnx', sha256: sha256(readFileSync(home('model.onnx').fsPath)) });
    Object.assign(made.data, { path: 'data.npz', sha256: sha256(readFileSync(home('data.npz').fsPath)) });
    Object.assign(made, { text: textFacts() });
    change(made);
  });
  write(reportName, JSON.stringify(report, null, 2));
}

/** What the hover on the first word of the claim says. */
async function hoverOf(uri: vscode.Uri, place: vscode.Position): Promise<string> {
  const hovers = await vscode.commands.executeCommand<vscode.Hover[]>('vscode.executeHoverProvider', uri, place);
  return hovers
    .flatMap((hover) => hover.contents.map((part) => (typeof part === 'string' ? part : part.value)))
    .join('\n');
}

describe('claims that a report supports', () => {
  let readme: vscode.Uri;
  const place = new vscode.Position(4, 5);
  const supported = async () => ours(readme).length === 0 && /(?<!un)supported/i.test(await hoverOf(readme, place));
  const becomes = (rule: string) => until(rule, () => rulesOf(readme).includes(rule));
  const becomesSupported = () => until('a supported claim', supported);

  before(async () => {
    await watchedFolder(file('live'));
    await watchedFolder(home('.robustness'));
    write('model.onnx', readFileSync(file('models', 'plain.onnx').fsPath));
    write('data.npz', readFileSync(file('data', 'test.npz').fsPath));
    write(tokenizer, '{"model": {"type": "WordPiece", "vocab": {"good": 0, "bad": 1}}}');
    write('robustness.yaml', spec('8/255'));
    writeReport();
    readme = write('README.md', `# A neural network\n\nIt classifies images.\n\n${sentence}\n`);
    await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(readme));
  });
  after(async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    rmSync(home(tokenizer).fsPath, { force: true });
    rmSync(file('live').fsPath, { recursive: true, force: true });
  });

  it('are not underlined', becomesSupported);

  for (const [what, name] of [
    ['the model', 'model.onnx'],
    ['the data', 'data.npz'],
    ['the tokenizer', tokenizer],
  ] as const) {
    it(`turn stale in the open editor when one bit of ${what} changes, and back`, async () => {
      flip(name);
      await becomes('claims/stale');
      flip(name);
      await becomesSupported();
    });
  }

  it('turn stale when the spec says another threat model, and back', async () => {
    write('robustness.yaml', spec('16/255'));
    await becomes('claims/stale');
    write('robustness.yaml', spec('8/255'));
    await becomesSupported();
  });

  it('are held against a new report, with the place in it that says otherwise', async () => {
    writeReport((report) => {
      const threat = report.threatModels[0]!;
      threat.robustAccuracy = { value: 0.2, low: 0.176, high: 0.226, n: 1000 };
      threat.attacks.at(-1)!.accuracyAfter = threat.robustAccuracy;
    });
    await becomes('claims/contradicted');
    const [diagnostic] = ours(readme);
    const [related] = diagnostic?.relatedInformation ?? [];
    assert.ok(related);
    assert.equal(related.location.uri.fsPath, home(reportName).fsPath);
    const lines = readFileSync(home(reportName).fsPath, 'utf8').split('\n');
    const { start, end } = related.location.range;
    const shown = lines.slice(start.line, end.line + 1);
    shown[shown.length - 1] = shown.at(-1)!.slice(0, end.character);
    shown[0] = shown[0]!.slice(start.character);
    assert.match(shown.join('\n'), /"value": 0\.2,/);
    assert.ok(shown.length < 10, `it points at the figure, not at the file: ${shown.length} lines`);
    writeReport();
    await becomesSupported();
  });

  it('lose their evidence with the report, and find it again', async () => {
    rmSync(home(reportName).fsPath);
    await until('a claim without evidence', async () => /nothing supports/i.test(await hoverOf(readme, place)));
    writeReport();
    await becomesSupported();
  });
});
