import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitSentences } from '../../../../src/claim/document/sentence';
import { cpuTime } from '../cpu';

const split = (text: string) => splitSentences(text).map(([start, end]) => text.slice(start, end));

describe('splitSentences', () => {
  it.each([
    ['One. Two! Three?', ['One.', 'Two!', 'Three?']],
    ['At ε = 0.3 it keeps 12.5 %. At 8/255 it keeps more.', ['At ε = 0.3 it keeps 12.5 %.', 'At 8/255 it keeps more.']],
    ['Attacks, e.g. PGD, i.e. the usual one, vs. FGSM.', ['Attacks, e.g. PGD, i.e. the usual one, vs. FGSM.']],
    [
      'See Fig. 3 and Madry et al. (2018) for v1.2.3 of net.onnx.',
      ['See Fig. 3 and Madry et al. (2018) for v1.2.3 of net.onnx.'],
    ],
    ['By J. Doe and A. Roe. It works.', ['By J. Doe and A. Roe.', 'It works.']],
    ['It gains 1.6 pp. WiSE gains more.', ['It gains 1.6 pp.', 'WiSE gains more.']],
    ['“It is robust.” They said so (really.) Then left…', ['“It is robust.”', 'They said so (really.)', 'Then left…']],
    ['模型很稳健。真的！', ['模型很稳健。', '真的！']],
    ['Wait... What?! Yes.', ['Wait...', 'What?!', 'Yes.']],
    ['no full stop', ['no full stop']],
    ['  ', []],
    ['', []],
  ])('%j', (text, sentences) => {
    expect(split(text)).toEqual(sentences);
  });

  it('covers everything but white space, in order', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('a', 'B', '.', '!', '?', ' ', '\n', '"', ')', '3', '…', '。', '🦾') }),
        (text) => {
          const spans = splitSentences(text);
          let last = 0;
          for (const [start, end] of spans) {
            expect(start).toBeGreaterThanOrEqual(last);
            expect(end).toBeGreaterThan(start);
            expect(text.slice(last, start).trim()).toBe('');
            last = end;
          }
          expect(text.slice(last).trim()).toBe('');
        },
      ),
    );
  });

  it.each([['.'], ['. '], ['a. '], ['!?'], [' '], ['("']])('is linear on many %j', (piece) => {
    const text = piece.repeat(100_000);
    expect(cpuTime(() => splitSentences(text))).toBeLessThan(3000);
  });
});
