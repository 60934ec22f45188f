import { createHash } from 'node:crypto';
import type { Log, ReportingDescriptor, Result } from 'sarif';
import type { RuleSetting } from '../engine/spec/claimRules';
import { claimRules, commentRules, evidenceRules } from './rule/registry';
import type { ClaimRule } from './rule/types';
import type { Claim, RuleHit } from './types';

/** The page of a rule as Markdown, `docs/rules/claims/stale.md`; null where it is not at hand. */
export type RulePage = (rule: string) => string | null;

/** Where the page of a rule lies, relative to the repository. */
export const helpPath = (rule: string) => `docs/rules/${rule}.md`;

/** GitHub's code scanning rejects a run with more results, and cuts longer texts. */
const maxResults = 25_000;
const maxText = 1000;

/** Paths are relative to the folder in which the command ran, whose place on the machine is nobody's business. */
const base = 'SRCROOT';

const level = (severity: RuleSetting) =>
  severity === 'info' || severity === 'off' ? 'note' : (severity satisfies 'error' | 'warning');
const cut = (text: string) => (text.length <= maxText ? text : `${text.slice(0, maxText - 1)}…`);

const kindOf = (rule: ClaimRule) =>
  evidenceRules.includes(rule) ? 'evidence' : commentRules.includes(rule) ? 'suppression' : 'prose';

/** The paragraph below a heading of a rule's page. */
const section = (page: string, title: string) =>
  page.split(`\n## ${title}\n`)[1]?.split('\n## ')[0]?.trim().replace(/\s+/g, ' ');

function describe(rule: ClaimRule, page: string | null): ReportingDescriptor {
  const id = `claims/${rule.name}`;
  const what = page && section(page, 'What');
  const todo = page && section(page, 'What to do');
  const source = page && /https:\/\/[^\s)]+/.exec(page.split('\n## Source\n')[1] ?? '')?.[0];
  const text = [rule.summary, todo, `Source: ${rule.source}.`, `See ${helpPath(id)}.`].filter(Boolean).join(' ');
  return {
    id,
    name: rule.name.replace(/(?:^|-)(\w)/g, (_, first: string) => first.toUpperCase()),
    shortDescription: { text: rule.summary },
    fullDescription: { text: cut(what ? `${rule.summary} ${what}` : rule.summary) },
    help: { text, markdown: page ?? `${text}\n` },
    // The pages travel with the tool, not on the net; the paper that a rule is taken from does.
    ...(source ? { helpUri: source } : {}),
    defaultConfiguration: { enabled: rule.severity !== 'off', level: level(rule.severity) },
    properties: {
      tags: ['robustness', 'documentation', kindOf(rule)],
      precision: 'high',
      'problem.severity': rule.severity === 'error' || rule.severity === 'warning' ? rule.severity : 'recommendation',
    },
  };
}

/**
 * The same for the same fault wherever it moves to in its document: of the document, the rule and the words, with a count for
 * repetitions.
 */
function fingerprints(seen: Map<string, number>, path: string, rule: string, text: string) {
  const words = text.replace(/\s+/g, ' ').trim();
  const hash = createHash('sha256').update(`${path}\n${rule}\n${words}`).digest('hex').slice(0, 16);
  const count = (seen.get(hash) ?? 0) + 1;
  seen.set(hash, count);
  // The name that code scanning reads; the value is its tool's to choose.
  return { primaryLocationLineHash: `${hash}:${count}`, 'claimText/v1': `${hash}:${count}` };
}

const artifact = (path: string) => ({
  uri: path.split('/').map(encodeURIComponent).join('/'),
  uriBaseId: base,
});

function result(claim: Claim, hit: RuleHit, excused: boolean, seen: Map<string, number>): Result {
  const { evidence } = claim;
  const justification = claim.suppressed ?? 'A comment in the document excuses it.';
  return {
    ruleId: hit.rule,
    ruleIndex: claimRules.findIndex((rule) => `claims/${rule.name}` === hit.rule),
    kind: 'fail',
    level: level(hit.severity),
    message: { text: hit.message },
    locations: [
      {
        physicalLocation: {
          artifactLocation: artifact(claim.path),
          region: {
            startLine: claim.line,
            startColumn: claim.column,
            endLine: claim.endLine,
            endColumn: claim.endColumn,
            snippet: { text: cut(claim.text) },
          },
        },
      },
    ],
    ...(evidence === null
      ? {}
      : {
          relatedLocations: [
            {
              id: 1,
              message: { text: cut([`Held against the report on ${evidence.model}.`, ...evidence.figures].join('\n')) },
              physicalLocation: { artifactLocation: artifact(evidence.report), region: { startLine: 1 } },
              ...(evidence.pointer === null
                ? {}
                : { logicalLocations: [{ fullyQualifiedName: evidence.pointer, kind: 'value' }] }),
            },
          ],
        }),
    partialFingerprints: fingerprints(seen, claim.path, hit.rule, claim.text),
    properties: { kind: claim.kind, verdict: claim.verdict },
    ...(excused ? { suppressions: [{ kind: 'inSource', status: 'accepted', justification }] } : {}),
  };
}

/** What code scanning should not lose when there is too much: errors before warnings before notes. */
function worstFirst(results: readonly Result[]): readonly Result[] {
  const rank = (one: Result) => (one.suppressions ? 3 : ['error', 'warning', 'note'].indexOf(one.level ?? 'note'));
  return [...results].sort((a, b) => rank(a) - rank(b)).slice(0, maxResults);
}

/** SARIF 2.1.0 with all rules, columns in UTF-16 units, suppressed results marked as such, and the report of each verdict. */
export function toSarif(claims: readonly Claim[], version: string, page: RulePage = () => null): Log {
  const seen = new Map<string, number>();
  const results = claims.flatMap((claim) => [
    ...claim.rules.map((hit) => result(claim, hit, false, seen)),
    ...(claim.suppressedRules ?? []).map((hit) => result(claim, hit, true, seen)),
  ]);
  const dropped = results.length - maxResults;
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'robustness-inspector',
            version,
            semanticVersion: version,
            rules: claimRules.map((rule) => describe(rule, page(`claims/${rule.name}`))),
          },
        },
        automationDetails: { id: 'robustness-claims/' },
        originalUriBaseIds: {
          [base]: { description: { text: 'The folder in which the command ran.' } },
        },
        invocations: [
          {
            executionSuccessful: true,
            ...(dropped > 0
              ? {
                  toolExecutionNotifications: [
                    {
                      level: 'warning',
                      message: {
                        text: `${dropped} results of the least severity are left out; check fewer documents at a time.`,
                      },
                    },
                  ],
                }
              : {}),
          },
        ],
        columnKind: 'utf16CodeUnits',
        results: [...(dropped > 0 ? worstFirst(results) : results)],
      },
    ],
  };
}
