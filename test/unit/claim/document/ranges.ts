import { expect } from 'vitest';
import type { ProseDocument } from '../../../../src/claim/document/types';

/** Units of plain text that may stand for something that is written otherwise. */
const decoded = /[\s|"“”'‘’–—…±×≤≥≈&<>%ε∞ℓ\u00a0]/;

/**
 * Holds what every format promises: ranges lie in the text and in order of their ends, each unit of plain text has an offset
 * in its sentence's range, ascending, and stands there as it is written.
 *
 * @param spelled units that the format spells in its own way, as escapes of JSON
 */
export function expectExactRanges(text: string, document: ProseDocument, spelled: RegExp = decoded): void {
  for (const sentence of document.sentences) {
    const { start, end, plain, prose, offsets } = sentence;
    expect(start).toBeGreaterThanOrEqual(0);
    expect(end).toBeGreaterThan(start);
    expect(end).toBeLessThanOrEqual(text.length);
    expect(prose).toHaveLength(plain.length);
    expect(offsets).toHaveLength(plain.length);
    let last = start;
    for (const [i, offset] of offsets.entries()) {
      if (offset < last || offset >= end) expect.fail(`offset ${offset} of ${JSON.stringify(plain)} is out of order`);
      last = offset;
      if (text[offset] !== plain[i] && !spelled.test(plain[i]!))
        expect.fail(
          `${JSON.stringify(plain[i])} of ${JSON.stringify(plain)} stands for ${JSON.stringify(text[offset])}`,
        );
    }
  }
  for (const { start, end } of document.comments) {
    expect(start).toBeGreaterThanOrEqual(0);
    expect(end).toBeGreaterThan(start);
    expect(end).toBeLessThanOrEqual(text.length);
  }
  for (const result of document.results) {
    expect(result.offsets).toHaveLength(result.plain.length);
    expect(result.end).toBeGreaterThan(result.start);
    expect(result.end).toBeLessThanOrEqual(text.length);
  }
}
