import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { checkDocument } from '../../../src/claim/check';
import { emptyEvidence } from '../../../src/claim/evidence';
import { loadEvidence } from '../../../src/claim/reports';
import { figure, index, report, threat } from './evidence';

const folder = new URL('../../../samples/digits/', import.meta.url);
const readme = readFileSync(new URL('README.md', folder), 'utf8');
const expected = JSON.parse(readFileSync(new URL('expected-claims.json', folder), 'utf8')) as {
  claims: { text: string; honest: boolean; why: string }[];
  notClaims: string[];
};

/** What an honest sentence of the sample states, as the numbers that its pattern captures. */
function stated(pattern: RegExp): number[] {
  const match = expected.claims.map((claim) => claim.honest && pattern.exec(claim.text)).find(Boolean);
  if (!match) throw new Error(`No honest claim of the sample fits ${pattern}`);
  return match.slice(1).map(Number);
}

function measured(norm: 'linf' | 'l2') {
  const [share, epsilon] = stated(
    new RegExp(`keeps ([\\d.]+) % accuracy under white-box ${norm} attacks with ε = ([\\d.]+)`),
  );
  const curve = norm === 'linf' ? [{ epsilon: 0.3, accuracy: figure(0.01) }] : [];
  return threat({ norm, epsilon: epsilon!, robustAccuracy: figure(share! / 100), curve });
}

/** Reports that agree with the honest sentences, and what attacks do to a plainly trained network. */
const evidence = index(
  report({
    model: 'models/robust.onnx',
    clean: figure(stated(/against ([\d.]+) % on clean images/)[0]! / 100),
    threatModels: [measured('linf'), measured('l2')],
    corruptions: {
      meanAccuracy: figure(0.9),
      byCorruption: [
        {
          name: 'gaussian_noise',
          severity: 2,
          accuracy: figure(stated(/keeps ([\d.]+) % accuracy on 200 noisy/)[0]! / 100),
        },
      ],
    },
  }),
  report({
    model: 'models/plain.onnx',
    clean: figure(0.99),
    threatModels: [threat({ norm: 'linf', epsilon: 0.2, robustAccuracy: figure(0.01) })],
  }),
);

const flat = (text: string) => text.replace(/\s+/g, ' ');

describe('the README of the sample', () => {
  const claims = checkDocument(readme, 'README.md', evidence);
  const find = (text: string) => claims.find((claim) => flat(claim.text) === flat(text));

  it.each(expected.claims.filter((claim) => claim.honest).map((claim) => claim.text))('leaves alone: %s', (text) => {
    expect(find(text)).toMatchObject({ verdict: 'supported', rules: [] });
  });

  it.each(expected.claims.filter((claim) => !claim.honest).map((claim) => claim.text))('flags: %s', (text) => {
    expect(find(text)?.rules.length).toBeGreaterThan(0);
  });

  it('finds these and no other claims', () => {
    expect(claims.map((claim) => flat(claim.text)).sort()).toEqual(
      expected.claims.map((claim) => flat(claim.text)).sort(),
    );
    for (const text of expected.notClaims) expect(find(text)).toBeUndefined();
  });

  it('flags the sentences that are wrong in themselves without any report', () => {
    const alone = checkDocument(readme, 'README.md', emptyEvidence).filter((claim) => claim.rules.length > 0);
    const wellFormed = expected.claims.filter((claim) => !claim.honest && claim.why.startsWith('Well formed'));
    expect(alone).toHaveLength(expected.claims.filter((claim) => !claim.honest).length - wellFormed.length);
  });

  it('agrees with the reports that an evaluation of the sample left, if there is one', async () => {
    const real = await loadEvidence(folder.pathname);
    if (real.reports.length < 2) {
      console.warn('samples/digits has no reports yet: evaluate the sample to test its claims against them');
      return;
    }
    for (const claim of checkDocument(readme, 'README.md', real)) {
      const honest = expected.claims.find((one) => flat(one.text) === flat(claim.text))!.honest;
      expect(claim.rules.length === 0, claim.text).toBe(honest);
    }
  });
});
