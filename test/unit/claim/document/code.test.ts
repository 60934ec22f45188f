import { describe, expect, it } from 'vitest';
import { parseNotebook } from '../../../../src/claim/document/notebook';
import { parsePython } from '../../../../src/claim/document/python';
import { expectExactRanges } from './ranges';

const lines = (...text: string[]) => `${text.join('\n')}\n`;

describe('parsePython', () => {
  it('reads docstrings and comments, and nothing else', () => {
    const text = lines(
      '#!/usr/bin/env python',
      '"""The module. It holds."""',
      'import os  # a robust import',
      '# A comment that',
      '# goes on. And ends.',
      '# robust = train(net)',
      '',
      'class Net(Base):',
      "    r'''A net.",
      '',
      '    Keeps ``robust`` *62 %*.',
      '',
      '    >>> robust()',
      "    '''",
      '    name = "robust"',
      '    def fit(self): "One line."',
      '    def run(self):',
      '        """',
      '        # Heading',
      '',
      '        With [a link](net.onnx).',
      '        """',
      '        return """robust"""',
    );
    const document = parsePython(text);
    expect(document.sentences.map((sentence) => sentence.plain)).toEqual([
      'The module.',
      'It holds.',
      'A comment that goes on.',
      'And ends.',
      'A net.',
      'Keeps robust 62 %.',
      'One line.',
      'With a link.',
    ]);
    expect(document.sentences[5]!.prose).toBe('Keeps §§§§§§ 62 %.');
    expect(document.sentences.at(-1)).toMatchObject({ links: ['net.onnx'], headings: ['Heading'] });
    // A docstring says nothing about the next one.
    expect(document.sentences[4]).toMatchObject({ before: '', after: 'Keeps robust 62 %.' });
    expectExactRanges(text, document);
  });

  it('leaves out what describes an interface', () => {
    const google = lines(
      'Args:',
      '    robust (bool): Makes it robust.',
      '',
      'Returns:',
      '    A robust net.',
      '',
      'Note:',
      '    It fails.',
    );
    const numpy = lines(
      'Parameters',
      '----------',
      'robust : bool',
      '    A robust thing.',
      '',
      'Notes',
      '-----',
      'It *fails*.',
    );
    const plain = (text: string) => parsePython(text).sentences.map((sentence) => sentence.plain);
    for (const doc of [google, numpy]) expect(plain(`'''Trains.\n\n${doc}'''\n`)).toEqual(['Trains.', 'It fails.']);
    expect(parsePython('# See `robust_net` here.\n').sentences[0]).toMatchObject({
      plain: 'See robust_net here.',
      prose: 'See §§§§§§§§§§ here.',
    });
    expect(plain("'''A net.\n\n.. math:: robust\n\nSee [it](net.onnx).\n'''\n").join()).not.toContain('robust');
  });

  it('finds suppressions, and survives broken code', () => {
    const text =
      'def f(:\r\n\t"""It 🦾 holds.\r\n\r\n\tSo.\r\n\t"""\r\n\t# robustness-disable-next-line -- so\r\n\tx = (';
    const document = parsePython(text);
    expectExactRanges(text, document);
    expect(document.comments.map(({ start, end, body }) => [text.slice(start, end), body])).toEqual([
      ['# robustness-disable-next-line -- so', ' robustness-disable-next-line -- so'],
    ]);
    expect(parsePython('"""never closed').sentences.length).toBeLessThanOrEqual(1);
    expect(parsePython('"').sentences).toEqual([]);
  });
});

const notebook = (...cells: object[]) => JSON.stringify({ cells, nbformat: 4 }, null, 1);

describe('parseNotebook', () => {
  it('reads Markdown cells as one document', () => {
    const text = notebook(
      { cell_type: 'markdown', metadata: {}, source: ['# Net\n', '\n', 'It "holds" at C:\\\\x.\n', 'So *there*.'] },
      { cell_type: 'code', source: '# robust', outputs: [{ output_type: 'stream', text: ['robust'] }] },
      { cell_type: 'markdown', source: 'Tab\there 🦾 é. <!-- robustness-disable-line -- so -->\n\n```\nnever closed' },
      { source: '| a | b |\n|-|-|\n| c | 62% |', cell_type: 'markdown' },
      { cell_type: 'raw', source: 'robust' },
    ).replace('é', '\\u00e9');
    const document = parseNotebook(text);
    expect(document.sentences.map(({ plain, headings }) => [plain, headings.join('/')])).toEqual([
      ['It "holds" at C:\\x.', 'Net'],
      ['So there.', 'Net'],
      ['Tab here 🦾 é.', 'Net'],
      ['c | 62%', 'Net'],
    ]);
    const written = document.sentences.map(({ start, end }) => text.slice(start, end));
    expect(written[0]).toBe('It \\"holds\\" at C:\\\\\\\\x.');
    expect(written[2]).toBe('Tab\\there 🦾 \\u00e9.');
    expect(document.comments.map(({ start, end }) => text.slice(start, end))).toEqual([
      '<!-- robustness-disable-line -- so -->',
    ]);
    expectExactRanges(text, document, /[\s|é\\]/);
  });

  it.each([
    ['nothing', ''],
    ['no object', '[1, 2]'],
    ['no cells', '{"cells": 3}'],
    ['broken cells', '{"cells": [1, {}, {"cell_type": "markdown"}, {"cell_type": "markdown", "source": {}}]}'],
    ['broken JSON', '{"cells": [{"cell_type": "markdown", "source": ["a \\u12'],
    ['an open string', '{"cells": [{"cell_type": "markdown", "source": "It holds'],
  ])('survives %s', (_name, text) => {
    expectExactRanges(text, parseNotebook(text));
  });
});
