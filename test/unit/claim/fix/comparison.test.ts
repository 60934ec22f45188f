import { describe, expect, it } from 'vitest';
import { checkDocument } from '../../../../src/claim/check';
import type { EvidenceReport } from '../../../../src/claim/evidence';
import { compareClaim } from '../../../../src/claim/fix/comparison';
import { figure, index, ran, report, threat } from '../evidence';

const evaluation: EvidenceReport = report({
  clean: figure(0.95),
  threatModels: [
    threat({
      norm: 'linf',
      epsilon: 8 / 255,
      epsilonText: '8/255',
      robustAccuracy: figure(0.62),
      attacks: [ran('pgd', figure(0.62), 40)],
    }),
    threat({
      norm: 'l2',
      epsilon: 0.5,
      robustAccuracy: figure(0.7),
      certifiedAccuracy: figure(0.4),
      attacks: [ran('pgd', figure(0.7), 40)],
    }),
  ],
  corruptions: { meanAccuracy: figure(0.8), byCorruption: [{ name: 'fog', severity: 3, accuracy: figure(0.8) }] },
});

function rows(text: string, corrected: readonly string[] = []) {
  const [claim] = checkDocument(text, 'README.md', index(evaluation));
  const corrections = corrected.map((part) => {
    const start = claim!.text.indexOf(part);
    return { start, end: start + part.length, replacement: '1 %', measured: figure(0.01) };
  });
  const held = { ...claim!, evidence: { ...claim!.evidence!, corrections } };
  return compareClaim(held, evaluation).map(({ measure, condition, stated, differs }) => ({
    row: `${measure} ${condition}`.trim(),
    stated,
    differs,
  }));
}

const linf = 'robust linf ε = 8/255';
const l2 = 'robust l2 ε = 0.5';
const certified = 'certified l2 ε = 0.5';
const statedIn = (found: ReturnType<typeof rows>) =>
  Object.fromEntries(found.flatMap(({ row, stated }) => (stated === null ? [] : [[row, stated]])));

describe('what a claim states, beside what was measured', () => {
  it('stands in the row of its threat model', () => {
    const text = 'The network keeps 61 % accuracy under PGD with linf ε = 8/255, against 95 % clean accuracy.';
    expect(statedIn(rows(text))).toEqual({ clean: '95 %', [linf]: '61 %' });
    expect(statedIn(rows(text.replace('linf ε = 8/255', 'l2 ε = 0.5')))).toEqual({ clean: '95 %', [l2]: '61 %' });
  });

  it('stands in no row of a threat model that it does not speak of', () => {
    const text = 'The network keeps 61 % accuracy under PGD with l1 ε = 12, against 95 % clean accuracy.';
    expect(statedIn(rows(text))).toEqual({ clean: '95 %' });
  });

  it('is certified, or under corruption, where the claim is', () => {
    expect(statedIn(rows('The network has a certified accuracy of 41 % within an l2 radius of 0.5.'))).toEqual({
      [certified]: '41 %',
    });
    expect(statedIn(rows('The network keeps 77 % accuracy under fog of severity 3.'))).toEqual({ corruptions: '77 %' });
  });

  it('is marked where the report contradicts it', () => {
    const text = 'The network keeps 99 % accuracy under PGD with linf ε = 8/255, against 95 % clean accuracy.';
    expect(
      rows(text, ['99 %'])
        .filter(({ differs }) => differs)
        .map(({ row }) => row),
    ).toEqual([linf]);
    expect(rows(text).some(({ differs }) => differs)).toBe(false);
  });

  it('gives each figure with its bound, interval and number of examples', () => {
    const [claim] = checkDocument('The network is robust to adversarial attacks.', 'README.md', index(evaluation));
    expect(
      compareClaim(claim!, evaluation).map(({ measured, n, attacks }) => `${measured}, n = ${n} ${attacks}`.trim()),
    ).toEqual([
      '95.0 % (91.0–97.3), n = 200',
      '≤ 62.0 % (55.1–68.4), n = 200 PGD (white-box)',
      '≤ 70.0 % (63.3–75.9), n = 200 PGD (white-box)',
      '≥ 40.0 % (33.5–46.9), n = 200',
      '80.0 % (73.9–85.0), n = 200',
    ]);
  });
});
