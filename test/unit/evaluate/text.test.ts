import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { evaluate } from '../../../src/engine/evaluate/evaluate';
import { renderCsv } from '../../../src/engine/report/csv';
import { renderHtml } from '../../../src/engine/report/html';
import { renderMarkdown } from '../../../src/engine/report/markdown';
import type { Report } from '../../../src/engine/report/schema';
import { readReport } from '../../../src/engine/report/store';

let root: string;
let report: Report;

const base = {
  model: 'models/misspelt.onnx',
  data: { test: { path: 'data/test.csv', text: 'text', limit: 16 } },
  threatModels: [
    {
      name: 'edits-2',
      norm: 'edits',
      epsilon: 2,
      knowledge: 'black-box-score',
      goal: 'untargeted',
      suite: 'quick',
      queries: 60,
    },
  ],
  corruptions: { set: 'text', severities: [5] },
  seed: 0,
};

async function run(spec: object, name: string): Promise<Report> {
  const specPath = join(root, `${name}.json`);
  await writeFile(specPath, JSON.stringify({ ...base, ...spec }));
  const out = join(root, `${name}.robustness.json`);
  await evaluate({ specPath, out });
  return readReport(out);
}
const failure = (spec: object, name: string) =>
  run(spec, name).then(
    () => 'nothing',
    (error: unknown) => (error as { code?: string; message: string }).code ?? String(error),
  );

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'reviews-'));
  await cp('samples/reviews', root, { recursive: true });
  const rows = (await readFile(join(root, 'data/test.csv'), 'utf8')).trim().split('\n');
  // The same reviews in capitals as a shift, and some of the test's own among what is said to be the training data.
  await writeFile(
    join(root, 'data/loud.csv'),
    rows
      .slice(0, 31)
      .map((row, i) =>
        i === 0 ? row : row.toUpperCase().replace(/,(NEGATIVE|POSITIVE)$/, (label) => label.toLowerCase()),
      )
      .join('\n'),
  );
  await writeFile(join(root, 'data/train.csv'), [rows[0], ...rows.slice(12, 32)].join('\n'));
  report = await run(
    {
      data: {
        test: { path: 'data/test.csv', text: 'text', limit: 16 },
        train: { path: 'data/train.csv' },
      },
      shifts: [{ name: 'capitals', data: { path: 'data/loud.csv' } }],
      gates: ['clean.accuracy >= 0.9', 'robustAccuracy(edits-2) >= 0.99'],
    },
    'whole',
  );
});
afterAll(() => rm(root, { recursive: true }));

describe('a spec on a classifier of texts', () => {
  it('runs to a report with all that a practitioner looks for', () => {
    expect(report.status.state).toBe('complete');
    expect(report.data).toMatchObject({ kind: 'text', range: null, classes: ['negative', 'positive'] });
    expect(report.clean!.accuracy.value).toBeGreaterThan(0.9);
    expect(report.clean!.ece).not.toBeNull();
    const [threat] = report.threatModels;
    expect(threat!.robustAccuracy!.value).toBeLessThan(0.7);
    expect(threat!.attacks.map(({ name, refused }) => [name, refused])).toEqual([['edits-beam', 0]]);
    expect(threat!.description).toContain('at most 2 characters');
    expect(threat!.description).toContain('first and last letters kept');
    expect(threat!.edits).toEqual({ keepEnds: true, leastLetters: 4, keep: [] });
    expect(threat!.attacks[0]!.forwards).toBeLessThanOrEqual(60 * 16);
    // Whole numbers of characters, and never rising.
    expect(threat!.curve.map(({ epsilon }) => epsilon)).toEqual([0, 1, 2, 3, 4, 8]);
    const accuracies = threat!.curve.map(({ accuracy }) => accuracy.value);
    expect(accuracies).toEqual([...accuracies].sort((a, b) => b - a));
    expect(report.corruptions!.byCorruption).toHaveLength(9);
    // The tokenizer has no capitals: a text in them is the same to the model.
    const [shift] = report.shifts;
    expect([shift!.name, shift!.accuracy.n]).toEqual(['capitals', 30]);
    expect(shift!.accuracy.value).toBeGreaterThan(0.9);
    expect(shift!.drift!.largest[0]).toMatchObject({ name: 'share of capitals', ks: 1 });
    expect(shift!.drift!.columns).toBe(7);
    const letters = report.corruptions!.byCorruption.filter(({ name }) => name === 'letter_case');
    expect(letters.map(({ stability }) => stability.value)).toEqual([1]);
    expect(report.generalisation?.train.n).toBe(20);
    expect(report.checks.overlap?.identical).toBeGreaterThan(3);
    expect(report.gates.map(({ pass }) => pass)).toEqual([true, false]);
    expect(report.model.gradient).toMatchObject({ available: false, unavailable: ['Tokenizer'] });
  });

  it('says what the tokenizer makes of the texts', () => {
    expect(report.text).toMatchObject({
      tokenizer: { path: 'models/tokenizer.json', kind: 'WordPiece', vocabulary: 620 },
      maxTokens: 64,
      texts: 16,
      truncated: 0,
      unknown: 0,
    });
    expect(report.text!.tokens.longest).toBeLessThan(64);
  });

  it('shows which characters were changed, in the report, in Markdown and in HTML', () => {
    expect(report.gallery.length).toBeGreaterThan(3);
    const markdown = renderMarkdown(report);
    const html = renderHtml(report);
    for (const { distance, text, image, values } of report.gallery) {
      expect([image, values]).toEqual([null, null]);
      const changed = text!.pieces.filter(({ before, after }) => before !== after);
      expect(changed.length).toBeGreaterThan(0);
      const characters = changed.reduce(
        (sum, { before, after }) => sum + Math.max([...before].length, [...after].length),
        0,
      );
      expect(characters).toBe(distance);
      const [{ before, after }] = changed as [{ before: string; after: string }];
      if (after !== '') {
        expect(html).toContain(`<ins>${after}</ins>`);
        expect(markdown).toContain(`**${after}**`);
      } else expect(html).toContain(`<del>${before}</del>`);
    }
    expect(markdown).toContain('## Texts and tokenizer');
    expect(html).toContain('characters edited');
    expect(renderCsv(report)).toContain('lookalike_letters');
    expect(renderCsv(report)).toContain('text,,,,,unknownTokens,0');
  });

  it('raises no pitfall that makes no sense for texts', () => {
    const rules = report.pitfalls.map(({ rule }) => rule.replace('pitfalls/', ''));
    const sensible = [
      'too-few-examples',
      'clean-accuracy-as-robustness',
      'train-test-overlap',
      'weak-suite',
      'overfitting',
      'single-class-predicted',
      'unbalanced-test-set',
      'saturated-scores',
      'mismatched-preprocessing',
    ];
    expect(rules.filter((rule) => !sensible.includes(rule))).toEqual([]);
  });

  it('is settled by itself where it says nothing: the column, the threat model, the corruptions', async () => {
    const bare = await run(
      { data: { test: { path: 'data/test.csv', limit: 4 } }, threatModels: undefined, corruptions: undefined },
      'bare',
    );
    expect(bare.threatModels.map(({ norm, epsilon, knowledge, suite }) => [norm, epsilon, knowledge, suite])).toEqual([
      ['edits', 2, 'black-box-score', 'standard'],
    ]);
    expect(bare.inferred.join('; ')).toContain('the texts are in column “text”');
    expect(bare.inferred.join('; ')).toContain('corruptions of the set text');
    expect(bare.corruptions!.byCorruption).toHaveLength(27);
  });

  it('takes a decision-based attacker, a targeted one and other rules', async () => {
    const other = await run(
      {
        model: 'models/plain.onnx',
        data: { test: { path: 'data/test.csv', limit: 10 } },
        corruptions: false,
        threatModels: [
          {
            name: 'labels',
            norm: 'edits',
            epsilon: 3,
            knowledge: 'black-box-decision',
            goal: 'untargeted',
            suite: 'quick',
          },
          {
            name: 'wanted',
            norm: 'edits',
            epsilon: 1,
            knowledge: 'black-box-score',
            goal: 'targeted',
            target: 'positive',
            suite: 'quick',
            edits: { leastLetters: 6, keep: ['lovely'] },
          },
        ],
      },
      'other',
    );
    const [labels, wanted] = other.threatModels;
    expect(labels!.attacks.map(({ name }) => name)).toEqual(['edits-random']);
    expect(labels!.robustAccuracy!.value).toBeLessThan(0.5);
    expect(wanted!.edits).toEqual({ keepEnds: true, leastLetters: 6, keep: ['lovely'] });
    expect(wanted!.description).toContain('words of fewer than 6 letters');
    expect(wanted!.target).toMatchObject({ rule: 'class', class: 'positive' });
  });

  it('is refused by code where norm, data and model do not go together', async () => {
    const threat = (more: object) => ({ threatModels: [{ name: 't', epsilon: 1, ...more }] });
    expect(await failure(threat({ norm: 'linf' }), 'linf')).toBe('spec/edits');
    expect(await failure(threat({ norm: 'edits', epsilon: 1.5 }), 'half')).toBe('spec/edits');
    expect(await failure(threat({ norm: 'edits', bounds: [0, 1] }), 'bounds')).toBe('spec/edits');
    expect(await failure(threat({ norm: 'edits', attacks: ['pgd'] }), 'pgd')).toBe('spec/no-attack');
    expect(await failure({ preprocess: { mean: 0 } }, 'mean')).toBe('spec/preprocess');
    expect(await failure({ corruptions: { set: 'nothing' } }, 'set')).toMatch(/^spec\//);
    const iris = {
      model: join(process.cwd(), 'test/fixtures/tiny/tiny.onnx'),
      data: { test: { path: join(process.cwd(), 'test/fixtures/tiny/iris.csv'), labels: 'species' } },
    };
    expect(await failure({ ...iris, corruptions: false }, 'iris')).toBe('spec/edits');
    expect(await failure({ ...iris, data: { test: { ...iris.data.test, text: 'species' } } }, 'column')).toBe(
      'model/text-inputs',
    );
    expect(
      await failure(
        {
          ensemble: { members: ['models/plain.onnx', 'models/misspelt.onnx'], combine: 'mean-logits' },
          model: undefined,
        },
        'both',
      ),
    ).toBe('model/ensemble');
  });
});
