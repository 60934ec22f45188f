import { describe, expect, it } from 'vitest';
import { checkDocument } from '../../../src/claim/check';
import { emptyEvidence } from '../../../src/claim/evidence';
import { suppression } from '../../../src/vscode/claims/suppress';

const rule = 'claims/no-threat-model';

describe('suppression', () => {
  it('puts the comment on a line of its own before a paragraph', () => {
    expect(suppression(['# Title', '', 'The model is robust.'], 2, rule, 'stated below')).toEqual({
      place: 'before',
      text: '<!-- robustness-disable-next-line claims/no-threat-model -- stated below -->',
    });
  });

  it.each([
    ['a list item', ['', '- The model is robust.'], 1],
    ['a numbered item', ['', '2. The model is robust.'], 1],
    ['a table row', ['| model |', '| --- |', '| robust |'], 2],
    ['a later line of a paragraph', ['The model is', 'robust.'], 1],
    ['a heading', ['# Robust model'], 0],
    ['a block quote', ['> robust'], 0],
    ['an indented line', ['', '  robust'], 1],
  ])('puts it behind the line of %s, which a line of its own would break', (_, lines, line) => {
    expect(suppression(lines, line, rule, 'why')).toEqual({
      place: 'end',
      text: ' <!-- robustness-disable-line claims/no-threat-model -- why -->',
    });
  });

  it('keeps a reason within its comment', () => {
    const { text } = suppression(['Robust.'], 0, rule, 'see --> the\nappendix --- there');
    expect(text.indexOf('-->')).toBe(text.length - 3);
    expect(text).not.toContain('\n');
  });
});

describe('a suppressed claim', () => {
  const text = [
    '# Model',
    '',
    'Our classifier is robust to adversarial attacks.',
    'It is also immune to every adversarial example.',
    '',
    '- The network is robust against adversarial attacks.',
    '',
    'We trained it for ten epochs. The model is provably robust to adversarial perturbations.',
    '',
  ].join('\n');
  const check = (document: string) => checkDocument(document, 'README.md', emptyEvidence);
  const faulty = check(text).filter((claim) => claim.rules.length > 0);

  it('is found before it is suppressed', () => expect(faulty.length).toBeGreaterThan(2));

  it.each(faulty.map((claim) => [claim.text, claim] as const))('is excused: %s', (_, claim) => {
    let document = text;
    // Each rule is suppressed by a fix of its own, as a person would; lines move when a comment takes one.
    for (const { rule } of claim.rules) {
      const now = check(document).find((each) => each.text.startsWith(claim.text.slice(0, 30)));
      const lines = document.split('\n');
      const line = (now?.line ?? 1) - 1;
      const { place, text: comment } = suppression(lines, line, rule, 'measured elsewhere');
      if (place === 'before') lines.splice(line, 0, comment);
      else lines[line] += comment;
      document = lines.join('\n');
    }
    const after = check(document);
    expect(after.find((each) => each.text.startsWith(claim.text.slice(0, 30)))?.rules).toEqual([]);
    expect(after.filter((each) => each.rules.some((hit) => hit.rule === 'claims/suppression-without-reason'))).toEqual(
      [],
    );
  });
});
