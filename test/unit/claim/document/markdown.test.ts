import { describe, expect, it } from 'vitest';
import { parseMarkdown } from '../../../../src/claim/document/markdown';

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

  it('leaves out what is not prose of this author', () => {
    const text = [
      '---\ntitle: robust\n---\n',
      '# Robust heading\n',
      '```\nrobust code\n```\n',
      '    indented robust code\n',
      '<p>robust html</p>\n',
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
});
