import { describe, expect, it } from 'vitest';
import { parseMarkdown } from '../../../../src/claim/document/markdown';
import { cpuTime } from '../cpu';
import { expectExactRanges } from './ranges';

const plain = (text: string) => parseMarkdown(text).sentences.map((sentence) => sentence.plain);
const source = (text: string) => parseMarkdown(text).sentences.map(({ start, end }) => text.slice(start, end));

describe('parseMarkdown', () => {
  it('reads paragraphs, items and table rows', () => {
    const text = '# T\n\nOne. Two.\n\n- item a\n- [ ] task b\n\n| a | b |\n|---|---|\n| c | **d** |\n';
    expect(plain(text)).toEqual(['One.', 'Two.', 'item a', 'task b', 'c | d']);
    const row = parseMarkdown(text).sentences.at(-1)!;
    expect(row.table).toEqual({ header: ['a', 'b'], cells: ['c', 'd'] });
    expect(row.headings).toEqual(['T']);
  });

  it('leaves out a paragraph that is longer than anybody writes, and reads on', () => {
    const long = 'It is robust. '.repeat(7000);
    expect(plain(`Before.\n\n${long}\n\nAfter.\n`)).toHaveLength(7002);
    expect(plain(`Before.\n\n${long}${long}\n\nAfter.\n`)).toEqual(['Before.', 'After.']);
  });

  it('leaves out what is not prose of this author', () => {
    const text = [
      '---\ntitle: robust\n---\n',
      '# Robust heading\n',
      '```\nrobust code\n```\n',
      '    indented robust code\n',
      '<pre>robust html</pre>\n',
      '<script>robust()</script>\n',
      '<img src="a.png" alt="robust picture">\n',
      '<blockquote>robust words of others</blockquote>\n',
      '$$\nrobust = 1\n$$\n',
      '- [1] A. Author and B. Author, "Robust networks", arXiv, 2020.\n',
      'Text.\n',
      '> A robust quotation.\n',
      '[ref]: https://example.org "robust"\n',
      '[^1]: robust footnote\n',
      '![robust image](robust.png)\n',
    ].join('\n');
    expect(plain(text)).toEqual(['Text.']);
  });

  it('takes call-outs, taglines and abstracts as own words', () => {
    expect(plain('# Net\n\n> A tagline.\n')).toEqual(['A tagline.']);
    expect(plain('# Net\n\nText.\n\n> [!NOTE]\n> Mind this.\n').at(-1)).toContain('Mind this.');
    expect(plain('# Net\n\nText.\n\n## Abstract\n\n> We show it.\n')).toEqual(['Text.', 'We show it.']);
  });

  it('blanks code and titles of other works, and keeps what is said about them', () => {
    const [sentence] = parseMarkdown(
      'We use `robust_crop` and [Towards Deep Learning Models Resistant](https://arxiv.org/abs/1706.06083) here.',
    ).sentences;
    expect(sentence!.prose).not.toMatch(/robust|Resistant/);
    expect(sentence!.prose).toMatch(/^We use .* here\.$/);
    expect(sentence!.plain).toContain('robust_crop');
    const [named] = parseMarkdown('The [robust model](model.onnx) is good.').sentences;
    expect(named!.prose).toBe('The robust model is good.');
    const [quoted] = parseMarkdown('See "Certified Robustness Through Randomized Smoothing" for it.').sentences;
    expect(quoted!.prose).not.toContain('Robustness');
  });

  it('keeps exact ranges with emoji, CRLF, tabs, escapes, entities and emphasis', () => {
    expect(source('🦾 One **two** 🛡️ three. Four `x`.\r\n')).toEqual(['🦾 One **two** 🛡️ three.', 'Four `x`.']);
    expect(source('**One is bold.** *Two* here.\n')).toEqual(['**One is bold.**', '*Two* here.']);
    expect(source('a\tb &amp; c\\_d.\r\nNext\r\nline. Last.\r\n')).toEqual([
      'a\tb &amp; c\\_d.',
      'Next\r\nline.',
      'Last.',
    ]);
    const text = '- 日本語 item\r\n\r\n  second 👩‍🔬 paragraph\r\n';
    expect(source(text)).toEqual(['日本語 item', 'second 👩‍🔬 paragraph']);
  });

  it('knows sections, neighbours and the sentence that leads a list', () => {
    const text =
      '# A\n\n## B\n\nFirst. Second.\n\nGoals:\n\n- do this\n\n**Bold line**\n\nUnder it.\n\n## C\n\nThird.\n';
    const { sentences } = parseMarkdown(text);
    const by = (start: string) => sentences.find((sentence) => sentence.plain.startsWith(start))!;
    expect(by('First')).toMatchObject({ headings: ['A', 'B'], before: '', after: 'Second.' });
    expect(by('do this').lead).toBe('Goals:');
    expect(by('Under').headings).toEqual(['A', 'B', 'Bold line']);
    expect(by('Third')).toMatchObject({ headings: ['A', 'C'], before: '' });
  });

  it('finds comments with their ranges', () => {
    const text = 'a <!-- one --> b\n\n<!-- two -->\nc\n';
    expect(parseMarkdown(text).comments.map(({ start, end, body }) => [text.slice(start, end), body])).toEqual([
      ['<!-- one -->', ' one '],
      ['<!-- two -->', ' two '],
    ]);
  });

  it('reads HTML: paragraphs, headings, items, links, and tables of results', () => {
    const text = [
      '<h1 align="center">Net</h1>\n',
      '<p align="center"><b>A <a href="net.onnx">model</a> &amp; more</b><br>that holds at &epsilon; = 0.3.</p>\n',
      '<details>\n<summary>Results</summary>\n',
      'Prose **inside**.\n',
      '</details>\n',
      '<ul><li>one <code>item</code></li><li>two</li></ul>\n',
      '<table>\n<tr><th>Model</th><th>Robust accuracy</th></tr>\n\n<tr><td>net</td><td>62&#37;</td></tr>\n</table>\n',
      'Inline <kbd>robust</kbd> H<sub>2</sub>O<br/>here.\n',
    ].join('\n');
    const { sentences } = parseMarkdown(text);
    expect(sentences.map((sentence) => [sentence.plain, sentence.headings.join('/')])).toEqual([
      ['A model & more that holds at ε = 0.3.', 'Net'],
      ['Prose inside.', 'Net/Results'],
      ['one item', 'Net'],
      ['two', 'Net'],
      ['net | 62%', 'Net'],
      ['Inline robust H2O here.', 'Net'],
    ]);
    expect(sentences[0]!.links).toEqual(['net.onnx']);
    expect(sentences[2]!.prose).toBe('one §§§§');
    expect(sentences[4]!.table).toEqual({ header: ['Model', 'Robust accuracy'], cells: ['net', '62%'] });
    expect(sentences[5]!.prose).toBe('Inline §§§§§§ H2O here.');
    expect(text.slice(sentences[0]!.start, sentences[0]!.end)).toMatch(/^A <a [\s\S]*0\.3\.$/);
    expectExactRanges(text, parseMarkdown(text));
  });

  it('reads containers and admonitions, formulas, short codes, reference links, and empty cells', () => {
    expect(plain(':::{note} Mind\nIt holds.\n:::\n\n:::tip\nSo does this.\n:::\n')).toEqual([
      'It holds.',
      'So does this.',
    ]);
    expect(plain('```{warning} Mind\n:class: big\n\nIt *fails*.\n```\n\n```{code-block} python\nx = 1\n```\n')).toEqual(
      ['It fails.'],
    );
    const [formula] = parseMarkdown('Keeps $62\\%$ at $\\epsilon_{a} = *8*/255$ for $5 and $6.').sentences;
    expect(formula!.plain).toBe('Keeps $62\\%$ at $\\epsilon_{a} = *8*/255$ for $5 and $6.');
    expect(plain(':rocket: Fast at 10:30:15 :tada:\n')).toEqual(['Fast at 10:30:15']);
    const [linked] = parseMarkdown(
      'The [net], [it][Net] and [x] and [1].\n\n[NET]: <models/net.onnx> "Net"\n',
    ).sentences;
    expect(linked!.plain).toBe('The net, it and [x] and [1].');
    expect(linked!.links).toEqual(['models/net.onnx', 'models/net.onnx']);
    const row = parseMarkdown('|a|b|c|\n|-|-|-|\n||x \\| y||\n').sentences[0]!;
    expect(row.table).toEqual({ header: ['a', 'b', 'c'], cells: ['', 'x | y', ''] });
  });

  it('keeps each unit at its offset', () => {
    for (const end of ['\n', '\r\n', '\r']) {
      const text = [
        '\ufeff# 🦾 Net',
        '',
        'Keeps **62\\%** &amp; `x`\tat $\\epsilon$ 👩‍🔬.  ',
        'Next *line* <b>of</b> 日本語.',
        '',
        '> [!TIP]',
        '> It *holds*',
        '> over lines.',
        '',
        '| 🛡️ a | b |',
        '|---|---|',
        '| ~~c~~ | **d** \\| e |',
        '',
        '- [x] done <!-- robustness-disable-line -- so -->',
        '',
        '<div>in &lt;html&gt; 🦾 too</div>',
        '',
      ].join(end);
      const document = parseMarkdown(text);
      expectExactRanges(text, document);
      expect(document.sentences.map((sentence) => sentence.plain)).toContain('in <html> 🦾 too');
      expect(document.comments.map(({ start, end: to }) => text.slice(start, to))).toEqual([
        '<!-- robustness-disable-line -- so -->',
      ]);
    }
  });

  it.each([
    ['quotations', '>'],
    ['brackets', '['],
    ['links', '[a]('],
    ['definitions', '[a]: '],
    ['pairs', '[]'],
    ['pointy links', '[a](<b'],
    ['emphasis', '**a*'],
    ['stars', 'a* '],
    ['underscores', '_a'],
    ['images', '!['],
    ['ticks', '`a ``b '],
    ['tags', '<a '],
    ['comments', '<!-- '],
    ['entities', '&a'],
    ['dollars', '$a $$b '],
    ['quoted lists', '> - '],
    ['lists', '- '],
    ['ordered lists', '1. '],
    ['cells', '|a'],
    ['rows', '|a|b|\n|-|-|\n'],
    ['setext', 'a\n=\n'],
    ['open fences', '```\n~~~\n'],
    ['admonitions', '```{note}\n'],
    ['containers', ':::{note}\n'],
    ['line ends', '\n'],
    ['blocks of HTML', '<table><tr><td>\n\n'],
    ['attributes', '<a href="'],
    ['spaces', ' '],
    ['words far apart', `word${' '.repeat(50_000)}`],
    ['short codes', ':a '],
    ['words', 'a '],
  ])('is quick on many %s', (_name, piece) => {
    const text = piece.repeat(Math.ceil(100_000 / piece.length));
    // The limit is wide for slow machines; anything quadratic takes minutes.
    expect(cpuTime(() => parseMarkdown(text))).toBeLessThan(2000);
  });

  it('is quick on a staircase of quotations and lists', () => {
    const stairs = Array.from({ length: 400 }, (_, i) => `${'  '.repeat(i)}- step`).join('\n');
    const quotes = Array.from({ length: 400 }, (_, i) => `${'> '.repeat(i)}step`).join('\n');
    expect(cpuTime(() => [parseMarkdown(stairs), parseMarkdown(quotes)])).toBeLessThan(4000);
  });
});
