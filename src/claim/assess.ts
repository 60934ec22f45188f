import { detectClaim } from './detect';
import type { MetadataResult, Sentence } from './document/types';
import type { EvidenceIndex } from './evidence';
import { extractFacts, type Facts, mergeFacts } from './extract';
import { judge } from './judge/judge';
import { resultClaim } from './metadataResult';
import { evidenceRules, proseRules } from './rule/registry';
import type { ClaimContext, ClaimRule } from './rule/types';
import type { severitiesFor } from './severity';
import { tableClaim } from './table';
import type { Topic } from './topic';
import type { Claim, ClaimVerdict, RuleHit } from './types';

/** What holds for all sentences of a document alike. */
export interface DocumentScope {
  /** Relative to the same root as the evidence, with forward slashes. */
  readonly path: string;
  readonly topic: Topic;
  /** What the document says it is about. */
  readonly about?: readonly string[];
  readonly evidence: EvidenceIndex;
  readonly severityOf: ReturnType<typeof severitiesFor>;
}

/** What a claim is, wherever it stands. */
export type Assessment = Pick<Claim, 'kind' | 'verdict' | 'rules' | 'evidence'>;

function runRules(context: ClaimContext, severityOf: DocumentScope['severityOf']): RuleHit[] {
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

/** A sentence is read as itself, and as the neighbour of two others. */
const lately = new Map<string, Facts>();

function factsOf(text: string): Facts {
  let facts = lately.get(text);
  if (facts === undefined) {
    if (lately.size >= 200) lately.clear();
    facts = extractFacts(text);
    lately.set(text, facts);
  }
  return facts;
}

/** The claim that a sentence makes, held against the evidence and the rules; null where it makes none. */
export function assess(sentence: Sentence, scope: DocumentScope): Assessment | null {
  const result = tableClaim(sentence);
  const detection = detectClaim(sentence, scope.topic);
  const kind = detection?.kind ?? result?.kind;
  if (kind === undefined) return null;
  // The header of a table says of each figure what it is.
  const facts = result?.facts ?? factsOf(sentence.plain);
  const parts = neighbourhood(sentence);
  const nearbyText = parts.join(' \n ');
  const nearby = mergeFacts(parts.map(factsOf));
  return held({ sentence, kind, facts, nearby, nearbyText, tabular: !detection }, scope);
}

/** The claim that an entry of metadata makes, likewise. */
export function assessResult(result: MetadataResult, scope: DocumentScope): Assessment | null {
  const claim = resultClaim(result);
  return claim && held({ ...claim, nearby: claim.facts, nearbyText: result.plain, tabular: true }, scope);
}

function held(
  claim: Omit<ClaimContext, 'judgement'>,
  { path, about = [], evidence, severityOf }: DocumentScope,
): Assessment | null {
  const { sentence, kind, facts, tabular } = claim;
  const nearby = tabular ? facts : claim.nearby;
  const judgement = judge({ sentence, kind, facts, nearby, path, about }, evidence);
  // A table of results speaks for itself unless there is evidence to hold it against.
  if (tabular && judgement.evidence === null) return null;
  const context: ClaimContext = { ...claim, judgement };
  const rules = runRules(context, severityOf);
  return { kind, verdict: verdictOf(context, rules), rules, evidence: judgement.evidence };
}
