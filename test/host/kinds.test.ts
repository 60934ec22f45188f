import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import * as vscode from 'vscode';
import { openDataset } from '../../src/engine/data/open';
import type { Report } from '../../src/engine/report/schema';
import { file, quickEvaluation, until } from './workspace';

/** Where the samples lie, seen from `out/host.cjs`. */
const samples = join(__dirname, '..', 'samples');

function copySample(name: string): void {
  cpSync(join(samples, name), file(name).fsPath, {
    recursive: true,
    filter: (source) => basename(source) !== '.robustness',
  });
}

const reportPath = (name: string, model: string) => file(name, '.robustness', `${model}.robustness.json`);

async function rows(path: string, labels: string): Promise<{ x: Float32Array; y: number[]; size: number }> {
  const data = await openDataset({ path, inputs: 'x', labels, layout: 'flat' }, '.', { unit: 1 });
  try {
    for await (const { x, y, count } of data.batches(data.count)) return { x, y: [...y], size: x.length / count };
    throw new Error(`${path} is empty`);
  } finally {
    await data.close();
  }
}

/** Evaluates as a click on the file does, and waits for the end. */
async function evaluated(what: vscode.Uri, report: vscode.Uri): Promise<Report> {
  await vscode.commands.executeCommand('robustness.inspect', what);
  return until(
    `the report ${report.fsPath}`,
    () => {
      if (!existsSync(report.fsPath)) return undefined;
      const found = JSON.parse(readFileSync(report.fsPath, 'utf8')) as Report;
      assert.equal(found.status.error ?? null, null);
      return found.status.state === 'complete' ? found : undefined;
    },
    90,
  );
}

describe('an evaluation in the editor', function () {
  this.timeout(150_000);

  before(() => quickEvaluation(16));
  after(async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    for (const name of ['reviews', 'motors', 'duo']) rmSync(file(name).fsPath, { recursive: true, force: true });
  });

  it('of a model of texts says by which tokenizer, and shows what was edited', async () => {
    copySample('reviews');
    const report = await evaluated(file('reviews', 'models', 'plain.onnx'), reportPath('reviews', 'plain'));
    assert.equal(report.data.kind, 'text');
    assert.equal(report.text?.tokenizer.path, 'models/tokenizer.json');
    const [threat] = report.threatModels;
    assert.equal(threat?.norm, 'edits');
    assert.ok(threat.robustAccuracy && report.clean && threat.robustAccuracy.value < report.clean.accuracy.value);
    const pieces = report.gallery.flatMap(({ text }) => text?.pieces ?? []);
    assert.ok(pieces.some(({ before, after }) => before !== after));
    assert.ok((report.corruptions?.byCorruption.length ?? 0) > 0);
  });

  it('of a model of signals keeps their rate, and shows waveforms', async () => {
    copySample('motors');
    const report = await evaluated(file('motors', 'models', 'fault.onnx'), reportPath('motors', 'fault'));
    assert.equal(report.data.kind, 'series');
    assert.equal(report.data.sampleRate, 1000);
    assert.equal(report.threatModels[0]?.robustAccuracy?.n, 16);
    assert.ok(report.gallery.some(({ waveform }) => waveform !== undefined));
  });

  it('of an ensemble attacks it through all of its members', async () => {
    mkdirSync(file('duo').fsPath, { recursive: true });
    writeFileSync(
      file('duo', 'robustness.yaml').fsPath,
      `ensemble: { members: [../models/plain.onnx, ../models/robust.onnx], combine: mean-probabilities, name: duo }
data: { test: { path: ../data/test.npz }, range: [0, 255], unit: 255 }
preprocess: { mean: 0.1307, std: 0.3081 }
threatModels: [{ name: linf-0.2, norm: linf, epsilon: 0.2, knowledge: white-box, goal: untargeted }]
`,
    );
    const report = await evaluated(file('duo', 'robustness.yaml'), reportPath('duo', 'duo'));
    assert.deepEqual(
      report.model.ensemble?.members.map(({ path }) => path),
      ['../models/plain.onnx', '../models/robust.onnx'],
    );
    const [threat] = report.ensemble?.threatModels ?? [];
    assert.ok(threat?.throughAll && threat.inParts);
    assert.ok(threat.throughAll.value <= threat.inParts.value || /oftener/.test(threat.finding));
    assert.ok(report.threatModels[0]?.attacks.some(({ name }) => name !== 'fgsm'));
  });

  it('exports adversarial examples as an archive that is data again', async () => {
    const source = reportPath('motors', 'fault');
    const report = JSON.parse(readFileSync(source.fsPath, 'utf8')) as Report;
    const [threat] = report.threatModels;
    assert.ok(threat);
    const broken = report.outcomes.brokenBy[threat.name]!.flatMap((by, i) =>
      by === null || by === 'clean' ? [] : [i],
    );
    assert.ok(broken.length > 0, 'where nothing is broken there is nothing to export');
    const target = file('motors', `fault-adversarial-${threat.name}.npz`);
    const settings = vscode.workspace.getConfiguration('files');
    // In the rig this is the dialog in any case; that of a desktop is the system's, and beyond the reach of a test.
    await settings.update('simpleDialog.enable', true, vscode.ConfigurationTarget.Global);
    const exporting = vscode.commands.executeCommand('robustness.exportExamples', source.fsPath);
    // What is to be exported is asked first, then where to: each is answered by what it proposes.
    const answer = setInterval(
      () => void vscode.commands.executeCommand('workbench.action.acceptSelectedQuickOpenItem'),
      500,
    );
    try {
      await until('the archive', () => existsSync(target.fsPath), 60);
    } finally {
      clearInterval(answer);
      await settings.update('simpleDialog.enable', undefined, vscode.ConfigurationTarget.Global);
    }
    await vscode.commands.executeCommand('notifications.clearAll');
    await exporting;

    const made = await rows(target.fsPath, 'y');
    const places = (await rows(target.fsPath, 'index')).y;
    const original = await rows(file('motors', 'data', 'test.npz').fsPath, 'y');
    // Examples are spread over the data; those of the report are in the order of the data.
    assert.equal(places.length, broken.length);
    assert.equal(made.y.length, broken.length);
    const { size } = original;
    assert.equal(made.size, size);
    for (const [row, place] of places.entries()) {
      assert.equal(made.y[row], original.y[place]);
      let largest = 0;
      for (let j = 0; j < size; j++)
        largest = Math.max(largest, Math.abs(made.x[row * size + j]! - original.x[place * size + j]!));
      assert.ok(largest > 0 && largest <= threat.epsilon * (1 + 1e-5), `row ${row} moved by ${largest}`);
    }
  });
});
