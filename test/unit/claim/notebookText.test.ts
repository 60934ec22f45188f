import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkDocument } from '../../../src/claim/check';
import { emptyEvidence } from '../../../src/claim/evidence';
import { LineIndex } from '../../../src/claim/lines';
import { NotebookText } from '../../../src/claim/notebookText';
import type { Claim, Correction } from '../../../src/claim/types';

const cells = fc.array(
  fc.string({
    unit: fc.constantFrom('a', ' ', '"', '\\', '\t', '\n', '\r\n', '😀', 'ε', '\u0007', '\u2028'),
    maxLength: 30,
  }),
  { minLength: 1, maxLength: 4 },
);
const linesOf = (cell: string) => cell.split(/\r\n|\r|\n/);

/** The claim that stands between two offsets of a text. */
function claimAt(text: string, start: number, end: number, corrections: readonly Correction[] = []): Claim {
  const index = new LineIndex(text);
  const [from, to] = [index.position(start), index.position(end)];
  return {
    path: 'a.ipynb',
    line: from.line,
    column: from.column,
    endLine: to.line,
    endColumn: to.column,
    text: text.slice(start, end),
    kind: 'general',
    verdict: 'contradicted',
    rules: [],
    evidence: { report: 'r', model: 'm', figures: [], stale: false, pointer: null, corrections },
    suppressed: null,
  };
}

describe('the text of an open notebook', () => {
  it('is a notebook file with the same cells', () => {
    fc.assert(
      fc.property(cells, (sources) => {
        const { cells: written } = JSON.parse(new NotebookText(sources).text) as { cells: { source: string[] }[] };
        expect(written.map(({ source }) => source.join(''))).toEqual(sources.map((cell) => linesOf(cell).join('\n')));
      }),
    );
    expect(() => JSON.parse(new NotebookText([]).text)).not.toThrow();
  });

  it('leads back from each place to the cell, whatever is escaped before it', () => {
    fc.assert(
      fc.property(cells, (sources) => {
        const notebook = new NotebookText(sources);
        const json = notebook.text.split('\n');
        const seen: string[][] = sources.map(() => []);
        for (const [at, line] of json.entries()) {
          if (!line.startsWith('    "')) continue;
          // Behind each prefix that is a whole string by itself.
          for (let end = 5; end < line.length; end++) {
            let content: string;
            try {
              content = JSON.parse(`"${line.slice(5, end)}"`) as string;
            } catch {
              continue;
            }
            const place = notebook.locate(at + 1, end + 1);
            const whole = linesOf(sources[place!.cell]!)[place!.line]!;
            expect(whole.slice(0, place!.character)).toBe(content.replace('\n', ''));
            seen[place!.cell]![place!.line] = whole;
          }
        }
        expect(seen).toEqual(sources.map(linesOf));
      }),
    );
  });

  it('gives a claim the lines and words of its cell, and its corrections with it', () => {
    const sources = ['# A "title"', 'One\tline.\r\nWe reach "62 %"\r\nunder attack.'];
    const notebook = new NotebookText(sources);
    const start = notebook.text.indexOf('We reach');
    const end = notebook.text.indexOf('attack.') + 'attack.'.length;
    const text = notebook.text.slice(start, end);
    const measured = { value: 0.194, low: 0.17, high: 0.22, n: 1000 };
    const figure = { start: text.indexOf('62 %'), end: text.indexOf('62 %') + 4, measured, replacement: '19 %' };
    const found = notebook.toCell(claimAt(notebook.text, start, end, [figure]));
    expect(found).toMatchObject({
      cell: 1,
      claim: { line: 2, column: 1, endLine: 3, endColumn: 14, text: 'We reach "62 %"\nunder attack.' },
    });
    const [correction] = found!.claim.evidence!.corrections;
    expect(found!.claim.text.slice(correction!.start, correction!.end)).toBe('62 %');
  });

  it('is read by the linter as its file is, and the claims are found in their cells', () => {
    const sources = [
      '# A neural "network"',
      'It reads\tdigits. 😀 "Well".\n\n- Our model is robust to adversarial attacks.',
    ];
    const notebook = new NotebookText(sources);
    const claims = checkDocument(notebook.text, 'a.ipynb', emptyEvidence);
    expect(claims).toHaveLength(1);
    const found = notebook.toCell(claims[0]!);
    expect(found).toMatchObject({ cell: 1, claim: { line: 3, column: 3, endLine: 3 } });
    expect(found!.claim.text).toBe('Our model is robust to adversarial attacks.');
  });

  it('has no claim outside of its cells, nor over two of them', () => {
    const notebook = new NotebookText(['One.', 'Two.']);
    const { text } = notebook;
    expect(notebook.toCell(claimAt(text, 0, 5))).toBeNull();
    expect(notebook.toCell(claimAt(text, text.indexOf('One'), text.indexOf('Two') + 3))).toBeNull();
    expect(notebook.toCell(claimAt(text, text.indexOf('Two'), text.indexOf('Two') + 4))).toMatchObject({ cell: 1 });
  });
});
