import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { namedAttacks } from '../../../src/claim/attackNames';
import * as lexicon from '../../../src/claim/lexicon';
import { PatternGate } from '../../../src/claim/patternGate';
import { type Pattern, PatternSet } from '../../../src/claim/patternSet';
import { requiredTexts } from '../../../src/claim/requiredText';
import { splitAlternatives } from '../../../src/claim/splitAlternatives';
import { triggers } from '../../../src/claim/trigger';

describe('requiredTexts', () => {
  const examples: [RegExp, string[][]][] = [
    [/robust/i, [['robust']]],
    [/(?<!not )robustness/i, [['robustness']]],
    [/defen[sc]es?/i, [['defen']]],
    [/attacks?|noise/i, [['attack', 'noise']]],
    [/attacks?|\d+/i, []],
    [/(?:robust|stable) (?:to|against)/i, [['robust', 'stable']]],
    [
      /(?:improves|shows) (?:[a-z]+ ){0,3}(?:robustness|resilience) to noise/i,
      [[' to noise'], ['improves', 'shows'], ['robustness', 'resilience']],
    ],
    [/(?:a robust|shows no) model (?:loss|drop)?/i, [[' model '], ['a robust', 'shows no']]],
    [/(?:very )?(?:robust)?/i, []],
    [/resists+ing/i, [['resists'], ['ing']]],
    [/wit{2,3}hstand/i, [['hstand'], ['wit']]],
    [/colou{0,1}rless/i, [['rless'], ['colo']]],
    [/(?:robust){0}stable/i, [['stable']]],
    [/\bimmune\b/i, [['immune']]],
    [/[a-z\]robust]+/i, []],
    [/\(robust\)\./i, [['(robust).']]],
    [/\p{Lu}unseen/u, [['unseen']]],
    [/\u0065psilon/u, [['psilon']]],
    [/(?=robust)\w+/i, []],
  ];
  for (const [pattern, required] of examples) {
    it(`of ${pattern} are ${required.map((one) => one.join(' or ')).join(', and ') || 'unknown'}`, () => {
      expect(requiredTexts(pattern.source)).toEqual(required);
    });
  }
});

/** Assertions and classes by property are beyond the generator; without them a pattern matches more, never less. */
const generative = (pattern: Pattern) =>
  new RegExp(
    pattern.source
      .replace(/\(\?<?[=!](?:[^()\\]|\\.|\((?:[^()\\]|\\.)*\))*\)/g, '')
      .replace(/\\[bB]/g, '')
      .replace(/\[\^\\p\{L\}\]/g, '[ -]')
      .replace(/\\p\{L\}/g, 'a-z')
      .replace(/[\^$]/g, ''),
  );

describe('the gate', () => {
  const patterns: readonly Pattern[] = [
    ...triggers.map(({ pattern }) => pattern),
    ...Object.values(lexicon).filter((value) => typeof value !== 'function'),
    ...namedAttacks.map(({ pattern }) => pattern),
  ];

  it('never closes to a pattern that matches, and a set finds what its patterns find', () => {
    const gate = new PatternGate(patterns.map(({ source }) => source));
    const set = new PatternSet(patterns);
    let opened = 0;
    const filler = fc.constantFrom(
      'our model ',
      'Is it ',
      '“',
      ' ÉTÉ ',
      '🦾',
      '',
      'K',
      'ſ',
      'İ',
      'robust to noise and blur ',
    );
    const recase = fc.constantFrom<(text: string) => string>(
      (text) => text,
      (text) => text.toUpperCase(),
      (text) => text.replaceAll('s', 'ſ').replaceAll('k', '\u212a').replaceAll('ε', 'ϵ'),
    );
    for (const pattern of patterns) {
      let made: fc.Arbitrary<string>;
      try {
        made = fc.stringMatching(generative(pattern), { maxLength: 60 });
      } catch {
        continue;
      }
      fc.assert(
        fc.property(made, made, filler, filler, recase, (one, other, before, after, change) => {
          const text = change(`${before + one} ${other}${after}`);
          const possible = gate.scan(text);
          for (const [i, each] of patterns.entries()) {
            const global = new RegExp(each.source, each.flags.includes('g') ? each.flags : `${each.flags}g`);
            const whole = [...text.matchAll(global)].map((match) => ({ index: match.index, length: match[0].length }));
            expect(set.matches(each, text), `${each.source} in ${text}`).toEqual(whole);
            expect(set.test(each, text)).toBe(whole.length > 0);
            if (whole.length > 0) expect(set.mayMatch(text)).toBe(true);
            if (whole.length === 0) continue;
            opened++;
            expect(possible[i], `${each.source} in ${text}`).toBe(1);
          }
        }),
        { numRuns: 8 },
      );
    }
    expect(opened, 'patterns that matched').toBeGreaterThan(250);
  });

  it('is closed to most patterns in ordinary prose', () => {
    const gate = new PatternGate(triggers.map(({ pattern }) => pattern.source));
    expect([...gate.scan('The server writes a log to disk, and the client reads it back.')]).not.toContain(1);
    expect(gate.scan('Our model is robust to noise.').filter(Boolean).length).toBeLessThan(triggers.length);
    const set = new PatternSet(triggers.map(({ pattern }) => pattern));
    expect(set.mayMatch('The server writes a log to disk, and the client reads it back.')).toBe(false);
  });
});

describe('alternatives', () => {
  it.each([
    ['a|b(?:c|d)|[|]', ['', ['a', 'b(?:c|d)', '[|]'], '']],
    ['(?<![a|b])(?:c|d(?:e|f)|\\|)(?!g|h)', ['(?<![a|b])', ['c', 'd(?:e|f)', '\\|'], '(?!g|h)']],
    ['(?:a|b)+', ['', ['(?:a|b)+'], '']],
    ['(?:a|b)?(?:c|d)', ['(?:a|b)?', ['c', 'd'], '']],
    ['(a|b)', ['', ['(a|b)'], '']],
    ['abc', ['', ['abc'], '']],
  ])('of %s', (source, [before, parts, after]) => {
    expect(splitAlternatives(source)).toEqual({ before, parts, after });
  });
});
