import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkDocument } from '../../../../src/claim/check';
import { toEvidence } from '../../../../src/claim/evidence';
import { blocksOf, checkBlock, renderBlock } from '../../../../src/claim/fix/block/block';
import { readBlocks } from '../../../../src/claim/fix/block/marker';
import { applyEdits } from '../../../../src/claim/fix/fixes';
import { syntaxOf } from '../../../../src/claim/fix/syntax';
import { RobustnessError } from '../../../../src/engine/error';
import type { AnyReport } from '../../../../src/engine/report/regression';
import { reportBase } from '../../../fixtures/reportBase';
import { reportOutputs } from '../../../fixtures/reportOutputs';
import { reportRich, reportRunning } from '../../../fixtures/reportRich';

const link = '.robustness/net.robustness.json';
const target = { report: link, threats: [], indent: '', eol: '\n' } as const;
const markdown = syntaxOf('README.md');

/** The document with all its blocks refreshed. */
function refreshed(text: string, report: AnyReport, path = 'README.md'): string {
  const { blocks, faults } = blocksOf(text, path);
  expect(faults).toEqual([]);
  return applyEdits(
    text,
    blocks.flatMap((block) => checkBlock(text, path, block, report, link).edit ?? []),
  );
}

const stateOf = (text: string, report: AnyReport) => {
  const [block] = blocksOf(text, 'README.md').blocks;
  return checkBlock(text, 'README.md', block!, report, link).state;
};

const empty = `# Net\n\n<!-- robustness:begin report=${link} -->\n<!-- robustness:end -->\n\nMore.\n`;

describe('an evidence block', () => {
  it('says what was measured, under what, on how many examples, with what pitfalls, by what', () => {
    expect(renderBlock(reportBase(), target, markdown).split('\n').slice(1)).toMatchInlineSnapshot(`
      [
        "",
        "| Model | Threat model | Clean accuracy | Robust accuracy (at most) | n | Attacks |",
        "| --- | --- | --- | --- | ---: | --- |",
        "| \`adversarial.onnx\` | linf ε = 8/255, white-box | 85.0 % (82.7–87.1) | ≤ 48.0 % (44.9–51.1) | 1000 | PGD, APGD-CE, APGD-DLR and the Square Attack |",
        "",
        "- Pitfalls of the evaluation: none found.",
        "- Measured on 2026-01-02 by robustness-inspector 0.1.0; 95 % intervals in brackets; model SHA-256 \`aaaaaaaaaaaa\`; [report](.robustness/net.robustness.json).",
        "",
        "<!-- robustness:end -->",
      ]
    `);
    expect(renderBlock(reportOutputs(), target, markdown).split('\n').slice(1)).toMatchInlineSnapshot(`
      [
        "",
        "| Model | Threat model | Mean absolute error, clean | Worst case found (at least) | Within tolerance (at most) | n | Attacks |",
        "| --- | --- | --- | --- | --- | ---: | --- |",
        "| \`price.onnx\` | linf ε = 1, white-box | 15.1 (13.2–17) | ≥ 63.4 (59.1–67.8) | ≤ 53.4 % (41.3–65.3) | 60 | PGD, APGD and the Square Attack |",
        "| \`price.onnx\` | l1 ε = 2, white-box | 15.1 (13.2–17) | ≥ 48.2 (44.8–51.7) | ≤ 76.7 % (64.7–88.7) | 60 | PGD, APGD and the Square Attack |",
        "",
        "- Pitfalls of the evaluation: 1 warning (\`too-few-examples\`).",
        "- Measured on 2026-11-20 by robustness-inspector 0.1.0; 95 % intervals in brackets; model SHA-256 \`3f9a1c7e3f9a\`; [report](.robustness/net.robustness.json).",
        "",
        "<!-- robustness:end -->",
      ]
    `);
  });

  it('is written in the syntax of the document', () => {
    expect(renderBlock(reportBase(), target, syntaxOf('docs/index.rst'))).toMatchInlineSnapshot(`
      ".. robustness:begin report=.robustness/net.robustness.json digest=a4e5012596e5 (generated; do not edit by hand)

      .. list-table::
         :header-rows: 1

         * - Model
           - Threat model
           - Clean accuracy
           - Robust accuracy (at most)
           - n
           - Attacks
         * - \`\`adversarial.onnx\`\`
           - linf ε = 8/255, white-box
           - 85.0 % (82.7–87.1)
           - ≤ 48.0 % (44.9–51.1)
           - 1000
           - PGD, APGD-CE, APGD-DLR and the Square Attack

      - Pitfalls of the evaluation: none found.
      - Measured on 2026-01-02 by robustness-inspector 0.1.0; 95 % intervals in brackets; model SHA-256 \`\`aaaaaaaaaaaa\`\`; \`report <.robustness/net.robustness.json>\`__.

      .. robustness:end"
    `);
    expect(renderBlock(reportBase(), target, syntaxOf('paper.tex'))).toMatchInlineSnapshot(`
      "% robustness:begin report=.robustness/net.robustness.json digest=0f241afb81e7 (generated; do not edit by hand)

      \\begin{tabular}{llllrl}
        \\hline
        Model & Threat model & Clean accuracy & Robust accuracy (at most) & n & Attacks \\\\
        \\hline
        \\texttt{adversarial.onnx} & linf $\\varepsilon$ = 8/255, white-box & 85.0 \\% (82.7--87.1) & $\\leq$ 48.0 \\% (44.9--51.1) & 1000 & PGD, APGD-CE, APGD-DLR and the Square Attack \\\\
        \\hline
      \\end{tabular}

      \\begin{itemize}
        \\item Pitfalls of the evaluation: none found.
        \\item Measured on 2026-01-02 by robustness-inspector 0.1.0; 95 \\% intervals in brackets; model SHA-256 \\texttt{aaaaaaaaaaaa}; report \\texttt{.robustness/net.robustness.json}.
      \\end{itemize}

      % robustness:end"
    `);
    expect(renderBlock(reportBase(), target, syntaxOf('card.mdx'))).toMatch(/^\{\/\* robustness:begin .*\*\/\}\n/);
  });

  it.each<[string, AnyReport]>([
    ['a classifier', reportBase()],
    ['a classifier with all that can be measured', reportRich()],
    ['a regression', reportOutputs()],
  ])('is filled, and then the same report gives the same bytes: %s', (_, report) => {
    const once = refreshed(empty, report);
    expect(stateOf(empty, report)).toBe('empty');
    expect(stateOf(once, report)).toBe('current');
    expect(refreshed(once, report)).toBe(once);
    expect(once.startsWith('# Net\n\n<!-- robustness:begin')).toBe(true);
    expect(once.endsWith('<!-- robustness:end -->\n\nMore.\n')).toBe(true);
  });

  it('keeps the line ends and the indentation of its document', () => {
    const text = `- item\r\n\r\n  <!-- robustness:begin report=${link} -->\r\n  <!-- robustness:end -->\r\n`;
    const once = refreshed(text, reportBase());
    expect(once.replaceAll('\r\n', '')).not.toContain('\n');
    expect(
      once
        .split('\r\n')
        .slice(2, -1)
        .every((line) => line === '' || line.startsWith('  ')),
    ).toBe(true);
    expect(refreshed(once, reportBase())).toBe(once);
    expect(stateOf(once.replaceAll('\r\n', '\n'), reportBase())).toBe('current');
  });

  it('is outdated when the report has changed, and edited when a person changed it', () => {
    const once = refreshed(empty, reportBase());
    const changed = reportBase((report) => {
      report.threatModels[0]!.robustAccuracy!.value = 0.31;
    });
    expect(stateOf(once, changed)).toBe('outdated');
    const edited = once.replace('≤ 48.0 %', '≤ 84.0 %');
    expect(edited).not.toBe(once);
    expect(stateOf(edited, reportBase())).toBe('edited');
    expect(refreshed(edited, reportBase())).toBe(once);
    expect(stateOf(once.replace('Model', 'Model '), reportBase())).toBe('edited');
  });

  it('shows the threat models that its marker names, and keeps naming them', () => {
    const [first, second] = reportRich().threatModels.map(({ name }) => name);
    const text = empty.replace(' -->', ` threat=${second} -->`);
    const once = refreshed(text, reportRich());
    expect(once).toContain(`threat=${second} digest=`);
    const rows = (document: string) => document.split('\n').filter((line) => /^\| `/.test(line)).length;
    expect(rows(once)).toBe(1);
    expect(rows(refreshed(text.replace(String(second), `${first},${second}`), reportRich()))).toBe(2);
    expect(() => refreshed(text.replace(String(second), 'nobody'), reportRich())).toThrowError(
      expect.objectContaining({ code: 'claim/block-threat' }),
    );
  });

  it('is not made of an evaluation that has not ended', () => {
    expect(() => refreshed(empty, reportRunning())).toThrowError(
      expect.objectContaining({ code: 'claim/block-incomplete' }),
    );
  });

  it('takes nothing of a report as mark-up', () => {
    const report = reportBase((one) => {
      one.model.path = 'models/a|b`c_*x*<img src=x>-->.onnx';
      one.threatModels[0]!.epsilonText = '1 | 2 <!-- robustness:end -->';
    });
    for (const path of ['README.md', 'a.mdx', 'a.rst', 'a.tex']) {
      const block = renderBlock(report, target, syntaxOf(path));
      expect(refreshed(refreshed(empty, report), report)).toBe(refreshed(empty, report));
      expect(block.split('\n').length, path).toBeLessThan(40);
    }
    const table = refreshed(empty, report)
      .split('\n')
      .filter((line) => line.startsWith('| `'));
    // Seven cells: a bar within one is escaped.
    expect(table[0]!.split(/(?<!\\)\|/).length - 2).toBe(6);
  });
});

describe('markers', () => {
  const code = (text: string) => blocksOf(text, 'README.md').faults.map(({ error }) => error.code);
  const begin = `<!-- robustness:begin report=${link} -->\n\n`;
  const end = '<!-- robustness:end -->\n\n';

  it.each([
    ['no end', begin, ['claim/block-not-closed']],
    ['no beginning', end, ['claim/block-not-opened']],
    ['two beginnings', begin + begin + end, ['claim/block-not-closed']],
    ['two ends', begin + end + end, ['claim/block-not-opened']],
    ['a setting that is none', begin.replace('report', 'reprot') + end, ['claim/block-marker']],
    ['a value that is none', begin.replace(' -->', ' nonsense -->') + end, ['claim/block-marker']],
    ['nothing wrong', begin + end, []],
  ])('with %s', (_, text, expected) => expect(code(text)).toEqual(expected));

  it('in code or in text are none', () => {
    expect(blocksOf(`\`\`\`md\n${begin}${end}\`\`\`\n\n    ${begin}`, 'README.md')).toEqual({ blocks: [], faults: [] });
    expect(blocksOf(`See \`${begin.trim()}\`.\n`, 'README.md')).toEqual({ blocks: [], faults: [] });
  });

  it('take a path with blanks, brackets and quotes', () => {
    const report = 'my (own) reports/net.robustness.json';
    const text = renderBlock(reportBase(), { ...target, report }, markdown);
    expect(blocksOf(text, 'README.md').blocks[0]).toMatchObject({ report });
    expect(checkBlock(text, 'README.md', blocksOf(text, 'README.md').blocks[0]!, reportBase(), link).state).toBe(
      'current',
    );
  });

  it('never throw, whatever the comments say', () => {
    const words = fc.constantFrom(
      ' robustness:begin',
      ' robustness:end',
      ' report=',
      'a"',
      '=',
      '(',
      ')',
      ' threat=x',
      '\n',
      ' digest=0',
    );
    fc.assert(
      fc.property(fc.array(fc.array(words, { maxLength: 6 }), { maxLength: 6 }), (bodies) => {
        let text = '';
        const comments = bodies.map((parts) => {
          const body = parts.join('');
          const start = text.length;
          text += `<!--${body}-->\nx\n`;
          return { start, end: start + body.length + 7, body };
        });
        const { blocks, faults } = readBlocks(text, comments);
        for (const { start, end } of [...blocks, ...faults]) expect(start).toBeLessThan(end);
        for (const { error } of faults) expect(RobustnessError.is(error, 'claim/')).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});

describe('the rows of a block', () => {
  const report = reportBase();
  const evidence = { reports: [toEvidence(report, link)!] };
  const once = refreshed(`# A neural network\n\nIt classifies images.\n\n${empty}`, report);
  const rows = (text: string) => checkDocument(text, 'README.md', evidence);

  it('are no claims as long as they are as they were generated', () => expect(rows(once)).toEqual([]));

  it('are held against the report once a person has changed them', () => {
    const [row] = rows(once.replace('≤ 48.0 %', '≥ 84.0 %'));
    expect(row).toMatchObject({ verdict: 'contradicted' });
  });

  it('hide no claim that is put between the markers', () => {
    const found = rows(once.replace('- Pitfalls', 'Our network is immune to adversarial attacks.\n\n- Pitfalls'));
    expect(found.map(({ text }) => text)).toContain('Our network is immune to adversarial attacks.');
  });
});
