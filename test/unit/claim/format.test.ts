import { describe, expect, it } from 'vitest';
import { checkDocument } from '../../../src/claim/check';
import { emptyEvidence } from '../../../src/claim/evidence';
import { formatClaims } from '../../../src/claim/format';
import { claimRules } from '../../../src/claim/rule/registry';

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
    const log = JSON.parse(formatClaims(claims, 'sarif', '1.2.3'));
    expect(log).toMatchObject({ version: '2.1.0' });
    const [run] = log.runs;
    expect(run.columnKind).toBe('utf16CodeUnits');
    expect(run.tool.driver).toMatchObject({ name: 'robustness-inspector', semanticVersion: '1.2.3' });
    expect(run.tool.driver.rules.map((rule: { id: string }) => rule.id)).toEqual(
      claimRules.map((rule) => `claims/${rule.name}`),
    );
    for (const rule of run.tool.driver.rules) expect(rule.help.text).toContain(`docs/rules/${rule.id}.md`);
    expect(run.results).toHaveLength(4);
    for (const result of run.results) {
      expect(run.tool.driver.rules.some((rule: { id: string }) => rule.id === result.ruleId)).toBe(true);
      expect(['error', 'warning', 'note']).toContain(result.level);
      const { physicalLocation } = result.locations[0];
      expect(physicalLocation.artifactLocation.uri).toBe('docs/a%20b.md');
      expect(physicalLocation.region.startLine).toBeGreaterThan(0);
    }
    const suppressed = run.results.filter((result: { suppressions?: unknown }) => result.suppressions);
    expect(suppressed).toHaveLength(2);
    expect(suppressed[0].suppressions).toEqual([{ kind: 'inSource', justification: 'known' }]);
  });
});
