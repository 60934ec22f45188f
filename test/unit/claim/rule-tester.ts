import { describe, expect, it } from 'vitest';
import { checkDocument } from '../../../src/claim/check';
import { type EvidenceIndex, emptyEvidence } from '../../../src/claim/evidence';
import { claimRules } from '../../../src/claim/rule/registry';
import type { Claim } from '../../../src/claim/types';

/** A sentence, or a document with its evidence. */
export type Example = string | { readonly text: string; readonly evidence: EvidenceIndex };

/** With the rule on that is tested, if it is off by default. */
function claimsOf(example: Example, name: string): Claim[] {
  const { text, evidence } = typeof example === 'string' ? { text: example, evidence: emptyEvidence } : example;
  const off = claimRules.some((rule) => rule.name === name && rule.severity === 'off');
  return checkDocument(text, 'README.md', evidence, off ? { [name]: 'info' } : {});
}

/** Each invalid example breaks the rule; no valid one does, though all but those marked are claims. */
export function testRule(
  name: string,
  examples: { readonly valid: readonly Example[]; readonly invalid: readonly Example[] },
) {
  const rule = `claims/${name}`;
  describe(rule, () => {
    for (const example of examples.valid) {
      it(`leaves alone: ${titleOf(example)}`, () => {
        const claims = claimsOf(example, name);
        expect(claims.length, 'a valid example is a claim, else it shows nothing').toBeGreaterThan(0);
        expect(claims.flatMap((claim) => claim.rules.map((hit) => hit.rule))).not.toContain(rule);
      });
    }
    for (const example of examples.invalid) {
      it(`flags: ${titleOf(example)}`, () => {
        const hits = claimsOf(example, name).flatMap((claim) => claim.rules);
        expect(hits.map((hit) => hit.rule)).toContain(rule);
        for (const hit of hits) expect(hit.message).toMatch(/^\S.*[.!?)]$/s);
      });
    }
  });
}

const titleOf = (example: Example) =>
  (typeof example === 'string' ? example : example.text).replace(/\s+/g, ' ').slice(0, 110);
