import { claimRules } from './rule/registry';
import type { Claim, ClaimSeverity, RuleHit } from './types';

export type ClaimFormat = 'line' | 'json' | 'sarif';

/** One line a rule hit: `path:line:column: severity rule message`. Empty when there is none. */
function toLines(claims: readonly Claim[]): string {
  return claims
    .flatMap((claim) =>
      claim.rules.map(
        (hit) => `${claim.path}:${claim.line}:${claim.column}: ${hit.severity} ${hit.rule} ${hit.message}\n`,
      ),
    )
    .join('');
}

const level = (severity: ClaimSeverity) => (severity === 'info' ? 'note' : severity);

/** Where the page of a rule lies, relative to the repository. */
export const helpPath = (rule: string) => `docs/rules/${rule}.md`;

function sarifResult(claim: Claim, hit: RuleHit, suppressed: string | null): object {
  return {
    ruleId: hit.rule,
    level: level(hit.severity),
    message: { text: hit.message },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: encodeURI(claim.path) },
          region: {
            startLine: claim.line,
            startColumn: claim.column,
            endLine: claim.endLine,
            endColumn: claim.endColumn,
            snippet: { text: claim.text },
          },
        },
      },
    ],
    properties: { kind: claim.kind, verdict: claim.verdict },
    ...(suppressed === null ? {} : { suppressions: [{ kind: 'inSource', justification: suppressed }] }),
  };
}

/** SARIF 2.1.0 with all rules, columns in UTF-16 units, and suppressed results marked as such. */
function toSarif(claims: readonly Claim[], version: string): string {
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'robustness-inspector',
            semanticVersion: version,
            rules: claimRules.map((rule) => ({
              id: `claims/${rule.name}`,
              shortDescription: { text: rule.summary },
              help: { text: `${rule.summary} Source: ${rule.source}. See ${helpPath(`claims/${rule.name}`)}.` },
              defaultConfiguration: { level: level(rule.severity) },
            })),
          },
        },
        columnKind: 'utf16CodeUnits',
        results: claims.flatMap((claim) => [
          ...claim.rules.map((hit) => sarifResult(claim, hit, null)),
          ...(claim.suppressedRules ?? []).map((hit) =>
            sarifResult(claim, hit, claim.suppressed ?? 'suppressed by comment'),
          ),
        ]),
      },
    ],
  };
  return `${JSON.stringify(log, null, 2)}\n`;
}

/** Claims for people and problem matchers (`line`), for programs (`json`: the claims themselves), for code scanning (`sarif`). */
export function formatClaims(claims: readonly Claim[], format: ClaimFormat, version = '0.0.0'): string {
  switch (format) {
    case 'line':
      return toLines(claims);
    case 'json':
      return `${JSON.stringify(claims, null, 2)}\n`;
    case 'sarif':
      return toSarif(claims, version);
  }
}
