import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { flavours, generateDocument } from '../../../bench/documents';
import { AssessmentMemory } from '../../../src/claim/assessmentMemory';
import { checkDocument } from '../../../src/claim/check';
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
          let text = generateDocument(seed, flavour, 25);
          for (const { at, remove, insert } of [{ at: 0, remove: 0, insert: '' }, ...edits]) {
            const from = Math.floor(at * text.length);
            text = text.slice(0, from) + insert + text.slice(from + remove);
            const found = checkDocument(text, 'a.md', index(report()), {}, { memory });
            expect(found).toEqual(checkDocument(text, 'a.md', index(report())));
            claims += found.length;
          }
        },
      ),
      { numRuns: 25 },
    );
    expect(claims).toBeGreaterThan(50);
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
