import { describe, expect, it } from 'vitest';
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
