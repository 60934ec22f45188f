import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { withAttackTables } from '../../../scripts/attackTable';
import { attacks } from '../../../src/engine/attack/registry';
import { attackNames, specSchema, suiteNames } from '../../../src/engine/spec/schema';
import { attacksFor } from '../../../src/engine/spec/suites';

const page = readFileSync(join(process.cwd(), 'docs', 'attacks.md'), 'utf8');
const examples = [...page.matchAll(/```yaml\n([^`]*)```/g)].map(([, text]) => parse(text!) as object);
const sample = parse(readFileSync(join(process.cwd(), 'samples', 'digits', 'robustness.yaml'), 'utf8')) as object;

describe('the page of attacks', () => {
  it('holds the tables as registry and suites have them (npx tsx scripts/make-attacks.ts writes them)', () => {
    expect(withAttackTables(page)).toBe(page);
  });

  it('has a row for each attack, with its source, and for each suite', () => {
    const table = page.split('## Every attack')[1]!.replace(/[“”]/g, '');
    for (const { name, source } of attacks) expect(table).toMatch(rowOf(name, source));
    expect(attacks.map(({ name }) => name)).toEqual([...attackNames]);
    for (const suite of suiteNames) expect(page.split(`\n| \`${suite}\` |`).length, suite).toBeGreaterThan(2);
  });

  it('shows specs that the schema takes in the place of the sample’s threat models, and that run something', () => {
    expect(examples.length).toBeGreaterThan(5);
    for (const example of examples) {
      const { threatModels } = specSchema.parse({ ...sample, ...example });
      for (const threat of threatModels!) {
        expect(attacksFor(threat, threat.suite ?? 'standard', 10), threat.name).not.toEqual([]);
      }
    }
  });

  it('links to pages that there are', () => {
    const links = [...page.matchAll(/\]\(([^)#]+)(?:#[^)]*)?\)/g)].map(([, path]) => path!);
    expect(links.length).toBeGreaterThan(3);
    expect(links.filter((path) => !existsSync(join(process.cwd(), 'docs', path)))).toEqual([]);
  });
});

const rowOf = (name: string, source: string) =>
  new RegExp(`\\| \`${name}\` \\|[^\\n]*\\| ${source.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')} \\|`);
