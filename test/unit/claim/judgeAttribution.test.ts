import { describe, expect, it } from 'vitest';
import { modelPathOf, modelsIn, reportsFor } from '../../../src/claim/attribute';
import { parseMarkdown } from '../../../src/claim/document/markdown';
import type { ClaimPolicy, EvidenceReport } from '../../../src/claim/evidence';
import { mentionsOf } from '../../../src/claim/mention';
import { report, threat } from './evidence';

const at = (folder: string, model: string, options: Partial<EvidenceReport> = {}) =>
  report({
    model,
    path: `${folder}.robustness/${model.replace(/^.*\/|\.onnx$/g, '')}.robustness.json`,
    ...options,
  });

const plain = at('', 'models/plain.onnx');
const robust = at('', 'models/robust.onnx');
const policy = (options: Partial<ClaimPolicy>): ClaimPolicy => ({
  folder: '',
  include: [],
  exclude: [],
  rules: {},
  about: [],
  ...options,
});

interface Given {
  readonly path?: string;
  readonly about?: readonly string[];
  readonly policies?: readonly ClaimPolicy[];
  readonly reports?: readonly EvidenceReport[];
}

/** Models that the last sentence of a document is about. */
function models(
  text: string,
  { path = 'README.md', about = [], policies = [], reports = [plain, robust] }: Given = {},
) {
  const sentence = parseMarkdown(text).sentences.at(-1)!;
  return [...new Set(reportsFor({ sentence, path, about }, { reports, policies }).map(modelPathOf))];
}

describe('which model a claim is about', () => {
  it.each<[string, string, Given, string[]]>([
    ['a link to the model', '[It](models/robust.onnx) is robust.', {}, ['models/robust.onnx']],
    ['a link from a folder', '[It](../models/robust.onnx#x) is robust.', { path: 'docs/a.md' }, ['models/robust.onnx']],
    ['a link to the report', '[It](.robustness/plain.robustness.json) is robust.', {}, ['models/plain.onnx']],
    [
      'a link to a host',
      '[It](https://example.org/me/net/blob/main/models/plain.onnx?raw=1) is robust.',
      {},
      ['models/plain.onnx'],
    ],
    ['a link goes before a name', '[The robust model](models/plain.onnx) is robust.', {}, ['models/plain.onnx']],
    ['a link to something else', '[It](models/other.onnx) is robust.', {}, []],
    ['a file name', '`plain.onnx` is robust.', {}, ['models/plain.onnx']],
    ['a name of another file', '`myplain.onnx` is robust.', {}, []],
    ['a report in the sentence', 'As robust.robustness.json says, it is robust.', {}, ['models/robust.onnx']],
    ['ordinary words', 'The adversarially trained network is robust.', {}, ['models/robust.onnx']],
    ['an adjective', 'It is a robust plain thing.', {}, []],
    ['a heading', '# plain.onnx\n\nIt is robust.', {}, ['models/plain.onnx']],
    ['the nearest heading', '# plain.onnx\n\n## robust.onnx\n\nIt is robust.', {}, ['models/robust.onnx']],
    ['the sentence before', 'We trained plain.onnx. It is robust.', {}, ['models/plain.onnx']],
    ['metadata: a path', 'It is robust.', { about: ['models/robust.onnx'] }, ['models/robust.onnx']],
    ['metadata: a name', 'It is robust.', { about: ['digits', 'someone/robust'] }, ['models/robust.onnx']],
    ['metadata: the first that is known', 'It is robust.', { about: ['x', 'plain', 'robust'] }, ['models/plain.onnx']],
    ['a name goes before metadata', '`plain.onnx` is robust.', { about: ['robust'] }, ['models/plain.onnx']],
    [
      'a spec',
      'It is robust.',
      {
        path: 'docs/x/a.md',
        policies: [policy({ about: [{ documents: ['docs/**/*.md'], model: './models/robust.onnx' }] })],
      },
      ['models/robust.onnx'],
    ],
    [
      'a spec in a folder',
      'It is robust.',
      {
        path: 'docs/a.md',
        policies: [
          policy({ about: [{ documents: ['**'], model: 'models/plain.onnx' }] }),
          policy({ folder: 'docs/', about: [{ documents: ['a.md'], model: '../models/robust.onnx' }] }),
        ],
      },
      ['models/robust.onnx'],
    ],
    [
      'a spec of other documents',
      'It is robust.',
      { policies: [policy({ about: [{ documents: ['docs/*.md'], model: 'models/robust.onnx' }] })] },
      [],
    ],
    [
      'metadata goes before a spec',
      'It is robust.',
      { about: ['plain'], policies: [policy({ about: [{ documents: ['**'], model: 'models/robust.onnx' }] })] },
      ['models/plain.onnx'],
    ],
    ['nothing, of one model', 'It is robust.', { reports: [plain] }, ['models/plain.onnx']],
    ['nothing, of two', 'It is robust.', {}, []],
    ['the file of a model without a report', '`robust.onnx` is robust.', { reports: [plain] }, []],
    ['a heading with such a file', '# robust.onnx\n\nIt is robust.', { reports: [plain] }, []],
    ['words for a model without a report', 'The adversarially trained model is robust.', { reports: [plain] }, []],
    ['words for the one that has', 'The plain model is robust.', { reports: [plain] }, ['models/plain.onnx']],
    [
      'words that a name says nothing of',
      'The robust model holds.',
      { reports: [at('', 'models/net.onnx')] },
      ['models/net.onnx'],
    ],
    [
      'nothing, of two with one name',
      'net.onnx is robust.',
      { reports: [at('a/', 'net.onnx'), at('b/', 'net.onnx')], path: 'README.md' },
      [],
    ],
    [
      'the nearest of one name',
      'net.onnx is robust.',
      { reports: [at('a/', 'net.onnx'), at('b/', 'net.onnx')], path: 'b/README.md' },
      ['b/net.onnx'],
    ],
    [
      'one model evaluated from two folders',
      'It is robust.',
      { reports: [at('', 'models/net.onnx'), at('models/', 'net.onnx')], path: 'x/README.md' },
      ['models/net.onnx'],
    ],
    [
      'a threat model that one of them has',
      'It is robust under linf-0.1.',
      { reports: [plain, at('', 'models/other.onnx', { threatModels: [threat({ norm: 'l2', epsilon: 1 })] })] },
      ['models/plain.onnx'],
    ],
  ])('%s', (_, text, given, expected) => {
    expect(models(text, given)).toEqual(expected);
  });

  it('gives the newest report first', () => {
    const old = at('', 'models/plain.onnx', {
      createdAt: '2024-01-01T00:00:00Z',
      path: '.robustness/old.robustness.json',
    });
    const [sentence] = parseMarkdown('It is robust.').sentences;
    expect(reportsFor({ sentence: sentence!, path: 'a.md' }, { reports: [old, plain] })).toEqual([plain, old]);
  });

  it('survives hostile links and names', () => {
    for (const link of ['%E0%A4%A', '//', 'http://', '../'.repeat(500), '?', '#', '\\', 'javascript:alert(1)'])
      expect(models(`[It](<${link}>) is robust.`)).toEqual([]);
    const odd = at('', 'models/a+(b)[c].onnx');
    expect(models('`a+(b)[c].onnx` is robust.', { reports: [odd, plain] })).toEqual(['models/a+(b)[c].onnx']);
  });
});

describe('who says what in a sentence', () => {
  const parts = (text: string) => {
    const [sentence] = parseMarkdown(text).sentences;
    const figures = [...sentence!.plain.matchAll(/\d+ %/g)].map((match) => ({
      start: match.index,
      end: match.index + match[0].length,
    }));
    const found = modelsIn({ sentence: sentence!, path: 'README.md' }, { reports: [plain, robust] }, figures);
    return Object.fromEntries(found.map(({ reports, figures }) => [reports[0]!.model, figures]));
  };

  it.each<[string, Record<string, number[]>]>([
    ['plain.onnx has 1 %, robust.onnx 2 %.', { 'models/plain.onnx': [0], 'models/robust.onnx': [1] }],
    [
      'plain.onnx has 1 % and 3 %, robust.onnx 2 % and 4 %.',
      { 'models/plain.onnx': [0, 1], 'models/robust.onnx': [2, 3] },
    ],
    ['1 % for plain.onnx, 2 % for robust.onnx.', { 'models/plain.onnx': [0], 'models/robust.onnx': [1] }],
    ['robust.onnx has 2 %, while plain has 1 %.', { 'models/robust.onnx': [0], 'models/plain.onnx': [1] }],
    ['plain.onnx and robust.onnx have 1 % and 2 %.', { 'models/plain.onnx': [0], 'models/robust.onnx': [1] }],
    ['robust.onnx has 2 % robust accuracy.', {}],
    ['plain.onnx and robust.onnx have 1 %.', {}],
    ['plain.onnx and robust.onnx have 1 %, and are fast.', {}],
  ])('%s', (text, expected) => {
    expect(parts(text)).toEqual(expected);
  });

  it('takes a word that describes another name for no name of its own', () => {
    const names = (text: string) => [
      ...new Set(mentionsOf(text, ['models/robust.onnx', 'models/net-3.onnx']).map(({ model }) => model)),
    ];
    expect(names('The adversarially trained network `net-3.onnx` holds.')).toEqual(['models/net-3.onnx']);
    expect(names('`net-3.onnx` keeps a robust accuracy of 3 %.')).toEqual(['models/net-3.onnx']);
  });
});
