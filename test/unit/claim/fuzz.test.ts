import { describe, expect, it } from 'vitest';
import { checkDocument } from '../../../src/claim/check';
import { documentFormats } from '../../../src/claim/document/registry';
import type { Claim } from '../../../src/claim/types';
import { index, report } from './evidence';
import { servedAs, soup } from './soup';

const evidence = index(report(), report({ model: 'models/other.onnx', stale: true }));
/** Of all formats together. */
const documents = 10_000;

/** Where each line begins, found in another way than the linter does. */
function linesOf(text: string): number[] {
  const starts = [0];
  for (const match of text.matchAll(/\r\n|\n|\r/g)) starts.push(match.index + match[0].length);
  return starts;
}

/** What is wrong with claims; null if nothing is. */
function faultOf(text: string, path: string, claims: readonly Claim[]): string | null {
  const starts = linesOf(text);
  const seen = new Set<string>();
  let last: Claim | null = null;
  for (const claim of claims) {
    const from = starts[claim.line - 1]! + claim.column - 1;
    const to = starts[claim.endLine - 1]! + claim.endColumn - 1;
    const next = starts[claim.line] ?? text.length + 1;
    if (!(from >= 0 && to <= text.length && from < to && from < next)) return `range ${JSON.stringify(claim)}`;
    if (text.slice(from, to) !== claim.text) return `text ${JSON.stringify(claim)}`;
    if (claim.path !== path) return 'path';
    if (last && (last.line > claim.line || (last.line === claim.line && last.column > claim.column))) return 'order';
    last = claim;
    const key = JSON.stringify(claim);
    if (seen.has(key)) return `twice ${key}`;
    seen.add(key);
    for (const { start, end } of claim.evidence?.corrections ?? [])
      if (!(start >= 0 && start < end && end <= claim.text.length)) return `correction ${key}`;
  }
  return null;
}

describe('whatever a document is made of', () => {
  for (const { name, endings } of documentFormats) {
    it(`of the format ${name}, it is read without a throw, and claims stand where they say`, () => {
      const ending = endings[0]!;
      const path = ending.startsWith('.') ? `docs/readme${ending}` : ending;
      let found = 0;
      for (let seed = 0; seed < documents / documentFormats.length; seed++) {
        const text = servedAs(ending, soup(seed, 14), seed);
        const claims = checkDocument(text, path, evidence);
        found += claims.length;
        const fault = faultOf(text, path, claims);
        if (fault !== null) expect.fail(`seed ${seed}: ${fault}\nin ${JSON.stringify(text)}`);
      }
      expect(found, 'claims, else this shows nothing').toBeGreaterThan(10);
    });
  }
});
