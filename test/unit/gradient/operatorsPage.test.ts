import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { isCovered, operatorTable, withOperatorTable } from '../../../scripts/operatorTable';
import { differentiableOperators } from '../../../src/engine/gradient/table';
import { loweredOperators } from '../../../src/engine/onnx/lower/operators';
import { specSchema } from '../../../src/engine/spec/schema';

const page = readFileSync(join(process.cwd(), 'docs', 'gradients.md'), 'utf8');

/** Operators in backticks, by their full names. */
const operatorsIn = (text: string) =>
  [...text.matchAll(/`((?:ms:|ml:)?[A-Z][A-Za-z0-9]*)`/g)].map(([, name]) =>
    name!.replace('ms:', 'com.microsoft:').replace('ml:', 'ai.onnx.ml:'),
  );

const section = (title: string) => {
  const from = page.indexOf(`\n## ${title}\n`);
  expect(from, title).toBeGreaterThan(0);
  const to = page.indexOf('\n## ', from + 1);
  return page.slice(from, to < 0 ? undefined : to);
};

describe('the page of gradients', () => {
  it('holds the table of operators as the rules have it (npx tsx scripts/make-operators.ts writes it)', () => {
    expect(withOperatorTable(page)).toBe(page);
  });

  it('lists each operator that has a gradient once', () => {
    const expected = [...new Set([...differentiableOperators, ...loweredOperators, 'If', 'Loop', 'Scan'])];
    expect(operatorsIn(operatorTable()).sort()).toEqual(expected.sort());
  });

  it('says of no operator that it has no gradient where it has one', () => {
    const [, listed] = page.split('<!-- unavailable -->');
    const names = operatorsIn(listed!.split('<!-- /unavailable -->')[0]!);
    expect(names.length).toBeGreaterThan(10);
    expect(names.filter(isCovered)).toEqual([]);
  });

  it('speaks of kinks only of operators that have a gradient', () => {
    const names = operatorsIn(section('Kinks, ties and infinite slopes'));
    expect(names.length).toBeGreaterThan(20);
    expect(names.filter((name) => !isCovered(name))).toEqual([]);
  });

  it('shows a spec that the schema takes', () => {
    const [, yaml] = /```yaml\n([^`]*)```/.exec(section('Several inputs and outputs'))!;
    const spec = specSchema.parse(parse(yaml!));
    expect(spec.data.test.perturb).toEqual(['embedding']);
    expect(spec.output).toBe('scores');
  });
});
