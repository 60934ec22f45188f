import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCli } from '../../../src/cli/run';
import { openDataset } from '../../../src/engine/data/open';
import { evaluate } from '../../../src/engine/evaluate/evaluate';
import type { Report } from '../../../src/engine/report/schema';
import { readReport } from '../../../src/engine/report/store';

let root: string;
const at = (...path: string[]) => join(root, ...path);

async function robustness(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  let [out, err] = ['', ''];
  const code = await runCli(args, {
    out(text) {
      out += text;
    },
    err(text) {
      err += text;
    },
    interactive: false,
    columns: 80,
  });
  return { code, out, err };
}

const normal = { mean: 0.1307, std: 0.3081 };
const attacked = { name: 'linf', norm: 'linf', epsilon: 0.2, knowledge: 'white-box', goal: 'untargeted' };
const digits = {
  data: { test: { path: 'data/test.npz', inputs: 'x', labels: 'y', limit: 16 }, range: [0, 255], unit: 255 },
  corruptions: false,
  seed: 5,
};

async function write(name: string, spec: object): Promise<string> {
  await writeFile(at(name), JSON.stringify(spec));
  return at(name);
}

/** That the evaluation of a spec with one attack breaks as many, and these: checks with more effort may break more. */
async function expectSameOfEvaluation(specPath: string, success: readonly number[]): Promise<void> {
  const { reportPaths } = await evaluate({ specPath, threads: 1 });
  const { threatModels, outcomes }: Report = await readReport(reportPaths[0]!);
  const { name, broken } = threatModels[0]!.attacks[0]!;
  expect(success.filter((flag) => flag === 1)).toHaveLength(broken);
  success.forEach((flag, i) => {
    if (flag === 1) expect(outcomes.brokenBy.linf![i]).toBe(name);
  });
}

async function column(path: string, labels: string): Promise<number[]> {
  const dataset = await openDataset({ path, format: 'npz', inputs: 'x', labels, layout: 'flat' }, '.', { unit: 1 });
  for await (const { y } of dataset.batches(dataset.count)) return [...y];
  return [];
}

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'attack-'));
  await cp('samples/digits/models', at('models'), { recursive: true });
  await cp('samples/digits/data', at('data'), { recursive: true });
  await cp('samples/motors', at('motors'), { recursive: true });
  await cp('samples/reviews', at('reviews'), { recursive: true });
});
afterAll(() => rm(root, { recursive: true }));

describe('robustness attack opens what evaluate opens', { timeout: 60_000 }, () => {
  it('of a spec with an ensemble, and breaks the same examples', async () => {
    const spec = await write('both.json', {
      ...digits,
      ensemble: {
        members: [
          { path: 'models/plain.onnx', preprocess: normal },
          { path: 'models/robust.onnx', preprocess: normal },
        ],
        combine: 'mean-logits',
      },
      threatModels: [{ ...attacked, epsilon: 0.1, attacks: ['pgd'], iterations: 7, restarts: 1 }],
    });
    const args = '--attack pgd --norm linf --epsilon 0.1 --option iterations=7 --threads 1 --json'.split(' ');
    const { code, out } = await robustness('attack', spec, ...args, '--out', at('e.npz'));
    expect(code).toBe(0);
    const result = JSON.parse(out);
    expect(result).toMatchObject({ n: 16, iterations: 7, seed: 5, bounds: [0, 1] });
    const success = await column(at('e.npz'), 'success');
    await expectSameOfEvaluation(spec, success);
    expect(result.broken).toBe(success.filter((flag) => flag === 1).length);
    expect(result.broken).toBeGreaterThan(0);
    expect(result.broken).toBeLessThan(result.correct);
    const [y, prediction] = [await column(at('e.npz'), 'y'), await column(at('e.npz'), 'prediction')];
    success.forEach((flag, i) => {
      if (flag === 1) expect(prediction[i]).not.toBe(y[i]);
    });
  });

  it('of an ensemble by option', async () => {
    const members = `${at('models/plain.onnx')},${at('models/robust.onnx')}`;
    const { code, out } = await robustness(
      ...['attack', '--ensemble', members, '--combine', 'vote', '--data', at('data/test.npz'), '--limit', '12'],
      ...'--attack square --norm linf --epsilon 0.25 --option queries=60 --threads 1'.split(' '),
      ...['--out', at('v.npz')],
    );
    expect(code).toBe(0);
    expect(out).toMatch(/^square broke \d+ of the 1[0-2] examples classified correctly/);
  });

  it('of time series, in their own units and bounds', async () => {
    const spec = await write('motors/own.json', {
      model: 'models/fault.onnx',
      data: { test: { path: 'data/test.npz', sampleRate: 1000, limit: 8 }, range: [-8, 8] },
      threatModels: [{ ...attacked, epsilon: 0.1, attacks: ['apgd-ce'], iterations: 10, restarts: 1 }],
      corruptions: false,
    });
    const { code, out } = await robustness(
      ...[
        'attack',
        spec,
        ...'--attack apgd-ce --norm linf --epsilon 0.1 --option iterations=10 --threads 1'.split(' '),
      ],
      ...['--out', at('m.npz'), '--json'],
    );
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ n: 8, bounds: [-8, 8] });
    const broken = await column(at('m.npz'), 'success');
    await expectSameOfEvaluation(spec, broken);
    expect(broken).toContain(1);
  });

  it('of texts, and writes them as texts that read again', async () => {
    const model = at('reviews/models/misspelt.onnx');
    const common = '--norm edits --epsilon 2 --option queries=150 --limit 12 --threads 1 --json'.split(' ');
    const { code, out } = await robustness(
      ...['attack', model, '--data', at('reviews/data/test.csv'), '--attack', 'edits-beam', ...common],
      ...['--out', at('texts.csv')],
    );
    expect(code).toBe(0);
    const { broken, correct, bounds } = JSON.parse(out);
    expect(bounds).toBeNull();
    expect(broken).toBeGreaterThan(2);
    const dataset = await openDataset({ path: at('texts.csv'), text: 'text', labels: 'label' }, '.', { texts: true });
    expect(dataset).toMatchObject({ count: 12, kind: 'text', classes: ['negative', 'positive'] });
    await dataset.close();
    // The file's own examples: those that were broken are wrong as they are now.
    const again = await robustness(
      ...['attack', model, '--data', at('texts.csv'), '--attack', 'edits-random', ...common],
      ...['--out', at('again.csv')],
    );
    expect(JSON.parse(again.out).correct).toBe(correct - broken);
    const rows = (await readFile(at('texts.csv'), 'utf8')).trimEnd().split('\r\n');
    expect(rows[0]).toBe('text,label,clean,prediction,success,distance');
    expect(rows.filter((row) => /,1,[12]$/.test(row))).toHaveLength(broken);
  });

  it('and reaches a class that is named', async () => {
    const spec = await write('plain.json', {
      ...digits,
      model: 'models/plain.onnx',
      preprocess: normal,
      data: {
        ...digits.data,
        classes: ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'],
      },
    });
    const args = '--attack apgd-ce --norm linf --epsilon 0.3 --option iterations=10 --threads 1 --target three'.split(
      ' ',
    );
    const { code } = await robustness('attack', spec, ...args, '--out', at('t.npz'));
    expect(code).toBe(0);
    const [success, prediction] = [await column(at('t.npz'), 'success'), await column(at('t.npz'), 'prediction')];
    expect(success).toContain(1);
    success.forEach((flag, i) => {
      if (flag === 1) expect(prediction[i]).toBe(3);
    });
  });

  it.each([
    ['several.json', ['--attack', 'pgd', '--norm', 'linf'], /2 models.*--model/s],
    ['several.json', ['--model', 'nowhere.onnx', '--attack', 'pgd', '--norm', 'linf'], /no model at/],
    ['plain.json', ['--attack', 'edits-beam', '--norm', 'edits'], /holds? no texts|counts edited characters/],
    ['plain.json', ['--attack', 'pgd', '--norm', 'linf', '--option', 'mean=0.5'], /`preprocess` into a spec/],
    ['plain.json', ['--attack', 'pgd', '--norm', 'linf', '--data', 'x.npz'], /names its own data/],
    ['plain.json', ['--attack', 'pgd', '--norm', 'linf', '--out', 'x.csv'], /\.npz/],
    ['numbers.json', ['--attack', 'pgd', '--norm', 'linf'], /predicts numbers/],
    ['models/plain.onnx', ['--attack', 'pgd', '--norm', 'linf', '--data', 'x.npz', '--limit', '3'], /--limit/],
    ['models/plain.onnx', ['--attack', 'edits-beam', '--norm', 'edits', '--data', 'x.npz'], /Edits are of texts/],
    ['models/plain.onnx', ['--attack', 'pgd', '--norm', 'linf', '--ensemble', 'a,b', '--data', 'x.npz'], /in place of/],
    [null, ['--attack', 'pgd', '--norm', 'linf'], /Nothing to attack/],
  ])('refuses %s with %j', async (given, args, message) => {
    await write('several.json', { ...digits, models: ['models/plain.onnx', 'models/robust.onnx'] });
    await write('plain.json', { ...digits, model: 'models/plain.onnx', preprocess: normal });
    await cp('samples/flats', at('flats'), { recursive: true });
    await write('numbers.json', {
      model: 'flats/models/price.onnx',
      task: 'regression',
      data: { test: { path: 'flats/data/test.csv', labels: 'price' } },
    });
    const out = args.includes('--out') ? [] : ['--out', at('r.npz')];
    const subject = given === null ? [] : [at(given)];
    const { code, err } = await robustness('attack', ...subject, ...args, '--epsilon', '1', ...out);
    expect({ code, err }).toMatchObject({ code: 2, err: expect.stringMatching(message) });
  });
});
