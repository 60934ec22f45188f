import { detectClaim, isLearningDocument, mayHoldClaims } from './detect';
import { parseDocument } from './document/registry';
import type { Sentence } from './document/types';
import type { EvidenceIndex } from './evidence';
import { extractFacts, mergeFacts } from './extract';
import { withoutGenerated } from './fix/block/marker';
import { judge } from './judge';
import { LineIndex } from './lines';
import { claimRules, evidenceRules, proseRules } from './rule/registry';
import type { ClaimContext, ClaimRule } from './rule/types';
import { unusedSuppression } from './rule/unused-suppression';
import { type RuleSettings, severitiesFor } from './severity';
import { Suppressions } from './suppress';
import { tableClaim } from './table';
import type { Claim, ClaimVerdict, RuleHit } from './types';

/** Larger documents are no prose that a person wrote. */
const maxLength = 4_000_000;

type Severities = ReturnType<typeof severitiesFor>;

function runRules(context: ClaimContext, severityOf: Severities): RuleHit[] {
  const run = (rules: readonly ClaimRule[]) =>
    rules.flatMap((rule) => {
      const severity = severityOf(rule);
      const message = severity === 'off' ? null : rule.check(context);
      return severity === 'off' || message === null ? [] : [{ rule: `claims/${rule.name}`, severity, message }];
    });
  const prose = context.tabular ? [] : run(proseRules);
  const hits = run(evidenceRules);
  // What the prose lacks is said already; that nothing backs it then adds no news.
  return [...prose, ...(prose.length > 0 ? hits.filter((one) => one.rule !== 'claims/no-evidence') : hits)];
}

function verdictOf(context: ClaimContext, rules: readonly RuleHit[]): ClaimVerdict {
  const { verdict } = context.judgement;
  if (verdict !== 'unsupported' && verdict !== 'supported') return verdict;
  const vague = rules.some((one) => /no-threat-model|binary-robustness|clean-accuracy/.test(one.rule));
  return vague ? 'underspecified' : verdict;
}

/** Pieces of text in which a condition or a figure for the sentence may stand. */
function neighbourhood(sentence: Sentence): string[] {
  const { headings, table, lead, before, plain, after } = sentence;
  // The rows of a table are claims of their own; only the header speaks for all.
  const parts = table
    ? [headings.at(-1) ?? '', table.header.join(' | '), plain]
    : [headings.at(-1) ?? '', lead, before, plain, after];
  return parts.filter((part) => part !== '');
}

/**
 * Every robustness claim in a Markdown document, held against the evidence, in the order of the text.
 *
 * Pure and total: it never throws, and each claim's range lies in `text` and covers exactly `claim.text`.
 *
 * @param path of the document, relative to the same root as the evidence, with forward slashes
 * @param settings severities that go before those of the specs
 */
export function checkDocument(
  text: string,
  path: string,
  evidence: EvidenceIndex,
  settings: RuleSettings = {},
): Claim[] {
  if (text.length > maxLength) return [];
  if (!mayHoldClaims(text)) return [];
  const { sentences: all, comments } = parseDocument(text, path);
  const sentences = withoutGenerated(all, text, comments);
  const index = new LineIndex(text);
  const suppressions = new Suppressions(text, comments, index);
  const severityOf = severitiesFor(path, evidence.policies, settings);
  const learning = isLearningDocument(sentences);
  const range = (start: number, end: number) => {
    const from = index.position(start);
    const to = index.position(end);
    return {
      path,
      line: from.line,
      column: from.column,
      endLine: to.line,
      endColumn: to.column,
      text: text.slice(start, end),
    };
  };
  const claims = sentences.flatMap((sentence): Claim[] => {
    const result = tableClaim(sentence);
    const detection = detectClaim(sentence, learning);
    const kind = detection?.kind ?? result?.kind;
    if (kind === undefined) return [];
    const facts = detection ? extractFacts(sentence.plain) : result!.facts;
    const parts = neighbourhood(sentence);
    const nearbyText = parts.join(' \n ');
    const nearby = mergeFacts(parts.map(extractFacts));
    const judgement = judge({ sentence, kind, facts, nearby: detection ? nearby : facts, path }, evidence);
    // A table of results speaks for itself unless there is evidence to hold it against.
    if (!detection && judgement.evidence === null) return [];
    const context: ClaimContext = { sentence, kind, facts, nearby, nearbyText, tabular: !detection, judgement };
    const rules = runRules(context, severityOf);
    const claim: Claim = {
      ...range(sentence.start, sentence.end),
      kind,
      verdict: verdictOf(context, rules),
      rules,
      evidence: judgement.evidence,
      suppressed: null,
    };
    return [suppressions.apply(claim)];
  });
  const isOn = (name: string) =>
    claimRules.some((rule) => `claims/${rule.name}` === name && severityOf(rule) !== 'off');
  const faults = suppressions.faults(isOn).flatMap(({ comment, rule, message }): Claim[] => {
    const severity = severityOf(rule);
    if (severity === 'off') return [];
    return [
      {
        ...range(comment.start, comment.end),
        kind: 'general',
        // A comment that is idle excuses no claim, so none is the worse for it.
        verdict: rule === unusedSuppression ? 'supported' : 'underspecified',
        rules: [{ rule: `claims/${rule.name}`, severity, message }],
        evidence: null,
        suppressed: null,
        comment: true,
      },
    ];
  });
  return [...claims, ...faults].sort((a, b) => a.line - b.line || a.column - b.column);
}
