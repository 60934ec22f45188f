import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { checkDocument } from '../../../src/claim/check';
import { emptyEvidence } from '../../../src/claim/evidence';
import type { Claim } from '../../../src/claim/types';

const folder = join(import.meta.dirname, '../../fixtures/claims');
const read = (...path: string[]) => readFileSync(join(folder, ...path), 'utf8');

interface Labelled {
  readonly id: string;
  readonly text: string;
  readonly before: string;
  readonly after: string;
  readonly heading: string;
  readonly is_claim: boolean;
  readonly kind: string;
  readonly pitfalls: readonly string[];
}

const rows = read('own.jsonl')
  .split('\n')
  .filter(Boolean)
  .map((line) => JSON.parse(line) as Labelled);

/** The claims that are found in the labelled sentence itself. */
function claimsIn({ heading, before, text, after }: Labelled): Claim[] {
  const head = `${heading ? `## ${heading}\n\n` : ''}${before ? `${before}\n\n` : ''}`;
  const line = head.split('\n').length;
  return checkDocument(`${head}${text}\n\n${after}\n`, 'row.md', emptyEvidence).filter((claim) => claim.line === line);
}

const f1 = (hit: number, extra: number, missed: number) => (2 * hit) / (2 * hit + extra + missed);

describe('sentences that were written to be hard', () => {
  const found = new Map<string, Claim[]>();
  beforeAll(() => {
    for (const row of rows) found.set(row.id, claimsIn(row));
  });
  const claimed = (row: Labelled) => found.get(row.id)!.length > 0;
  const list = (wrong: readonly Labelled[]) => wrong.map(({ id, text }) => `${id} ${text}`).join('\n');

  it('are told apart into claims and others', () => {
    const hits = rows.filter((row) => row.is_claim && claimed(row));
    const alarms = rows.filter((row) => !row.is_claim && claimed(row));
    const missed = rows.filter((row) => row.is_claim && !claimed(row));
    const precision = hits.length / (hits.length + alarms.length);
    const recall = hits.length / (hits.length + missed.length);
    console.log(
      `${rows.length} sentences: precision ${(100 * precision).toFixed(1)} %, recall ${(100 * recall).toFixed(1)} %`,
    );
    expect(rows.length).toBeGreaterThanOrEqual(200);
    expect(precision, list(alarms)).toBeGreaterThanOrEqual(0.95);
    expect(recall, list(missed)).toBeGreaterThanOrEqual(0.9);
  });

  it('have the right kind', () => {
    const hits = rows.filter((row) => row.is_claim && claimed(row));
    const wrong = hits.filter((row) => found.get(row.id)![0]!.kind !== row.kind);
    console.log(`kind accuracy ${(100 * (1 - wrong.length / hits.length)).toFixed(1)} %`);
    expect(1 - wrong.length / hits.length, list(wrong)).toBeGreaterThanOrEqual(0.9);
  });

  it.each([
    'binary-robustness',
    'no-threat-model',
    'clean-accuracy-as-robustness',
    'no-tradeoff',
    'weak-attack',
    'gradient-masking-as-defence',
    'generalisation-as-robustness',
    'guarantee-overreach',
  ])('have the pitfall %s where it is one', (name) => {
    const hits = rows.filter((row) => row.is_claim && claimed(row));
    const flagged = (row: Labelled) =>
      found.get(row.id)!.some((claim) => claim.rules.some((hit) => hit.rule === `claims/${name}`));
    const right = hits.filter((row) => row.pitfalls.includes(name) && flagged(row));
    const extra = hits.filter((row) => !row.pitfalls.includes(name) && flagged(row));
    const missed = hits.filter((row) => row.pitfalls.includes(name) && !flagged(row));
    const score = f1(right.length, extra.length, missed.length);
    console.log(`F1 ${name} ${(100 * score).toFixed(1)} %`);
    expect(score, `extra:\n${list(extra)}\nmissed:\n${list(missed)}`).toBeGreaterThanOrEqual(0.75);
  });
});

describe('READMEs of software that does not learn', () => {
  const names = readdirSync(join(folder, 'software'));

  it('are twenty', () => {
    expect(names).toHaveLength(20);
  });

  it.each(names)('%s holds no claim', (name) => {
    const text = read('software', name);
    expect(text).toMatch(/robust|resilient|stable|reliabl|secure/i);
    expect(checkDocument(text, name, emptyEvidence).map((claim) => claim.text)).toEqual([]);
  });
});

describe('documents about machine learning', () => {
  const expected = JSON.parse(read('learning', 'expected.json')) as Record<string, { line: number; kind: string }[]>;

  it.each(Object.entries(expected))('%s holds its claims and no others', (name, claims) => {
    const found = checkDocument(read('learning', `${name}.md`), `${name}.md`, emptyEvidence);
    expect(found.map(({ line, kind }) => ({ line, kind }))).toEqual(claims);
  });
});
