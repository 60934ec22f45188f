import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkDocument } from '../../../../src/claim/check';
import { type EvidenceIndex, emptyEvidence } from '../../../../src/claim/evidence';
import { applyEdits, fixesOf, rangeOfClaim } from '../../../../src/claim/fix/fixes';
import type { Claim } from '../../../../src/claim/types';
import { figure, index, ran, report, threat } from '../evidence';
import { claims, reports } from './generate';

const documents: readonly [string, (claim: string) => string][] = [
  ['README.md', (claim) => `# A net 🦾\r\n\r\nA classifier of images. ${claim} It was trained on a data set.\r\n`],
  ['README.md', (claim) => `# A net\n\n## Results\n\n- It reads images.\n- ${claim}\n- It is small.\n`],
  ['docs/card.md', (claim) => `# Net\n\n1. **${claim}**\n2. A neural network, trained for ten epochs.\n`],
  ['README.md', (claim) => `# Net\n\nWe attacked it with FGSM alone, under linf ε = 0.9.\n${claim}\nClean: 12%.\n`],
  ['docs/index.rst', (claim) => `Net\n===\n\nA classifier of images. ${claim}\n\n* It reads images.\n`],
  ['docs/index.rst', (claim) => `Net\n===\n\n* ${claim}\n* It reads images.\n`],
  [
    'paper.tex',
    (claim) =>
      `\\documentclass{article}\n\\begin{document}\n\\section{Net}\nA classifier. ${claim.replaceAll('%', '\\%')}\n\\end{document}\n`,
  ],
  ['card.mdx', (claim) => `# Net\n\nA classifier of images. ${claim}\n`],
  ['README.txt', (claim) => `A classifier of images.\n${claim}\n`],
  ['CITATION.cff', (claim) => `cff-version: 1.2.0\ntitle: Net\nabstract: >\n  A classifier of images. ${claim}\n`],
  [
    'net.ipynb',
    (claim) =>
      JSON.stringify({
        cells: [{ cell_type: 'markdown', metadata: {}, source: ['# Net\n', `A classifier. ${claim}`] }],
        metadata: {},
        nbformat: 4,
        nbformat_minor: 5,
      }),
  ],
];

const faulty = (text: string, path: string, evidence: EvidenceIndex): Claim[] =>
  checkDocument(text, path, evidence).filter((claim) => claim.rules.length > 0);

describe('a claim that is rewritten', () => {
  it('is one that its evidence supports, with no rule against it, in place, over many reports and documents', () => {
    let rewritten = 0;
    let looked = 0;
    const formats = new Set<string>();
    fc.assert(
      fc.property(
        reports,
        fc.constantFrom(...claims),
        fc.constantFrom(...documents),
        (evaluation, sentence, [path, around]) => {
          const evidence = index(evaluation);
          const text = around(sentence);
          for (const claim of faulty(text, path, evidence)) {
            if (!sentence.includes(claim.text.replaceAll(/[*\\]/g, ''))) continue;
            looked++;
            const fix = fixesOf(claim, text, evidence).find(({ kind }) => kind === 'rewrite');
            if (fix === undefined) continue;
            rewritten++;
            formats.add(path);
            const [edit] = fix.edits;
            const after = applyEdits(text, fix.edits);
            // What stands around the sentence stays as it is.
            expect(after.slice(0, edit!.start)).toBe(text.slice(0, edit!.start));
            expect(after.slice(edit!.start + edit!.newText.length)).toBe(text.slice(edit!.end));
            const now = checkDocument(after, path, evidence).find(({ text: one }) => one === edit!.newText);
            expect(now, after).toBeDefined();
            expect(now!.rules, after).toEqual([]);
            expect(now!.verdict, after).toBe('supported');
          }
        },
      ),
      { numRuns: 200 },
    );
    expect([...formats].sort()).toEqual([...new Set(documents.map(([path]) => path))].sort());
    expect(looked).toBeGreaterThan(130);
    // Evidence that is weak (a single black-box attack, nothing of the claim's kind) supports no sentence.
    expect(rewritten / looked).toBeGreaterThan(0.6);
  });

  const evaluation = report({
    model: 'models/net.onnx',
    count: 1000,
    clean: figure(0.95, 1000),
    threatModels: [
      threat({
        norm: 'linf',
        epsilon: 8 / 255,
        epsilonText: '8/255',
        robustAccuracy: { value: 0.48049, low: 0.45, high: 0.51, n: 1000 },
        certifiedAccuracy: { value: 0.20099, low: 0.17, high: 0.23, n: 1000 },
        attacks: [
          ran('apgd-ce', figure(0.5), 100),
          ran('apgd-t', figure(0.49), 100),
          ran('fab-t', figure(0.48), 100),
          ran('square', figure(0.48), 5000),
        ],
      }),
    ],
  });
  const rewriteOf = (text: string, path = 'README.md', evidence = index(evaluation)) => {
    const [claim] = faulty(text, path, evidence);
    return fixesOf(claim!, text, evidence).find(({ kind }) => kind === 'rewrite')?.edits[0]?.newText;
  };

  it('names model, attacks, threat model, number of examples and clean accuracy; a bound is never rounded past the figure', () => {
    expect(rewriteOf('Our network is robust to adversarial attacks.')).toBe(
      'The model `net.onnx` has at most 48.1 % robust accuracy under AutoAttack (white-box), linf ε = 8/255, n = 1000; clean accuracy 95.0 %.',
    );
    expect(rewriteOf('Our network is certifiably robust within an l2 radius of 4.')).toBe(
      'The model `net.onnx` has a certified accuracy of at least 20.0 %, linf ε = 8/255, n = 1000; clean accuracy 95.0 %.',
    );
  });

  it('is written in the syntax of the document', () => {
    const text =
      '\\documentclass{article}\n\\begin{document}\nA classifier. Our network is robust to adversarial attacks.\n\\end{document}\n';
    expect(rewriteOf(text, 'paper.tex')).toBe(
      'The model \\texttt{net.onnx} has at most 48.1~\\% robust accuracy under AutoAttack (white-box), $\\ell_\\infty$ $\\varepsilon = 8/255$, $n = 1000$; clean accuracy 95.0~\\%.',
    );
  });

  it('writes per cent as the document does', () => {
    expect(rewriteOf('Our network keeps 99% accuracy under PGD with linf ε = 8/255. Clean: 95%.')).toContain(
      '48.1% robust',
    );
  });

  it('claims no more than attacks when a certificate is claimed and none was computed', () => {
    const attacked = report({
      ...evaluation,
      threatModels: evaluation.threatModels.map((one) => ({ ...one, certifiedAccuracy: null })),
    });
    expect(
      rewriteOf('Our network is certifiably robust within an l2 radius of 4.', 'README.md', index(attacked)),
    ).toMatch(/^The model `net\.onnx` has at most 48\.1 % robust accuracy under AutoAttack/);
  });

  it('is none in a table, where the header asks for something else', () => {
    const text = '# Net\n\n| model | clean | robust (linf ε = 8/255) |\n|---|---|---|\n| net | 95 % | 91 % |\n';
    const [row] = faulty(text, 'README.md', index(evaluation));
    expect(row?.verdict).toBe('contradicted');
    expect(fixesOf(row!, text, index(evaluation)).map(({ kind }) => kind)).not.toContain('rewrite');
  });
});

describe('without evidence that holds', () => {
  const text = 'Our network is robust to adversarial attacks.';
  const kinds = (evidence: EvidenceIndex, document = text) =>
    faulty(document, 'README.md', evidence).map((claim) => fixesOf(claim, document, evidence).map(({ kind }) => kind));

  it.each<[string, EvidenceIndex]>([
    ['no report', emptyEvidence],
    ['a stale one', index(report({ stale: true }))],
    [
      'a void one',
      index(
        report({ pitfalls: [{ rule: 'pitfalls/zero-gradient', severity: 'error', message: 'Gradients are zero.' }] }),
      ),
    ],
    ['one of two models, neither of them named', index(report(), report({ model: 'models/other.onnx' }))],
    [
      'a weak attack alone',
      index(
        report({
          threatModels: [
            threat({ norm: 'linf', epsilon: 0.1, robustAccuracy: figure(0.6), attacks: [ran('fgsm', figure(0.6), 1)] }),
          ],
        }),
      ),
    ],
  ])('the fix is to evaluate: %s', (_, evidence) => {
    expect(kinds(evidence)).toEqual([['evaluate']]);
  });

  it('writes no figure of a stale report, though corrections are at hand', () => {
    const evidence = index(report({ stale: true }));
    const [claim] = faulty(text, 'README.md', evidence);
    const held = {
      ...claim!,
      evidence: { ...claim!.evidence!, stale: true, corrections: [correction(4, 11, '62.0 %')] },
    };
    expect(fixesOf(held, text, evidence).map(({ kind }) => kind)).toEqual(['evaluate']);
  });
});

const correction = (start: number, end: number, replacement: string) => ({
  start,
  end,
  replacement,
  measured: figure(0.62),
});

describe('a figure that is replaced', () => {
  const evidence = index(report());
  const sentence = 'The network keeps 90 % accuracy under PGD with linf ε = 0.1, against 99 % on clean images.';
  const text = `# 🦾 Net\r\n\r\nA\tneural network. ${sentence}\r\n`;
  const withCorrections = (...found: ReturnType<typeof correction>[]): Claim => {
    const [claim] = faulty(text, 'README.md', evidence);
    expect(claim?.verdict).toBe('contradicted');
    return { ...claim!, evidence: { ...claim!.evidence!, corrections: found } };
  };
  const at = (part: string) => sentence.indexOf(part);

  it('stands where the wrong one stood, and is the fix to prefer', () => {
    const claim = withCorrections(
      correction(at('99 %'), at('99 %') + 4, '95.0 %'),
      correction(at('90 %'), at('90 %') + 4, '62.0 %'),
    );
    const [fix] = fixesOf(claim, text, evidence);
    expect(fix).toMatchObject({ kind: 'correct', preferred: true, title: 'Replace 2 figures by the measured ones' });
    const after = applyEdits(text, fix!.edits);
    expect(after).toBe(text.replace('90 %', '62.0 %').replace('99 %', '95.0 %'));
    const [now] = checkDocument(after, 'README.md', evidence);
    expect(now).toMatchObject({ verdict: 'supported', rules: [] });
  });

  it('is named in the title when it is one', () => {
    const claim = withCorrections(correction(at('90 %'), at('90 %') + 4, '62.0 %'));
    expect(fixesOf(claim, text, evidence)[0]?.title).toBe('Replace 90 % by the measured 62.0 %');
  });

  it('is left alone when the text has changed, or the places do not fit', () => {
    const claim = withCorrections(correction(at('90 %'), at('90 %') + 4, '62.0 %'));
    expect(rangeOfClaim(claim, text)).not.toBeNull();
    expect(fixesOf(claim, `x\n${text}`, evidence)).toEqual([]);
    const overlapping = withCorrections(correction(3, 9, 'a'), correction(5, 12, 'b'));
    expect(fixesOf(overlapping, text, evidence).map(({ kind }) => kind)).not.toContain('correct');
    const outside = withCorrections(correction(3, 9000, 'a'));
    expect(fixesOf(outside, text, evidence).map(({ kind }) => kind)).not.toContain('correct');
  });
});
