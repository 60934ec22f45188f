import { describe, expect, it } from 'vitest';
import { parseRestructuredText } from '../../../../src/claim/document/restructuredText';
import { expectExactRanges } from './ranges';

const lines = (...text: string[]) => `${text.join('\n')}\n`;
const plain = (text: string) => parseRestructuredText(text).sentences.map((sentence) => sentence.plain);

describe('parseRestructuredText', () => {
  it('knows sections by their adornment', () => {
    const text = lines(
      '=====',
      ' Net',
      '=====',
      'One.',
      '',
      'Part',
      '----',
      'Two.',
      '',
      'Sub',
      '~~~',
      'Three.',
      '',
      'Other',
      '-----',
      '',
      'Four.',
    );
    expect(parseRestructuredText(text).sentences.map(({ plain, headings }) => [plain, headings.join('/')])).toEqual([
      ['One.', 'Net'],
      ['Two.', 'Net/Part'],
      ['Three.', 'Net/Part/Sub'],
      ['Four.', 'Net/Other'],
    ]);
  });

  it('reads paragraphs, items, definitions, admonitions and line blocks', () => {
    const text = lines(
      'Goals:',
      '',
      '* first',
      '  goes on',
      '* second',
      '',
      '  with a paragraph',
      '',
      '  - inner',
      '#. numbered',
      '',
      'term : kind',
      '    What it is.',
      '',
      '.. note:: A note',
      '   goes on.',
      '',
      '.. admonition:: Robust title',
      '   :class: tip',
      '',
      '   Inside. More.',
      '',
      '| a line',
      '| another',
    );
    const { sentences } = parseRestructuredText(text);
    expect(sentences.map(({ plain, place }) => [plain, place])).toEqual([
      ['Goals:', 'paragraph'],
      ['first goes on', 'item'],
      ['second', 'item'],
      ['with a paragraph', 'item'],
      ['inner', 'item'],
      ['numbered', 'item'],
      ['What it is.', 'paragraph'],
      ['A note goes on.', 'paragraph'],
      ['Inside.', 'paragraph'],
      ['More.', 'paragraph'],
      ['a line another', 'paragraph'],
    ]);
    expect(sentences[1]!.lead).toBe('Goals:');
    expectExactRanges(text, parseRestructuredText(text));
  });

  it('leaves out what is not prose of this author', () => {
    const text = lines(
      'Text::',
      '',
      '    robust literal',
      '',
      '    still robust',
      '',
      'More ::',
      '',
      '> robust quoted literal',
      '',
      '.. code-block:: python',
      '   :linenos:',
      '',
      '   robust()',
      '',
      '.. math:: robust = 1',
      '.. image:: robust.png',
      '   :alt: robust picture',
      '',
      '.. [1] A robust footnote',
      '.. _robust: https://example.org/robust',
      '.. |x| replace:: robust words',
      '.. a robust comment',
      '   goes on',
      '',
      ':Author: Robust Person',
      '',
      '>>> robust()',
      'True',
      '',
      '--robust  an option',
      '',
      'Quoted by others:',
      '',
      '   They say it is robust.',
      '',
      '----',
      '',
      'End.',
    );
    expect(plain(text)).toEqual(['Text:', 'More :', 'Quoted by others:', 'End.']);
  });

  it('reads inline mark-up, and blanks code, roles and titles of other works', () => {
    const text = lines(
      'The `model <net.onnx>`_ and `its page`_ keep **62 %** of ``robust_net`` under :math:`\\ell_2`, :cite:`robust` and \\*stars\\* [1]_ |robust| `robust`.',
      'See `Towards Deep Learning Models Resistant <https://arxiv.org/abs/1706.06083>`__ and https://example.org/robust.',
      '',
      '.. _Its Page: page.html',
    );
    const [first, second] = parseRestructuredText(text).sentences;
    expect(first!.plain).toBe(
      'The model and its page keep 62 % of robust_net under \\ell_2, robust and *stars* robust.',
    );
    expect(first!.prose).not.toContain('robust');
    expect(first!.links).toEqual(['net.onnx', 'page.html']);
    expect(second!.prose).not.toMatch(/Deep|robust/);
    expectExactRanges(text, parseRestructuredText(text), /[\s|*]/);
  });

  it('reads grid, simple, list and CSV tables', () => {
    const text = lines(
      '+----------+--------+',
      '| Model    | Robust |',
      '|          | acc.   |',
      '+==========+========+',
      '| net 1    | 62 %   |',
      '+----------+--------+',
      '| spans both        |',
      '+----------+--------+',
      '',
      '======  ========',
      'Model   Robust',
      '======  ========',
      'net 2   **50** %',
      '        more',
      '======  ========',
      '',
      '.. list-table:: Title',
      '   :header-rows: 1',
      '',
      '   * - Model',
      '     - Robust',
      '   * - net 3',
      '     - 40 %',
      '',
      '.. csv-table::',
      '   :header: "Model", "Robust"',
      '',
      '   "net, 4", 30 %',
    );
    const { sentences } = parseRestructuredText(text);
    expect(sentences.map((sentence) => [sentence.table?.header, sentence.table?.cells])).toEqual([
      [
        ['Model', 'Robust acc.'],
        ['net 1', '62 %'],
      ],
      [
        ['Model', 'Robust acc.'],
        ['spans both', ''],
      ],
      [
        ['Model', 'Robust'],
        ['net 2', '50 % more'],
      ],
      [
        ['Model', 'Robust'],
        ['net 3', '40 %'],
      ],
      [
        ['Model', 'Robust'],
        ['net, 4', '30 %'],
      ],
    ]);
    expectExactRanges(text, parseRestructuredText(text));
  });

  it('gives comments for suppressions', () => {
    const text = '.. robustness-disable-next-line claims/no-evidence -- it\r\n   is so\r\n\r\nIt holds.\r\n';
    const { comments } = parseRestructuredText(text);
    expect(comments).toHaveLength(1);
    expect(text.slice(comments[0]!.start, comments[0]!.end)).toMatch(/^\.\. robustness[\s\S]*is so$/);
    expect(comments[0]!.body).toMatch(/^ robustness-disable-next-line/);
  });

  it('keeps ranges with emoji, CRLF and tabs', () => {
    const text = '\ufeffNet 🦾\r\n======\r\n\r\nOne 🛡️\tis *fine*. So\r\nis 日本語.\r\n\r\n-\titem 👩‍🔬\r\n';
    expectExactRanges(text, parseRestructuredText(text));
    expect(plain(text)).toEqual(['One 🛡️ is fine.', 'So is 日本語.', 'item 👩‍🔬']);
  });
});
