import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { flavours, generateDocument } from '../../../bench/documents';
import { AssessmentMemory } from '../../../src/claim/assessmentMemory';
import { checkDocument } from '../../../src/claim/check';
import { ReadingMemory } from '../../../src/claim/document/commonmark/memory';
import { emptyEvidence } from '../../../src/claim/evidence';
import { index, report } from './evidence';

/** What a person does to a text between two checks. */
const edit = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  remove: fc.nat({ max: 200 }),
  insert: fc.constantFrom(
    '',
    'x',
    '\n\n',
    '# Limitations\n\n',
    '62 %',
    ' not',
    '\r\n',
    'Our model is robust to noise. ',
    '```\n',
    '| ',
    '🦾',
  ),
});

describe('the memory of a document', () => {
  it('changes nothing that is found, whatever is edited', () => {
    let claims = 0;
    fc.assert(
      fc.property(
        fc.constantFrom(...flavours),
        fc.nat(50),
        fc.array(edit, { maxLength: 6 }),
        (flavour, seed, edits) => {
          const memory = new AssessmentMemory();
          const reading = new ReadingMemory();
          let text = generateDocument(seed, flavour, 25);
          for (const { at, remove, insert } of [{ at: 0, remove: 0, insert: '' }, ...edits]) {
            const from = Math.floor(at * text.length);
            text = text.slice(0, from) + insert + text.slice(from + remove);
            const found = checkDocument(text, 'a.md', index(report()), {}, { memory, reading });
            expect(found).toEqual(checkDocument(text, 'a.md', index(report())));
            claims += found.length;
          }
        },
      ),
      { numRuns: 25 },
    );
    expect(claims).toBeGreaterThan(50);
  });

  it('asks again for a sentence that stays where its neighbours do not', () => {
    const memory = new AssessmentMemory();
    const reading = new ReadingMemory();
    const rest = generateDocument(1, 'learning', 20);
    const claim = 'Our classifier is robust to adversarial attacks.';
    const known = 'We attack it with PGD, linf ε = 8/255, 100 steps.';
    const table = (row: string) => `| attack |\n|---|\n| ${row} |`;
    const rules = [
      [table('none'), 'It is small.'],
      [table(known), 'It is small.'],
      [table('none'), 'It is small.'],
      [table('none'), known],
      [table('none'), 'It is small.'],
    ].map(([before, after]) => {
      const text = `${rest}\n\n# Model\n\n${before}\n\n${claim}\n\n${after}\n\n${rest}`;
      const found = checkDocument(text, 'a.md', emptyEvidence, {}, { memory, reading });
      expect(found).toEqual(checkDocument(text, 'a.md', emptyEvidence));
      return found.find(({ text }) => text === claim)?.rules.length;
    });
    expect(new Set(rules).size).toBeGreaterThan(1);
  });

  it('is of one path, one evidence, one set of severities', () => {
    const memory = new AssessmentMemory();
    const text = 'Our model is robust to adversarial attacks.\n';
    const plain = checkDocument(text, 'a.md', emptyEvidence, {}, { memory });
    expect(plain[0]?.rules.length).toBeGreaterThan(0);
    const off = { 'no-threat-model': 'off', 'binary-robustness': 'off' } as const;
    expect(checkDocument(text, 'a.md', emptyEvidence, off, { memory })).toEqual(
      checkDocument(text, 'a.md', emptyEvidence, off),
    );
    const evidence = index(report());
    expect(checkDocument(text, 'a.md', evidence, {}, { memory })).toEqual(checkDocument(text, 'a.md', evidence));
    expect(checkDocument(text, 'b.md', evidence, {}, { memory })).toEqual(checkDocument(text, 'b.md', evidence));
  });

  it('holds no more than the document, and leaves little to do after an edit', () => {
    const memory = new AssessmentMemory();
    const text = generateDocument(1, 'claims', 300);
    checkDocument(text, 'a.md', emptyEvidence, {}, { memory });
    const size = memory.size;
    for (let i = 0; i < 5; i++)
      checkDocument(`${text}Our model ${i} is robust.\n`, 'a.md', emptyEvidence, {}, { memory });
    expect(memory.size).toBeLessThan(size + 5);
  });
});
