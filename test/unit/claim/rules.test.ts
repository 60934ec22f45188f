import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { claimRules } from '../../../src/claim/rule/registry';

const root = new URL('../../../', import.meta.url);
const names = (folder: string, ending: string) =>
  readdirSync(new URL(folder, root))
    .filter((name) => name.endsWith(ending))
    .map((name) => name.slice(0, -ending.length));

describe('each claim rule has its file, its page and its test', () => {
  it.each(claimRules.map((rule) => [rule.name, rule] as const))('%s', (name, rule) => {
    expect(existsSync(new URL(`src/claim/rule/${name}.ts`, root))).toBe(true);
    const page = readFileSync(new URL(`docs/rules/claims/${name}.md`, root), 'utf8');
    expect(page.startsWith(`# claims/${name}\n\nSeverity: **${rule.severity}**.\n`)).toBe(true);
    for (const title of ['What', 'Why', 'What to do', 'Examples', 'Source']) expect(page).toContain(`\n## ${title}\n`);
    const test = readFileSync(new URL(`test/unit/claim/rule/${name}.test.ts`, root), 'utf8');
    expect(test).toMatch(/valid: \[\s*\S[\s\S]*invalid: \[\s*[^\s\]]/);
    expect(test).toContain(`testRule('${name}'`);
    expect(rule.source.length).toBeGreaterThan(10);
    expect(rule.summary).toMatch(/^[A-Z].*\.$/);
  });

  it('and nothing lies about that no rule stands for', () => {
    const registered = claimRules.map((rule) => rule.name).sort();
    expect(names('docs/rules/claims', '.md').sort()).toEqual(['README', ...registered].sort());
    expect(names('test/unit/claim/rule', '.test.ts').sort()).toEqual(registered);
    const files = names('src/claim/rule', '.ts').filter((name) => name !== 'registry' && name !== 'types');
    expect(files.sort()).toEqual(registered);
  });

  it('and the list of rules names each with its severity and its summary', () => {
    const rows = readFileSync(new URL('docs/rules/claims/README.md', root), 'utf8').match(/^\| \[.*$/gm);
    expect([...rows!].sort()).toEqual(
      claimRules
        .map(({ name, severity, summary }) => `| [claims/${name}](${name}.md) | ${severity} | ${summary} |`)
        .sort(),
    );
  });
});
