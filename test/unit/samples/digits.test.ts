import { readFileSync, statSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { checkDocument } from '../../../src/claim/check';
import { emptyEvidence } from '../../../src/claim/evidence';
import { specSchema } from '../../../src/engine/spec/schema';

interface Expected {
  readonly claims: readonly { readonly text: string; readonly honest: boolean; readonly why: string }[];
  readonly notClaims: readonly string[];
}

const file = (name: string) => new URL(`../../../samples/digits/${name}`, import.meta.url);
const flat = (text: string) => text.replace(/\s+/g, ' ').trim();
const readme = readFileSync(file('README.md'), 'utf8');
const expected = JSON.parse(readFileSync(file('expected-claims.json'), 'utf8')) as Expected;
const found = checkDocument(readme, 'README.md', emptyEvidence);

describe('the digits sample', () => {
  it('has a spec of which every file exists', () => {
    const spec = specSchema.parse(parse(readFileSync(file('robustness.yaml'), 'utf8')));
    for (const path of [...(spec.models ?? []), spec.data.test.path])
      expect(statSync(file(path)).size).toBeGreaterThan(0);
  });

  it('stays small', () => {
    for (const name of ['models/plain.onnx', 'models/robust.onnx'])
      expect(statSync(file(name)).size).toBeLessThan(600_000);
    expect(statSync(file('data/test.npz')).size).toBeLessThan(1_000_000);
  });

  it.each(expected.claims)('makes the listed claim: $text', ({ text }) => {
    expect(flat(readme)).toContain(text);
    expect(found.map((claim) => flat(claim.text))).toContain(text);
  });

  it('makes no other claim', () => {
    const listed = expected.claims.map(({ text }) => text);
    expect(found.map((claim) => flat(claim.text)).filter((text) => !listed.includes(text))).toEqual([]);
    for (const text of expected.notClaims) expect(flat(readme)).toContain(text);
  });

  it('words its honest claims well', () => {
    const honest = expected.claims.filter((claim) => claim.honest).map(({ text }) => text);
    expect(honest.length).toBeGreaterThanOrEqual(3);
    for (const claim of found) if (honest.includes(flat(claim.text))) expect(claim.rules).toEqual([]);
  });
});
