import { describe, expect, it } from 'vitest';
import { parseText } from '../../../../src/claim/document/text';
import { expectExactRanges } from './ranges';

describe('parseText', () => {
  it('reads paragraphs, items and headings, and leaves listings out', () => {
    const text = [
      'OUR NET',
      '=======',
      '',
      'It holds. It',
      'goes on.',
      '',
      'Features:',
      '  * one',
      '    more',
      '  2) two',
      '',
      '    robust code',
      '    more code',
      '',
      '$ robust --now',
      '',
      'RESULTS AND MORE',
      '',
      '62 % are kept.',
    ].join('\r\n');
    const document = parseText(text);
    expect(document.sentences.map(({ plain, place, headings }) => [plain, place, headings.join('/')])).toEqual([
      ['It holds.', 'paragraph', 'OUR NET'],
      ['It goes on.', 'paragraph', 'OUR NET'],
      ['Features:', 'paragraph', 'OUR NET'],
      ['one more', 'item', 'OUR NET'],
      ['two', 'item', 'OUR NET'],
      ['62 % are kept.', 'paragraph', 'OUR NET/RESULTS AND MORE'],
    ]);
    expect(document.sentences[3]!.lead).toBe('Features:');
    expectExactRanges(text, document);
  });

  it('keeps ranges with emoji, tabs and a byte order mark', () => {
    const text = '\ufeff🦾 It\tholds 👩‍🔬. Так!\n';
    expectExactRanges(text, parseText(text));
    expect(parseText(text).sentences.map(({ start, end }) => text.slice(start, end))).toEqual([
      '🦾 It\tholds 👩‍🔬.',
      'Так!',
    ]);
  });
});
