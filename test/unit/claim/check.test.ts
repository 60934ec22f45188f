import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkDocument } from '../../../src/claim/check';
import { emptyEvidence } from '../../../src/claim/evidence';
import type { Claim } from '../../../src/claim/types';
import { cpuTime } from './cpu';
import { index, report } from './evidence';

const evidence = index(report());

/** Offset of a position that counts lines and columns from 1. */
function offsetOf(text: string, line: number, column: number): number {
  let start = 0;
  for (let i = 1; i < line; i++) {
    const next = /\r\n|\r|\n/g;
    next.lastIndex = start;
    const match = next.exec(text);
    expect(match, `line ${line} exists`).not.toBeNull();
    start = match!.index + match![0].length;
  }
  return start + column - 1;
}

function expectExact(text: string, claims: readonly Claim[]): void {
  for (const claim of claims) {
    const start = offsetOf(text, claim.line, claim.column);
    const end = offsetOf(text, claim.endLine, claim.endColumn);
    expect(text.slice(start, end)).toBe(claim.text);
    expect(claim.text.length).toBeGreaterThan(0);
  }
}

/** Markdown with more claims, marks and traps in it than any person would write. */
const fragments = [
  '# ',
  '## Limitations',
  '\n',
  '\n\n',
  '\r\n',
  '\r',
  '\t',
  '  ',
  '> ',
  '> [!NOTE]\n> ',
  '- ',
  '1. ',
  '- [ ] ',
  '**',
  '*',
  '_',
  '`',
  '```\n',
  '~~~',
  '| a | robust accuracy linf ε = 0.1 |\n|---|---|\n| net | 62 % |\n',
  '|',
  '\\|',
  '---',
  '---\n',
  '+++\n',
  '<!-- ',
  ' -->',
  '<!-- robustness-disable-next-line -- why -->\n',
  '<!-- robustness-disable-next-line claims/stale -->',
  '<p>',
  '</p>',
  '<br>',
  '[',
  '](',
  ')',
  '[x](https://arxiv.org/abs/1)',
  '![i](j)',
  '[^1]',
  '[^1]: ',
  '[r]: x',
  '&amp;',
  '&#x1F9BE;',
  '\\*',
  '\\',
  '🦾',
  '👩‍🔬',
  'é',
  '\u0000',
  '\ud800',
  '\u200f',
  '。',
  'Our model is robust to adversarial attacks. ',
  'The neural network keeps 62 % accuracy under PGD with linf ε = 0.1. ',
  'It is not robust! ',
  'Is it robust? ',
  'The classifier is immune to all noise. ',
  'The network generalizes well to unseen data. ',
  'robust',
  'ε = 8/255',
  '95 %',
  'e.g. ',
  'dataset ',
  '.',
  '?',
];
const markdown = fc
  .array(
    fc.oneof(
      { weight: 8, arbitrary: fc.constantFrom(...fragments) },
      { weight: 1, arbitrary: fc.string({ unit: 'binary' }) },
    ),
    { maxLength: 40 },
  )
  .map((parts) => parts.join(''));

describe('checkDocument', () => {
  it('never throws, and its ranges are exact, on any Markdown', () => {
    let found = 0;
    fc.assert(
      fc.property(markdown, (text) => {
        const claims = checkDocument(text, 'README.md', evidence);
        found += claims.length;
        expectExact(text, claims);
      }),
      { numRuns: 2000 },
    );
    expect(found).toBeGreaterThan(200);
  });

  it('is a function of its input', () => {
    fc.assert(
      fc.property(markdown, (text) => {
        expect(checkDocument(text, 'a.md', evidence)).toEqual(checkDocument(text, 'a.md', evidence));
      }),
      { numRuns: 100 },
    );
  });

  it.each([
    ['LF', '\n'],
    ['CRLF', '\r\n'],
  ])('places claims beside emoji, tabs and wrapped lines (%s)', (_, eol) => {
    const text = [
      '# 🦾 Net',
      '',
      '🛡️ A neural\tnetwork. **Our classifier',
      'is robust** to adversarial attacks! Trained on a data set.',
      '',
    ].join(eol);
    const claims = checkDocument(text, 'README.md', emptyEvidence);
    expect(claims).toHaveLength(1);
    expect(claims[0]).toMatchObject({ line: 3, column: 23, endLine: 4, endColumn: 36 });
    expect(claims[0]!.text).toBe(`**Our classifier${eol}is robust** to adversarial attacks!`);
    expectExact(text, claims);
  });

  it.each([
    ['one long line', 'Our model is robust to adversarial attacks and '.repeat(4000)],
    ['many claims', 'Our model is robust to adversarial attacks. '.repeat(3000)],
    ['no sentence end', `robust ${'to '.repeat(100_000)}`],
    ['verbs without end', 'improves shows has with '.repeat(10_000)],
    ['digits', `Accuracy ${'1 % '.repeat(30_000)}`],
    ['unclosed comments', '<!-- '.repeat(20_000)],
    ['suppressions', '<!-- robustness-disable-line -- x -->\n'.repeat(2000)],
    ['spaces', `Our model is robust${' '.repeat(200_000)}to noise.`],
    ['dashes', `the ${'-'.repeat(100_000)} robust model`],
    ['quotes', `${'"'.repeat(20_000)}robust`],
  ])('stays quick: %s', (_, text) => {
    expect(
      cpuTime(() => checkDocument(`A neural network for a data set.\n\n${text}`, 'README.md', evidence)),
    ).toBeLessThan(6000);
  });

  it('survives nesting that exhausts a stack', () => {
    for (const text of [
      '> '.repeat(5000),
      '- '.repeat(3000),
      '['.repeat(20_000),
      '*a '.repeat(3000),
      `${'['.repeat(300)}x${'](y)'.repeat(300)}`,
    ])
      expect(() =>
        checkDocument(`Our neural network is robust to attacks.\n\n${text}`, 'a.md', evidence),
      ).not.toThrow();
  });

  it('says nothing about nothing', () => {
    for (const text of ['', '\ufeff', '\n\n', '# Title', '---\n', '\u0000'])
      expect(checkDocument(text, 'a.md', evidence)).toEqual([]);
  });
});
