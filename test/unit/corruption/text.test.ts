import { describe, expect, it } from 'vitest';
import { editDistance } from '../../../src/engine/attack/verifyEdits';
import { corruptionByName, corruptionsFor } from '../../../src/engine/corruption/registry';
import { Random } from '../../../src/engine/random';
import { textCorruptionNames } from '../../../src/engine/spec/corruptions';
import { decodeText, encodeText, widthFor } from '../../../src/engine/text/codePoints';

const none = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY] as const;
type Name = (typeof textCorruptionNames)[number];

function corrupted(name: Name, text: string, severity: number, seed = 0): string {
  const x = new Float32Array(widthFor([...text].length));
  encodeText(text, x);
  const before = x.slice();
  const out = corruptionByName(name).apply(x, [x.length], severity, none, Random.of(seed, name, severity));
  expect(out).toHaveLength(x.length);
  expect(x).toEqual(before);
  return decodeText(out);
}

const prose =
  'The quick brown foxes jumped, never tired, over several lazy dogs; “nothing” was certain about Tuesday’s weather forecast. Café naïve façade! ';
const long = prose.repeat(40);
const words = (text: string) => text.match(/[\p{L}\p{M}\p{N}]+(?:['’][\p{L}\p{M}\p{N}]+)*/gu) ?? [];
/** Share of the words of four letters and more, negations left out, that are another word. */
function changedWords(before: string, after: string): number {
  const [a, b] = [words(before), words(after)];
  expect(b).toHaveLength(a.length);
  const able = a
    .map((word, i) => [word, b[i]!])
    .filter(([word]) => /^\p{L}{4,}$/u.test(word!) && !/^(never|nothing)$/.test(word!));
  return able.filter(([x, y]) => x !== y).length / able.length;
}

describe('corruptions of texts', () => {
  it('are nine, for texts alone, and say what share of what they befall', () => {
    expect(corruptionsFor('text').map(({ name }) => name)).toEqual([...textCorruptionNames]);
    for (const name of textCorruptionNames) {
      const { kinds, describe: words, source } = corruptionByName(name);
      expect(kinds).toEqual(['text']);
      expect(words(1, [])).toMatch(/^\d+ % of the /);
      expect(source.length).toBeGreaterThan(20);
      expect(() => words(6, [])).toThrow('Severity 6');
    }
  });

  it.each(['keyboard_typos', 'missing_letters', 'repeated_letters'] as const)(
    '%s befalls the share of words that it says, one letter of each, never the ends, short words or negations',
    (name) => {
      const kept = (severity: number) => changedWords(long, corrupted(name, long, severity));
      // 40 sentences of 14 such words: the standard error is below 0.022.
      for (const [i, share] of [0.05, 0.1, 0.2, 0.3, 0.5].entries())
        expect(Math.abs(kept(i + 1) - share)).toBeLessThan(0.07);
      const [before, after] = [words(long), words(corrupted(name, long, 5))];
      before.forEach((word, i) => {
        const other = after[i]!;
        expect([other[0], other.at(-1)]).toEqual([word[0], word.at(-1)]);
        if (word.length < 4 || /never|nothing|’/.test(word)) expect(other).toBe(word);
        else expect(editDistance(points(word), points(other))).toBeLessThanOrEqual(1);
      });
    },
  );

  it('swaps neighbours and leaves the letters of a word what they are', () => {
    const after = words(corrupted('swapped_letters', long, 5));
    words(long).forEach((word, i) => {
      expect([...after[i]!].sort()).toEqual([...word].sort());
    });
    const share = changedWords(long, after.join(' '));
    expect(share).toBeGreaterThan(0.3);
    expect(share).toBeLessThan(0.55);
  });

  it('changes case, and nothing but case, of every word at severity 5', () => {
    const after = corrupted('letter_case', long, 5);
    expect(after.toLowerCase()).toBe(long.toLowerCase());
    expect(after).toContain('QUICK');
    expect(corrupted('letter_case', 'straße 日本', 5)).toMatch(/^straße|^S[tT]|日本/i);
  });

  it('drops or doubles punctuation, not apostrophes within words', () => {
    const after = corrupted('punctuation', long, 5);
    expect(after.match(/’/g)).toHaveLength(40);
    expect(after.replace(/[^\p{L}\s]/gu, '')).toBe(long.replace(/[^\p{L}\s]/gu, ''));
    const marks = (text: string) => text.match(/[,;.!“”]/gu)?.length ?? 0;
    // Gone or two, with equal odds: as many as before, on average.
    expect(Math.abs(marks(after) / marks(long) - 1)).toBeLessThan(0.2);
    expect(corrupted('punctuation', 'one, two. three!', 5)).not.toBe('one, two. three!');
  });

  it('joins and splits words, and loses no letter', () => {
    const after = corrupted('word_spacing', long, 5);
    expect(after.replaceAll(' ', '')).toBe(long.replaceAll(' ', ''));
    const gaps = (text: string) => text.split(' ').length - 1;
    expect(Math.abs(gaps(after) - gaps(long))).toBeLessThan(0.1 * gaps(long));
    expect(words(after)).not.toEqual(words(long));
    expect(after).not.toBe(long);
  });

  it('puts in letters that look the same, in the share that it says', () => {
    const after = corrupted('lookalike_letters', long, 5);
    const [a, b] = [[...long], [...after]];
    expect(b).toHaveLength(a.length);
    const able = a.map((letter, i) => [letter, b[i]!]).filter(([letter]) => /[a-z]/i.test(letter!));
    const share = able.filter(([x, y]) => x !== y).length / able.length;
    expect(Math.abs(share - 0.3)).toBeLessThan(0.03);
    expect(a.every((letter, i) => /[a-z0-9]/i.test(letter) || letter === b[i])).toBe(true);
  });

  it('drops accents and strokes, all of them at severity 5', () => {
    expect(corrupted('missing_accents', 'Łódź: café, naïve, über, señor, straße', 5)).toBe(
      'Lodz: cafe, naive, uber, senor, strasse',
    );
    expect(corrupted('missing_accents', 'plain text 日本', 5)).toBe('plain text 日本');
  });

  it.each(textCorruptionNames)(
    '%s leaves an empty text, other scripts’ signs and emoji alone, and draws by its seed',
    (name) => {
      expect(corrupted(name, '', 5)).toBe('');
      const signs = '日本語👩‍🚀한';
      expect(corrupted(name, signs, 5)).toBe(signs);
      expect(corrupted(name, long, 3)).toBe(corrupted(name, long, 3));
      // At severity 5 some befall everything.
      if (name !== 'missing_accents') expect(corrupted(name, long, 3)).not.toBe(corrupted(name, long, 3, 1));
    },
  );

  it('does more at a higher severity', () => {
    for (const name of textCorruptionNames) {
      const some = prose.repeat(6);
      const changed = [1, 3, 5].map((severity) => editDistance(points(some), points(corrupted(name, some, severity))));
      expect(changed[0], name).toBeLessThan(changed[1]!);
      expect(changed[1], name).toBeLessThan(changed[2]!);
    }
  });
});

function points(text: string): Float32Array {
  return Float32Array.from(text, (letter) => letter.codePointAt(0)!);
}
