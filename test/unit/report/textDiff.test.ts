import { describe, expect, it } from 'vitest';
import { textPieces } from '../../../src/engine/report/textDiff';
import { textGallery } from '../../../src/engine/report/textSections';

const marked = (before: string, after: string) =>
  textPieces(before, after)
    .map((piece) => (piece.before === piece.after ? piece.before : `{${piece.before}>${piece.after}}`))
    .join('');

describe('what was changed in a text', () => {
  it('is marked character by character within words, by code points', () => {
    expect(marked('a really good film', 'a relly good filn')).toBe('a re{a>}lly good fil{m>n}');
    expect(marked('form a line', 'from a line')).toBe('f{or>ro}m a line');
    expect(marked('I 😀 love it', 'I 😀 lovve it')).toBe('I 😀 lov{>v}e it');
    expect(marked('שלום עולם', 'שלים עולם')).toBe('של{ו>י}ם עולם');
    expect(marked('same', 'same')).toBe('same');
    expect(marked('', 'x')).toBe('{>x}');
  });

  it('is found where words were joined or split, too', () => {
    expect(marked('good film here', 'goodfilm here')).toBe('good{ >}film here');
  });

  it('always puts both texts together again, if they are short', () => {
    for (const [a, b] of [
      ['one two three', 'one twoo three'],
      ['x, y', 'x. y'],
      ['abc', ''],
    ] as const) {
      const pieces = textPieces(a, b);
      expect(pieces.map(({ before }) => before).join('')).toBe(a);
      expect(pieces.map(({ after }) => after).join('')).toBe(b);
    }
  });

  it('leaves out what is far from any change in a long text', () => {
    const far = 'word '.repeat(400);
    const pieces = textPieces(`${far}wonderful ${far}terrible ${far}`, `${far}wondreful ${far}terible ${far}`);
    const length = pieces.reduce((sum, { before }) => sum + before.length, 0);
    expect(length).toBeLessThan(700);
    expect(pieces.filter(({ before, after }) => before !== after)).toHaveLength(2);
    expect(pieces.filter(({ before }) => before.includes('…'))).toHaveLength(3);
    expect(textPieces(far, far)[0]!.before.length).toBeLessThan(300);
  });

  it('stands in Markdown with what a text holds escaped', () => {
    const item = {
      index: 3,
      threatModel: 'edits-1',
      attack: 'edits-beam',
      trueLabel: 'good',
      clean: { label: 'good', confidence: 0.9 },
      adversarial: { label: 'bad', confidence: 0.8 },
      distance: 1,
      image: null,
      values: null,
      text: { pieces: textPieces('<b>*really*</b> good', '<b>*reallly*</b> good') },
    };
    const text = textGallery([item], (each) => each.replace(/[<>*]/g, '\\$&'))!;
    expect(text).toContain('\\<b\\>\\*rea');
    expect(text).toContain('**l**');
    expect(text).toContain('1 character edited, example 3');
    expect(textGallery([{ ...item, text: undefined }], String)).toBeNull();
  });
});
