import { describe, expect, it } from 'vitest';
import { checkDocument } from '../../../src/claim/check';
import { emptyEvidence } from '../../../src/claim/evidence';
import type { Claim } from '../../../src/claim/types';

const claim = 'Our image classifier is robust to adversarial attacks.';
const check = (text: string) => checkDocument(text, 'README.md', emptyEvidence);
const broken = ['claims/no-threat-model', 'claims/binary-robustness'];
const rulesOf = (claims: readonly Claim[]) => claims.flatMap((one) => one.rules.map((hit) => hit.rule));

describe('suppression comments', () => {
  it.each([
    ['the next line', `<!-- robustness-disable-next-line -- section 2 has it -->\n${claim}\n`],
    ['past an empty line', `<!-- robustness-disable-next-line -- section 2 has it -->\n\n${claim}\n`],
    ['its own line', `${claim} <!-- robustness-disable-line -- section 2 has it -->\n`],
    ['CRLF', `<!-- robustness-disable-next-line -- section 2 has it -->\r\n${claim}\r\n`],
    [
      'all rules by name',
      `<!-- robustness-disable-next-line claims/no-threat-model, claims/binary-robustness -- section 2 has it -->\n${claim}`,
    ],
  ])('excuses %s, with the reason kept', (_, text) => {
    const claims = check(text);
    expect(claims).toHaveLength(1);
    expect(claims[0]).toMatchObject({ rules: [], suppressed: 'section 2 has it' });
    expect(claims[0]!.suppressedRules!.map((hit) => hit.rule).sort()).toEqual([
      'claims/binary-robustness',
      'claims/no-threat-model',
    ]);
  });

  it('leaves the rules that it does not name', () => {
    const [only] = check(`<!-- robustness-disable-next-line claims/no-threat-model -- section 2 -->\n${claim}`);
    expect(only!.rules.map((hit) => hit.rule)).toEqual(['claims/binary-robustness']);
    expect(only!.suppressed).toBeNull();
    expect(only!.suppressedRules!.map((hit) => hit.rule)).toEqual(['claims/no-threat-model']);
  });

  it('excuses nothing else, and nothing without a reason', () => {
    const elsewhere = check(`<!-- robustness-disable-next-line -- why -->\nText.\n\n${claim}`);
    expect(rulesOf(elsewhere)).toEqual(['claims/unused-suppression', ...broken]);
    const [comment, flagged] = check(`<!-- robustness-disable-next-line claims/no-threat-model -->\n${claim}`);
    expect(comment).toMatchObject({
      line: 1,
      column: 1,
      text: '<!-- robustness-disable-next-line claims/no-threat-model -->',
      comment: true,
      verdict: 'underspecified',
    });
    expect(comment!.rules.map((hit) => hit.rule)).toEqual(['claims/suppression-without-reason']);
    expect(flagged!.rules).toHaveLength(2);
    expect(flagged).not.toHaveProperty('comment');
  });
});

describe('blocks and files', () => {
  const other = 'The network is robust to noise.';

  it('are excused from the comment to the one that enables again', () => {
    const text = `${claim}\n\n<!-- robustness-disable -- quoted -->\n\n${claim}\n\n${other}\n\n<!-- robustness-enable -->\n\n${other}`;
    const claims = check(text);
    expect(claims.map(({ suppressed, rules }) => [suppressed, rules.length])).toEqual([
      [null, 2],
      ['quoted', 0],
      ['quoted', 0],
      [null, 2],
    ]);
  });

  it('end with the document where nothing enables, and may be enabled rule by rule', () => {
    const text = `<!-- robustness-disable -- a brochure -->\n\n${claim}\n\n<!-- robustness-enable claims/binary-robustness -->\n\n${other}`;
    const [first, second] = check(text);
    expect(first!.rules).toEqual([]);
    expect(second!.rules.map((hit) => hit.rule)).toEqual(['claims/binary-robustness']);
    expect(second!.suppressedRules!.map((hit) => hit.rule)).toEqual(['claims/no-threat-model']);
  });

  it('nest: each enables what it names', () => {
    const text = [
      '<!-- robustness-disable no-threat-model -- one -->',
      '<!-- robustness-disable binary-robustness -- two -->',
      claim,
      '<!-- robustness-enable binary-robustness -->',
      claim,
      '<!-- robustness-enable -->',
      claim,
    ].join('\n\n');
    expect(check(text).map(({ rules }) => rules.map((hit) => hit.rule))).toEqual([
      [],
      ['claims/binary-robustness'],
      ['claims/no-threat-model', 'claims/binary-robustness'],
    ]);
  });

  it('a comment for the file excuses what stands before it as well', () => {
    const claims = check(`${claim}\n\n${other}\n\n<!-- robustness-disable-file -- a brochure -->`);
    expect(claims.map(({ suppressed }) => suppressed)).toEqual(['a brochure', 'a brochure']);
  });

  it('a dash of print will do before the reason', () => {
    expect(check(`<!-- robustness-disable-next-line — section 2 -->\n${claim}`)[0]!.suppressed).toBe('section 2');
  });
});

describe('comments at fault', () => {
  it('a misspelt name excuses nothing, and says what was meant', () => {
    const [comment, flagged] = check(`<!-- robustness-disable-next-line claims/no-treat-model -- why -->\n${claim}`);
    expect(comment!.rules[0]).toMatchObject({
      rule: 'claims/unknown-rule',
      severity: 'warning',
      message: 'There is no rule "claims/no-treat-model"; did you mean "claims/no-threat-model"?',
    });
    expect(flagged!.rules).toHaveLength(2);
  });

  it('is blamed once, also where it would enable', () => {
    const text = `<!-- robustness-disable -- why -->\n\n${claim}\n\n<!-- robustness-enable claims/no-treat-model -->`;
    expect(rulesOf(check(text))).toEqual(['claims/unknown-rule']);
  });

  it('one that excuses nothing is named, and no claim is the worse for it', () => {
    const text = `<!-- robustness-disable-next-line claims/no-threat-model, claims/stale -- why -->\n${claim}`;
    const [comment] = check(text);
    expect(comment).toMatchObject({ comment: true, verdict: 'supported', kind: 'general' });
    expect(comment!.rules).toEqual([
      {
        rule: 'claims/unused-suppression',
        severity: 'info',
        message: 'This comment excuses nothing for claims/stale; remove it, or what it names.',
      },
    ]);
  });
});
