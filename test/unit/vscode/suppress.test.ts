import { describe, expect, it } from 'vitest';
import { checkDocument } from '../../../src/claim/check';
import { emptyEvidence } from '../../../src/claim/evidence';
import { type Insertion, suppressions } from '../../../src/vscode/claims/suppress';

const rule = 'claims/no-threat-model';

const one = (lines: readonly string[], line: number, reason: string, path = 'README.md') => {
  const found = suppressions(lines, line, rule, reason, path);
  expect(found).toHaveLength(1);
  return found[0]!;
};

/** The document with the comments put in, as the editor does. */
function inserted(document: string, insertions: readonly Insertion[]): string {
  const lines = document.split('\n');
  for (const { line, place, text } of [...insertions].reverse()) {
    if (place === 'before') lines.splice(line, 0, text);
    else lines[line] += text;
  }
  return lines.join('\n');
}

describe('suppression', () => {
  it('puts the comment on a line of its own before a paragraph', () => {
    expect(one(['# Title', '', 'The model is robust.'], 2, 'stated below')).toEqual({
      line: 2,
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
    expect(one(lines, line, 'why')).toEqual({
      line,
      place: 'end',
      text: ' <!-- robustness-disable-line claims/no-threat-model -- why -->',
    });
  });

  it('keeps a reason within its comment', () => {
    const { text } = one(['Robust.'], 0, 'see --> the\nappendix --- there');
    expect(text.indexOf('-->')).toBe(text.length - 3);
    expect(text).not.toContain('\n');
    expect(one(['Robust.'], 0, 'a */} b', 'a.mdx').text.match(/\*\//g)).toHaveLength(1);
  });

  it.each<[string, string, readonly string[], number, string]>([
    ['MDX', 'a.mdx', ['- Robust.'], 0, '- Robust. {/* robustness-disable-line claims/no-threat-model -- why */}'],
    [
      'LaTeX',
      'a.tex',
      ['Text', '  robust.'],
      1,
      'Text\n  % robustness-disable-next-line claims/no-threat-model -- why\n  robust.',
    ],
    [
      'reStructuredText',
      'a.rst',
      ['', '* Robust'],
      1,
      '\n.. robustness-disable-next-line claims/no-threat-model -- why\n\n* Robust',
    ],
    [
      'reStructuredText, within a paragraph',
      'a.rst',
      ['We say:', 'robust.', '', 'End.'],
      1,
      '.. robustness-disable claims/no-threat-model -- why\n\nWe say:\nrobust.\n\n.. robustness-enable claims/no-threat-model\n\nEnd.',
    ],
    [
      'a comment of Python',
      'a.py',
      ['x = 1', '  # robust'],
      1,
      'x = 1\n  # robustness-disable-next-line claims/no-threat-model -- why\n  # robust',
    ],
    [
      'a docstring',
      'a.py',
      ['#!/bin/python', '"""Robust."""'],
      1,
      '#!/bin/python\n# robustness-disable-file claims/no-threat-model -- why\n"""Robust."""',
    ],
  ])('is written in the syntax of %s', (_, path, lines, line, expected) => {
    expect(inserted(lines.join('\n'), suppressions(lines, line, rule, 'why', path))).toBe(expected);
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
      document = inserted(document, suppressions(lines, line, rule, 'measured elsewhere', 'README.md'));
    }
    const after = check(document);
    expect(after.find((each) => each.text.startsWith(claim.text.slice(0, 30)))?.rules).toEqual([]);
    expect(after.filter((each) => each.rules.some((hit) => hit.rule === 'claims/suppression-without-reason'))).toEqual(
      [],
    );
  });
});

describe('a claim in another format', () => {
  const claim = 'Our classifier is robust to adversarial attacks.';
  it.each<[string, string]>([
    ['a.rst', `Net\n===\n\n${claim}\n\nEnd.\n`],
    ['a.rst', `Net\n===\n\nWe trained a network.\n${claim}\nIt is small.\n\nEnd.\n`],
    ['a.rst', `Net\n===\n\n* One.\n* ${claim}\n* Three.\n`],
    ['a.tex', `\\documentclass{article}\n\\begin{document}\nA network.\n${claim}\nEnd.\n\\end{document}\n`],
    ['a.mdx', `# Net\n\n- ${claim}\n`],
    ['a.mdx', `# Net\n\n${claim}\n`],
    ['a.py', `"""A network.\n\n${claim}\n"""\n`],
    ['a.py', `x = 1\n# A neural network. ${claim}\ny = 2\n`],
    ['CITATION.cff', `cff-version: 1.2.0\ntitle: Net\nabstract: A network. ${claim}\n`],
  ])('is excused, and the rest read as before: %s', (path, text) => {
    const check = (document: string) => checkDocument(document, path, emptyEvidence);
    const [first] = check(text);
    expect(first?.rules.length).toBeGreaterThan(0);
    let document = text;
    for (const { rule } of first!.rules) {
      const { line } = check(document).find((each) => each.text === first!.text)!;
      document = inserted(document, suppressions(document.split('\n'), line - 1, rule, 'measured elsewhere', path));
    }
    const after = check(document);
    expect(after.map((each) => each.text)).toEqual(check(text).map((each) => each.text));
    expect(after[0]).toMatchObject({ rules: [], suppressed: 'measured elsewhere' });
    expect(after[0]!.suppressedRules).toHaveLength(first!.rules.length);
  });
});
