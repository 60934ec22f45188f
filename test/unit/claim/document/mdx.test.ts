import { describe, expect, it } from 'vitest';
import { parseMdx } from '../../../../src/claim/document/mdx';
import { expectExactRanges } from './ranges';

const lines = (...text: string[]) => `${text.join('\n')}\n`;
const plain = (text: string) => parseMdx(text).sentences.map((sentence) => sentence.plain);

describe('parseMdx', () => {
  it('takes out modules, tags and expressions, and reads what stands within tags', () => {
    const text = lines(
      "import { Robust } from './robust'",
      'export const robust = {',
      '  a: 1,',
      '}',
      '',
      '# Net {robust.version}',
      '',
      '<Note kind={{ robust: "}" }} title="a > b">',
      '  It *holds* {robust + `}`}.',
      '</Note>',
      '',
      '{/* robustness-disable-next-line -- so */}',
      'Seen by <Tag robust />. A <code>robust</code> word.',
      '',
      '    Indented prose.',
      '',
      'We export robust words. Import does too.',
    );
    const document = parseMdx(text);
    expect(document.sentences.map(({ plain, headings }) => [plain, headings.join('/')])).toEqual([
      ['It holds .', 'Net'],
      ['Seen by .', 'Net'],
      ['A robust word.', 'Net'],
      ['Indented prose.', 'Net'],
      ['We export robust words.', 'Net'],
      ['Import does too.', 'Net'],
    ]);
    expect(document.sentences[2]!.prose).toBe('A §§§§§§ word.');
    expect(document.comments.map(({ body }) => body)).toEqual([' robustness-disable-next-line -- so ']);
    expectExactRanges(text, document);
  });

  it.each([
    ['an open tag', 'It <Tag holds.\n\nSo.', ['It <Tag holds.', 'So.']],
    ['an open expression', 'It {holds.\n\nSo.', ['It {holds.', 'So.']],
    ['an open attribute', 'It <Tag a={ holds.\n\nSo.', ['It <Tag a={ holds.', 'So.']],
    ['a wrong end', 'It </A> holds <B></C>.', ['It holds .']],
    ['comparison', 'If a < b then.', ['If a < b then.']],
  ])('reads %s as text', (_name, text, sentences) => {
    expect(plain(text)).toEqual(sentences);
    expectExactRanges(text, parseMdx(text));
  });
});
