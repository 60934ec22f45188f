import { readFileSync } from 'node:fs';
import type { Log, Run } from 'sarif';
import { describe, expect, it } from 'vitest';
import { checkDocument } from '../../../src/claim/check';
import { emptyEvidence } from '../../../src/claim/evidence';
import { formatClaims } from '../../../src/claim/format';
import { claimRules } from '../../../src/claim/rule/registry';
import { toSarif } from '../../../src/claim/sarif';
import { index, report } from './evidence';

const root = new URL('../../../', import.meta.url);
const page = (rule: string) => readFileSync(new URL(`docs/rules/${rule}.md`, root), 'utf8');
const vague = 'Our image classifier is robust to adversarial attacks.';
const text = [
  'Our image classifier is robust to adversarial attacks.',
  '',
  '<!-- robustness-disable-next-line -- known -->',
  'The network is robust to noise.',
].join('\n');
const claims = checkDocument(text, 'docs/a b.md', emptyEvidence);

describe('formatClaims', () => {
  it('line: one line a hit that a problem matcher reads', () => {
    const lines = formatClaims(claims, 'line').trimEnd().split('\n');
    expect(lines).toHaveLength(2);
    for (const line of lines)
      expect(line).toMatch(/^docs\/a b\.md:1:1: (?:error|warning|info) claims\/[a-z-]+ [A-Z].+\.$/);
    expect(formatClaims([], 'line')).toBe('');
  });

  it('json: the claims themselves, supported and suppressed ones too', () => {
    expect(JSON.parse(formatClaims(claims, 'json'))).toEqual(claims);
    expect(claims).toHaveLength(2);
  });

  it('sarif: every rule described, results placed, suppressions marked', () => {
    const log: Log = JSON.parse(formatClaims(claims, 'sarif', '1.2.3'));
    expect(log).toMatchObject({ version: '2.1.0', $schema: 'https://json.schemastore.org/sarif-2.1.0.json' });
    const [run] = log.runs as [Run];
    const { driver } = run.tool;
    expect(run.columnKind).toBe('utf16CodeUnits');
    expect(driver).toMatchObject({ name: 'robustness-inspector', version: '1.2.3', semanticVersion: '1.2.3' });
    expect(driver.rules!.map(({ id }) => id)).toEqual(claimRules.map((rule) => `claims/${rule.name}`));
    for (const [i, rule] of driver.rules!.entries()) {
      expect(rule.help!.text).toContain(`docs/rules/${rule.id}.md`);
      expect(rule.defaultConfiguration!.enabled).toBe(claimRules[i]!.severity !== 'off');
    }
    expect(run.results).toHaveLength(4);
    for (const result of run.results!) {
      expect(driver.rules![result.ruleIndex!]!.id).toBe(result.ruleId);
      expect(['error', 'warning', 'note']).toContain(result.level);
      const { artifactLocation, region } = result.locations![0]!.physicalLocation!;
      expect(artifactLocation).toEqual({ uri: 'docs/a%20b.md', uriBaseId: 'SRCROOT' });
      expect(run.originalUriBaseIds).toHaveProperty(artifactLocation!.uriBaseId!);
      expect(region!.startLine).toBeGreaterThan(0);
      expect(region!.snippet!.text).toMatch(/^(?:Our|The) /);
    }
    const suppressed = run.results!.filter((result) => result.suppressions);
    expect(suppressed).toHaveLength(2);
    expect(suppressed[0]!.suppressions).toEqual([{ kind: 'inSource', status: 'accepted', justification: 'known' }]);
  });

  it('sarif: rules carry their pages, and a link to the paper', () => {
    const [run] = toSarif(claims, '1.0.0', page).runs as [Run];
    for (const rule of run.tool.driver.rules!) {
      expect(rule.help!.markdown).toBe(page(rule.id));
      expect(rule.shortDescription!.text.length).toBeLessThan(1024);
      expect(rule.fullDescription!.text.length).toBeGreaterThan(rule.shortDescription!.text.length);
      expect(rule.fullDescription!.text.length).toBeLessThan(1024);
      if (rule.helpUri !== undefined) expect(new URL(rule.helpUri).protocol).toBe('https:');
      expect(rule.properties!.tags!.length).toBeLessThanOrEqual(10);
    }
    expect(run.tool.driver.rules!.find(({ id }) => id === 'claims/no-tradeoff')!.helpUri).toBe(
      'https://arxiv.org/abs/1805.12152',
    );
  });

  it('sarif: fingerprints stay when lines move, and tell repetitions and rules apart', () => {
    const prints = (document: string, path = 'a.md') =>
      toSarif(checkDocument(document, path, emptyEvidence), '1.0.0').runs[0]!.results!.map(
        (result) => result.partialFingerprints!.primaryLocationLineHash!,
      );
    const before = prints(`${vague}\n\n${vague}`);
    expect(new Set(before).size).toBe(4);
    expect(
      prints(`# A title\n\nSome more words.\n\n${vague}\n\n\n${vague.replace('is robust', 'is\nrobust')}`),
    ).toEqual(before);
    expect(prints(vague, 'b.md')).not.toContain(before[0]);
    for (const print of before) expect(print).toMatch(/^[0-9a-f]{16}:[12]$/);
  });

  it('sarif: a result that was held against a report leads to it', () => {
    const wrong = 'The network keeps 90 % accuracy under PGD with linf ε = 0.1, against 95 % on clean images.';
    const found = checkDocument(wrong, 'README.md', index(report()));
    const [result] = toSarif(found, '1.0.0').runs[0]!.results!;
    expect(result!.ruleId).toBe('claims/contradicted');
    const [related] = result!.relatedLocations!;
    expect(related!.physicalLocation!.artifactLocation!.uri).toBe('.robustness/net.robustness.json');
    expect(related!.message!.text).toMatch(/^Held against the report on models\/net\.onnx\.\n/);
    const { pointer } = found[0]!.evidence!;
    expect(related!.logicalLocations?.[0]?.fullyQualifiedName ?? null).toBe(pointer);
  });

  it('sarif: keeps the worst where there is more than code scanning takes', () => {
    const hit = (severity: 'error' | 'info') => ({ rule: 'claims/stale', severity, message: 'It is.' });
    const one = { ...claims[0]!, rules: [hit('info')], suppressedRules: [] };
    const many = [...Array.from({ length: 25_001 }, () => one), { ...one, rules: [hit('error')] }];
    const [run] = toSarif(many, '1.0.0').runs as [Run];
    expect(run.results).toHaveLength(25_000);
    expect(run.results![0]!.level).toBe('error');
    expect(run.invocations![0]!.toolExecutionNotifications![0]!.message.text).toMatch(/^2 results /);
  });
});

describe('the problem matcher of the manifest', () => {
  const manifest = JSON.parse(readFileSync(new URL('package.json', root), 'utf8'));
  const [matcher] = manifest.contributes.problemMatchers;

  it('reads every line that is printed, whatever it says', () => {
    const pattern = new RegExp(matcher.pattern.regexp);
    const odd = { ...claims[0]!, path: 'docs/a: 1:2: b.md', line: 12, column: 3 };
    const lines = formatClaims([...claims, odd], 'line')
      .trimEnd()
      .split('\n');
    expect(lines).toHaveLength(4);
    for (const line of lines) expect(pattern.exec(line)).not.toBeNull();
    const match = pattern.exec(lines[0]!)!;
    const part = (name: string) => match[matcher.pattern[name]];
    expect([part('file'), part('line'), part('column'), part('severity'), part('code')]).toEqual([
      'docs/a b.md',
      '1',
      '1',
      'warning',
      'claims/no-threat-model',
    ]);
    expect(part('message')).toBe(claims[0]!.rules[0]!.message);
  });
});
