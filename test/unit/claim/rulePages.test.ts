import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { checkDocument } from '../../../src/claim/check';
import { type EvidenceIndex, emptyEvidence } from '../../../src/claim/evidence';
import { claimRules } from '../../../src/claim/rule/registry';
import { figure, index, report, threat } from './evidence';

const pageOf = (name: string) =>
  readFileSync(new URL(`../../../docs/rules/claims/${name}.md`, import.meta.url), 'utf8');

/** The block quotations below "Flagged:" or "Not flagged:"; words in italics in front of an example set the scene. */
function examples(page: string, title: 'Flagged' | 'Not flagged'): string[] {
  const part = page.split(`\n${title}:\n`)[1]!.split(/\n(?:Not flagged:|## Source)\n/)[0]!;
  return part
    .split(/\n(?!>)/)
    .map((block) =>
      block
        .replace(/^> ?/gm, '')
        .trim()
        .replace(/^\*[^*]+:\*\s*/, '')
        .replace(/\s*\*\([^)]*\)\*$/, ''),
    )
    .filter((block) => block !== '');
}

/** What lies beside the examples of the rules that read reports. */
const scenes: Readonly<Record<string, { readonly flagged: EvidenceIndex; readonly fine: EvidenceIndex }>> = {
  contradicted: both(
    index(
      report({
        model: 'plain.onnx',
        clean: figure(0.99),
        threatModels: [threat({ norm: 'linf', epsilon: 0.2, robustAccuracy: figure(0.03) })],
      }),
    ),
  ),
  stale: { flagged: index(report({ stale: true })), fine: index(report()) },
  overreaching: both(
    index(report({ threatModels: [threat({ norm: 'linf', epsilon: 0.1, robustAccuracy: figure(0.6) })] })),
  ),
  'no-evidence': {
    flagged: index(report({ model: 'other.onnx' }), report({ model: 'another.onnx' })),
    fine: index(
      report({
        model: 'detector.onnx',
        clean: figure(0.93),
        threatModels: [threat({ norm: 'linf', epsilon: 0.05, robustAccuracy: figure(0.71) })],
      }),
    ),
  },
};

function both(evidence: EvidenceIndex) {
  return { flagged: evidence, fine: evidence };
}

function rulesIn(text: string, name: string, evidence: EvidenceIndex): string[] {
  // A rule that is off by default is on for its own examples.
  return checkDocument(text, 'README.md', evidence, { [name]: 'warning' }).flatMap((claim) =>
    claim.rules.map((hit) => hit.rule),
  );
}

describe.each(claimRules.map(({ name }) => name))('the page of claims/%s', (name) => {
  const page = pageOf(name);
  const { flagged, fine } = scenes[name] ?? both(emptyEvidence);

  it('has examples of both kinds', () => {
    expect(examples(page, 'Flagged').length).toBeGreaterThan(0);
    expect(examples(page, 'Not flagged').length).toBeGreaterThan(0);
  });

  it.each(examples(page, 'Flagged'))('flags: %s', (text) => {
    expect(rulesIn(text, name, flagged)).toContain(`claims/${name}`);
  });

  it.each(examples(page, 'Not flagged'))('does not flag: %s', (text) => {
    expect(rulesIn(text, name, fine)).not.toContain(`claims/${name}`);
  });

  it('claims nothing itself: its examples are quotations', () => {
    const claims = checkDocument(page, `docs/rules/claims/${name}.md`, emptyEvidence);
    expect(claims.map((claim) => claim.text)).toEqual([]);
  });
});
