import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LineIndex } from '../../../src/claim/lines';

describe('lines', () => {
  it('end with a line feed, a carriage return or both, as editors have it', () => {
    const text = fc.array(fc.constantFrom('a', '🦾', ' ', '\n', '\r', '\r\n', '\u2028'), { maxLength: 40 });
    fc.assert(
      fc.property(
        fc.oneof(
          text,
          text.map((parts) => parts.filter((part) => !part.includes('\r'))),
        ),
        (parts) => {
          const all = parts.join('');
          const index = new LineIndex(all);
          let offset = 0;
          for (const [i, line] of all.split(/\r\n|\r|\n/).entries()) {
            for (let column = 0; column <= line.length; column++) {
              expect(index.position(offset + column)).toEqual({ line: i + 1, column: column + 1 });
              expect(index.offset({ line: i + 1, column: column + 1 })).toBe(offset + column);
            }
            offset += line.length + (/^(?:\r\n|\r|\n)/.exec(all.slice(offset + line.length))?.[0].length ?? 0);
          }
        },
      ),
    );
  });
});
