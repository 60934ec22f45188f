import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Claim, ClaimVerdict } from '../../../src/claim/types';
import {
  type ClaimFilter,
  claimLabel,
  claimStates,
  countStates,
  filters,
  groupClaims,
  listClaims,
  needsAttention,
  noFilter,
  stateOf,
} from '../../../src/vscode/claims/viewModel';

const verdicts: readonly ClaimVerdict[] = [
  'supported',
  'unsupported',
  'contradicted',
  'stale',
  'overreaching',
  'underspecified',
];

function claim(change: Partial<Claim> = {}): Claim {
  return {
    path: 'README.md',
    line: 1,
    column: 1,
    endLine: 1,
    endColumn: 10,
    text: 'It is robust.',
    kind: 'general',
    verdict: 'unsupported',
    rules: [],
    evidence: null,
    suppressed: null,
    ...change,
  };
}

const documents = fc.array(
  fc.array(
    fc.record({
      verdict: fc.constantFrom(...verdicts),
      suppressed: fc.constantFrom(null, null, 'measured in the paper'),
      line: fc.integer({ min: 1, max: 50 }),
      text: fc.constantFrom('It is robust.', 'It keeps 40 %.'),
    }),
    { maxLength: 6 },
  ),
  { maxLength: 6 },
);
const listed = documents.map((all) =>
  all.flatMap((claims, at) =>
    listClaims(
      `file:///${at}.md`,
      `${at}.md`,
      claims.map((each) => claim(each)),
    ),
  ),
);
const filter: fc.Arbitrary<ClaimFilter> = fc.record({
  states: fc.uniqueArray(fc.constantFrom(...claimStates)).map((states) => new Set(states)),
  document: fc.constantFrom(null, 'file:///1.md'),
});

describe('the list of claims', () => {
  it('holds each claim that passes the filter in one group of its own kind, and no other', () => {
    fc.assert(
      fc.property(
        listed,
        fc.constantFrom('verdict' as const, 'document' as const),
        filter,
        (claims, grouping, only) => {
          const groups = groupClaims(claims, grouping, only);
          const shown = groups.flatMap((group) => group.claims.map((each) => each.id)).sort();
          const expected = claims
            .filter((each) => only.states.size === 0 || only.states.has(stateOf(each.claim)))
            .filter((each) => only.document === null || each.uri === only.document)
            .map((each) => each.id)
            .sort();
          expect(shown).toEqual(expected);
          for (const { key, claims: of } of groups) {
            expect(of.length).toBeGreaterThan(0);
            for (const each of of) expect(grouping === 'verdict' ? stateOf(each.claim) : each.uri).toBe(key);
          }
          expect(new Set(groups.map(({ key }) => key)).size).toBe(groups.length);
        },
      ),
    );
  });

  it('puts what needs attention most first, and what somebody excused last', () => {
    const claims = listClaims('file:///a.md', 'a.md', [
      claim({ verdict: 'supported' }),
      claim({ verdict: 'contradicted', suppressed: 'a misprint of the paper' }),
      claim({ verdict: 'stale' }),
      claim({ verdict: 'contradicted' }),
    ]);
    expect(groupClaims(claims, 'verdict').map(({ key }) => key)).toEqual([
      'contradicted',
      'stale',
      'supported',
      'suppressed',
    ]);
    expect([...countStates(claims)]).toEqual([
      ['contradicted', 1],
      ['stale', 1],
      ['supported', 1],
      ['suppressed', 1],
    ]);
  });

  it('counts numbers in names, and keeps the order of the text', () => {
    const of = (cell: number, lines: number[]) =>
      listClaims(
        `cell:${cell}`,
        `study.ipynb, cell ${cell}`,
        lines.map((line) => claim({ line })),
      );
    const claims = [...of(10, [1]), ...of(2, [7, 3])];
    expect(groupClaims(claims, 'document').map(({ key }) => key)).toEqual(['cell:2', 'cell:10']);
    expect(groupClaims(claims, 'verdict')[0]!.claims.map((each) => `${each.uri} ${each.claim.line}`)).toEqual([
      'cell:2 3',
      'cell:2 7',
      'cell:10 1',
    ]);
  });

  it('is made for a thousand documents in a moment', () => {
    const claims = Array.from({ length: 1000 }, (_, at) =>
      listClaims(
        `file:///docs/${at}.md`,
        `docs/${at}.md`,
        Array.from({ length: 10 }, (_, nth) => claim({ line: nth + 1, verdict: verdicts[(at + nth) % 6]! })),
      ),
    ).flat();
    groupClaims(claims, 'verdict');
    const started = performance.now();
    expect(groupClaims(claims, 'verdict').flatMap((group) => group.claims)).toHaveLength(10_000);
    // It takes some 10 ms; comparing the names of documents claim by claim took ten times that.
    expect(performance.now() - started).toBeLessThan(500);
  });

  it('knows a claim again that moved, and tells equal sentences apart', () => {
    const ids = (lines: number[]) =>
      listClaims(
        'a',
        'a',
        lines.map((line) => claim({ line })),
      ).map(({ id }) => id);
    expect(ids([3, 9])).toEqual(ids([5, 12]));
    expect(new Set(ids([3, 9])).size).toBe(2);
  });

  it('shows a sentence as one line without marks, and a long one cut', () => {
    expect(claimLabel({ text: '**Our** model\n  is `robust`.' })).toBe('Our model is robust.');
    expect(claimLabel({ text: 'word '.repeat(100) })).toHaveLength(160);
  });

  it('asks for attention where a rule speaks', () => {
    expect(needsAttention(claim())).toBe(false);
    expect(needsAttention(claim({ rules: [{ rule: 'claims/stale', severity: 'warning', message: '' }] }))).toBe(true);
    expect(filters(noFilter)).toBe(false);
  });
});
