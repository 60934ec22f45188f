import { describe, expect, it } from 'vitest';
import { checkDocument } from '../../../src/claim/check';
import { emptyEvidence } from '../../../src/claim/evidence';

const claim = 'Our image classifier is robust to adversarial attacks.';
const check = (text: string) => checkDocument(text, 'README.md', emptyEvidence);

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
    expect(elsewhere.flatMap((one) => one.rules)).toHaveLength(2);
    const [comment, flagged] = check(`<!-- robustness-disable-next-line claims/no-threat-model -->\n${claim}`);
    expect(comment).toMatchObject({
      line: 1,
      column: 1,
      text: '<!-- robustness-disable-next-line claims/no-threat-model -->',
    });
    expect(comment!.rules.map((hit) => hit.rule)).toEqual(['claims/suppression-without-reason']);
    expect(flagged!.rules).toHaveLength(2);
  });
});
