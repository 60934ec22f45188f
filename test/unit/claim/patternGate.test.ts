import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { namedAttacks } from '../../../src/claim/attackNames';
import * as lexicon from '../../../src/claim/lexicon';
import { PatternGate } from '../../../src/claim/patternGate';
import { requiredText } from '../../../src/claim/requiredText';
import { triggers } from '../../../src/claim/trigger';

describe('requiredText', () => {
  const examples: [RegExp, string[] | null][] = [
    [/robust/i, ['robust']],
    [/(?<!not )robustness/i, ['robustness']],
    [/defen[sc]es?/i, ['defen']],
    [/attacks?|noise/i, ['attack', 'noise']],
    [/attacks?|\d+/i, null],
    [/(?:robust|stable) (?:to|against)/i, ['robust', 'stable']],
    [/(?:very )?(?:robust)?/i, null],
    [/resists+ing/i, ['resists']],
    [/wit{2,3}hstand/i, ['hstand']],
    [/colou{0,1}rless/i, ['rless']],
    [/(?:robust){0}stable/i, ['stable']],
    [/\bimmune\b/i, ['immune']],
    [/[a-z\]robust]+/i, null],
    [/\(robust\)\./i, ['(robust).']],
    [/\p{Lu}unseen/u, ['unseen']],
    [/\u0065psilon/u, ['psilon']],
    [/(?=robust)\w+/i, null],
  ];
  for (const [pattern, required] of examples) {
    it(`of ${pattern} is ${required?.join(', ') ?? 'unknown'}`, () => {
      expect(requiredText(pattern)).toEqual(required);
    });
  }
});

/** Assertions and classes by property are beyond the generator; without them a pattern matches more, never less. */
const generative = (pattern: RegExp) =>
  new RegExp(
    pattern.source
      .replace(/\(\?<?[=!](?:[^()\\]|\\.|\((?:[^()\\]|\\.)*\))*\)/g, '')
      .replace(/\\[bB]/g, '')
      .replace(/\[\^\\p\{L\}\]/g, '[ -]')
      .replace(/\\p\{L\}/g, 'a-z')
      .replace(/[\^$]/g, ''),
  );

describe('the gate', () => {
  const patterns = [
    ...triggers.map(({ pattern }) => pattern),
    ...Object.values(lexicon).filter((value) => value instanceof RegExp),
    ...namedAttacks.map(({ pattern }) => pattern),
  ];

  /** `match` moves a global pattern's index on, and a second call goes on from there. */
  const matches = (pattern: RegExp, text: string) => text.search(pattern) >= 0;

  it('never closes to a pattern that matches', () => {
    const gate = new PatternGate(patterns);
    let opened = 0;
    const filler = fc.constantFrom('our model ', 'Is it ', '“', ' ÉTÉ ', '🦾', '', 'K', 'ſ');
    const recase = fc.constantFrom<(text: string) => string>(
      (text) => text,
      (text) => text.toUpperCase(),
      (text) => text.replaceAll('s', 'ſ').replaceAll('k', '\u212a'),
    );
    for (const pattern of patterns) {
      let made: fc.Arbitrary<string>;
      try {
        made = fc.stringMatching(generative(pattern), { maxLength: 60 });
      } catch {
        continue;
      }
      fc.assert(
        fc.property(made, filler, filler, recase, (middle, before, after, change) => {
          const text = change(before + middle + after);
          const possible = gate.scan(text);
          for (const [i, each] of patterns.entries()) {
            if (!matches(each, text)) continue;
            opened++;
            expect(possible[i], `${each} in ${text}`).toBe(1);
          }
        }),
        { numRuns: 25 },
      );
    }
    expect(opened, 'patterns that matched').toBeGreaterThan(500);
  });

  it('is closed to most patterns in ordinary prose', () => {
    const gate = new PatternGate(triggers.map(({ pattern }) => pattern));
    expect([...gate.scan('The server writes a log to disk, and the client reads it back.')]).not.toContain(1);
    expect(gate.scan('Our model is robust to noise.').filter(Boolean).length).toBeLessThan(triggers.length);
  });
});
