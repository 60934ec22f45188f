import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { generateDocument } from '../../../../bench/documents';
import { ReadingMemory } from '../../../../src/claim/document/commonmark/memory';
import { parseMarkdown } from '../../../../src/claim/document/markdown';
import { parseMdx } from '../../../../src/claim/document/mdx';
import type { ProseDocument } from '../../../../src/claim/document/types';
import { soup } from '../soup';

/** Everything that is read, so that it can be compared. */
const read = ({ sentences, ...rest }: ProseDocument) => ({
  ...rest,
  sentences: sentences.map(({ origin, ...sentence }) => sentence),
});

/** Pieces that change how what follows is read, or end what stands before. */
const typed = [
  ...[
    '',
    ' ',
    'x',
    '\n',
    '\n\n',
    '\r\n',
    '# A\n\n',
    '## B\n',
    '---\n',
    '===\n',
    '- ',
    '  ',
    '    ',
    '> ',
    '```\n',
    '|',
  ],
  ...[
    '| a | b |\n|---|---|\n',
    '<!--',
    '-->',
    '<table><tr><td>',
    '</table>',
    '<details>\n',
    '<p>',
    '</p>\n\n',
    '*',
    '`',
  ],
  ...['[r]: https://example.org\n', '[r]: https://arxiv.org/abs/1\n', '[some words][r]', ':::note\n', ':::\n', '1. '],
  ...['```{note}\n', '{/* ', ' */}', 'In short:\n\n', 'It is robust. ', '🦾', '\ufeff', '$$\n', '---\nmodel: a\n---\n'],
];

const edit = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  remove: fc.oneof(fc.constant(0), fc.nat({ max: 12 }), fc.nat({ max: 400 })),
  insert: fc.oneof(
    fc.constantFrom(...typed),
    fc.nat().map((seed) => soup(seed, 6)),
  ),
});

/** Ordinary text with soup in it, so that there are blocks to take over. */
const text = fc
  .tuple(fc.nat(), fc.nat(), fc.boolean())
  .map(([a, b, bare]) =>
    bare
      ? soup(a, 120)
      : `${generateDocument(a, 'learning', 20)}\n${soup(b, 20)}\n\n${generateDocument(b, 'claims', 20)}`,
  );

describe.each([
  ['Markdown', parseMarkdown],
  ['MDX', parseMdx],
])('what is remembered of a reading of %s', (_name, parse) => {
  it('changes nothing of what is read, whatever is edited', () => {
    fc.assert(
      fc.property(text, fc.array(edit, { minLength: 1, maxLength: 8 }), (before, edits) => {
        const memory = new ReadingMemory();
        let now = before;
        parse(now, memory);
        for (const { at, remove, insert } of edits) {
          const from = Math.floor(at * now.length);
          now = now.slice(0, from) + insert + now.slice(from + remove);
          expect(read(parse(now, memory))).toEqual(read(parse(now)));
        }
      }),
      { numRuns: 60 },
    );
  });

  it('leaves all but the edited block as it was', () => {
    const memory = new ReadingMemory();
    const document = generateDocument(3, 'learning', 400);
    const before = new Set(parse(document, memory).sentences.map(({ origin }) => origin));
    const at = document.indexOf('. ', document.length / 2);
    const { sentences } = parse(`${document.slice(0, at)} indeed${document.slice(at)}`, memory);
    const anew = sentences.filter(({ origin }) => !before.has(origin));
    expect(anew.length).toBeGreaterThan(0);
    expect(anew.length).toBeLessThan(40);
  });
});

describe('what is remembered of a reading', () => {
  it('is not taken where headings, definitions or the paragraph above say otherwise now', () => {
    // What is too short is parsed anew in any case.
    const rest = generateDocument(8, 'learning', 9);
    const bodies = [
      'See [three plain words][r] here.\n\nThe end of it all is here.\n\n',
      '> A quotation.\n\n',
      '- An item.\n\n',
      '<td>b</td></tr>\n\n<tr><td>c</td></tr></table>\n\n',
      '<td>b\n\nIt goes on.\n\n</td></tr></table>\n\n',
    ];
    const heads = [
      '# A\n\nText.',
      '# B\n\nText.',
      '# B\n\nText:',
      '# B',
      '# B\n\n| a |\n|---|\n| b |',
      '# B\n\n<!-- c -->',
      '## B\n\nText.\n\n[r]: https://arxiv.org/abs/1',
      '## B\n\nText.\n\n[r]: tools/run.py',
      '<table><tr><th>a</th></tr><tr>',
      '<table><tr><th>a</th></tr></table>',
      '<p>In the midst of',
      '',
    ];
    for (const body of bodies) {
      const text = (head: string) => `${head}\n\n${body}${rest}`;
      const expected = heads.map((head) => read(parseMarkdown(text(head))));
      const memory = new ReadingMemory();
      for (const first of heads) {
        for (const [i, then] of heads.entries()) {
          parseMarkdown(text(first), memory);
          expect(read(parseMarkdown(text(then), memory))).toEqual(expected[i]);
        }
      }
    }
  });

  it('is of one format', () => {
    const memory = new ReadingMemory();
    const source = 'It is <b>robust</b> {x} here.\n\n<Tag a={1}>\n\nWords.\n\n</Tag>\n\n<!-- c -->\n';
    for (const parse of [parseMarkdown, parseMdx, parseMarkdown])
      expect(read(parse(source, memory))).toEqual(read(parse(source)));
  });
});
