import { describe, expect, it } from 'vitest';
import { parseCitation } from '../../../../src/claim/document/citation';
import { parseEvalResults } from '../../../../src/claim/document/evalResults';
import { parseMarkdown } from '../../../../src/claim/document/markdown';
import { expectExactRanges } from './ranges';

const lines = (...text: string[]) => `${text.join('\n')}\n`;

const card = lines(
  '---',
  'license: mit',
  'base_model: [org/base, org/other]',
  'robustness:',
  '  model: models/net.onnx',
  'model-index:',
  '- name: Net',
  '  results:',
  '  - task: {type: image-classification}',
  '    dataset: {name: CIFAR-10, type: cifar10, split: test}',
  '    metrics:',
  '    - {type: accuracy, value: 0.91, name: Accuracy}',
  '    - type: accuracy',
  '      name: Robust accuracy under AutoAttack',
  '      args: {norm: linf, epsilon: 8/255}',
  '      # robustness-disable-next-line -- 🦾 so',
  '      value: "56.20"',
  '  - dataset: {name: ImageNet-C, type: imagenet-c}',
  '    metrics:',
  '    - {type: mce, value: 0.62}',
  '---',
  '',
  'Text.',
);

describe('front matter of a model card', () => {
  it.each([
    ['\n', card],
    ['\r\n', card.replace(/\n/g, '\r\n')],
    ['a byte order mark', `\ufeff${card}`],
  ])('gives models in the order of weight, and results that speak of robustness (%j)', (_name, text) => {
    const document = parseMarkdown(text);
    expect(document.about).toEqual(['models/net.onnx', 'Net', 'org/base', 'org/other']);
    expect(document.results.map(({ plain, start, end }) => [plain, text.slice(start, end)])).toEqual([
      ['Robust accuracy under AutoAttack (linf, ε = 8/255) on CIFAR-10: 56.20 %', '56.20'],
      ['mce on ImageNet-C: 0.62', '0.62'],
    ]);
    expect(document.comments.map(({ start, end }) => text.slice(start, end).trim())).toEqual([
      '# robustness-disable-next-line -- 🦾 so',
    ]);
    expect(document.sentences.map((sentence) => sentence.plain)).toEqual(['Text.']);
    expectExactRanges(text, document);
  });

  it.each([
    ['broken YAML', '---\nmodel-index: [\n---\nText.\n'],
    ['wrong kinds', '---\nmodel-index: 3\nmodel: {a: 1}\nbase_model: [[1]]\nrobustness: x\n---\nText.\n'],
    [
      'wrong results',
      '---\nmodel-index: [{name: 1, results: x}, 2, {results: [{metrics: [1, {value: [robust]}]}]}]\n---\nText.\n',
    ],
    ['aliases', '---\nmodel: &a [x, x]\nb: &b [*a, *a]\nbase_model: [*b, *b]\n---\nText.\n'],
    ['TOML', '+++\nmodel = "robust"\n+++\nText.\n'],
    ['deep flow', `---\nmodel: ${'['.repeat(5000)}\n---\nText.\n`],
  ])('survives %s', (_name, text) => {
    const document = parseMarkdown(text);
    expect(document.sentences.map((sentence) => sentence.plain)).toEqual(['Text.']);
    expect(document.results).toEqual([]);
  });

  it('is no front matter where it has no end, or stands later', () => {
    expect(parseMarkdown('---\nmodel: x\n\nText.\n').about).toEqual([]);
    expect(parseMarkdown('Text.\n\n---\nmodel: x\n---\n').about).toEqual([]);
  });
});

describe('parseEvalResults', () => {
  it('gives results that speak of robustness, with the range of the value', () => {
    const text = lines(
      '- dataset:',
      '    id: org/imagenet-c',
      '    task_id: default',
      '  value: 56.2',
      '  notes: "Gaussian noise"',
      '- dataset: {id: org/plain, task_id: accuracy}',
      '  value: 91',
      '- dataset: {id: org/cifar10, task_id: robust_accuracy}',
      '  value: 0.5',
    );
    const document = parseEvalResults(text);
    expect(document.results.map(({ plain, start, end }) => [plain, text.slice(start, end)])).toEqual([
      ['result (Gaussian noise) on org/imagenet-c: 56.2 %', '56.2'],
      ['robust accuracy on org/cifar10: 0.5', '0.5'],
    ]);
    expectExactRanges(text, document);
  });

  it.each(['', '- 1\n- [2]\n', 'value: 3\n', '- dataset: {id: robust}\n  value: [x', '\u0000', ': :\n- -'])(
    'survives %j',
    (text) => {
      expect(parseEvalResults(text).results).toEqual([]);
    },
  );
});

describe('parseCitation', () => {
  it.each([
    ['plain', 'abstract: It holds. So does\n  that.\n', ['It holds.', 'So does\n  that.']],
    ['folded', 'abstract: >-\n  It holds.\n  So 🦾.\nkeywords: [robust]\n', ['It holds.', 'So 🦾.']],
    ['literal', 'abstract: |\n  It holds.\n\n  So.\n', ['It holds.', 'So.']],
    ['in single quotation marks', "abstract: 'It holds.'\n", ['It holds.']],
    ['in double quotation marks', 'abstract: "It \\"holds\\" \\u00e9."\n', ['It \\"holds\\" \\u00e9.']],
  ])('reads an abstract that is %s, and no title', (_name, abstract, written) => {
    const text = `cff-version: 1.2.0\ntitle: A robust net\n${abstract}`;
    const document = parseCitation(text);
    expect(document.sentences.map(({ start, end }) => text.slice(start, end))).toEqual(written);
    expect(document.sentences[0]!.headings).toEqual(['Abstract']);
    expectExactRanges(text, document, /[\s|é"]/);
  });

  it.each(['', 'abstract: [robust]\n', 'abstract: {a: robust}', 'abstract: "open', '- robust'])(
    'survives %j',
    (text) => {
      expect(parseCitation(text).sentences).toEqual([]);
    },
  );
});
