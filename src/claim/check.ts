import { assess, assessResult, type DocumentScope } from './assess';
import type { AssessmentMemory } from './assessmentMemory';
import type { ReadingMemory } from './document/commonmark/memory';
import { parseDocument } from './document/registry';
import type { DocumentFormat } from './document/types';
import type { EvidenceIndex } from './evidence';
import { withoutGenerated } from './fix/block/marker';
import { LineIndex } from './lines';
import { claimRules } from './rule/registry';
import { unusedSuppression } from './rule/unused-suppression';
import { type RuleSettings, severitiesFor } from './severity';
import { Suppressions } from './suppress';
import { isLearningDocument, mayHoldClaims } from './topic';
import type { Claim } from './types';

export interface CheckExtras {
  /** Where the name does not say which. */
  readonly format?: DocumentFormat;
  /** Of the last check of this document. */
  readonly memory?: AssessmentMemory;
  /** Of the last reading of this document. */
  readonly reading?: ReadingMemory;
}

/** Larger documents are no prose that a person wrote. */
const maxLength = 4_000_000;

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
  { format, memory, reading }: CheckExtras = {},
): Claim[] {
  if (text.length > maxLength) return [];
  if (!mayHoldClaims(text)) return [];
  const document = parseDocument(text, path, format, reading);
  const sentences = withoutGenerated(document.sentences, text, document.comments);
  const severityOf = severitiesFor(path, evidence.policies, settings);
  const scope: DocumentScope = {
    path,
    topic: isLearningDocument(sentences),
    about: document.about,
    evidence,
    severityOf,
  };
  memory?.begin(scope, settings);
  const index = new LineIndex(text);
  const suppressions = new Suppressions(text, document.comments, index);
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
    const make = () => assess(sentence, scope);
    const assessment = memory === undefined ? make() : memory.recall(sentence, text, make);
    if (assessment === null) return [];
    return [suppressions.apply({ ...range(sentence.start, sentence.end), ...assessment, suppressed: null })];
  });
  const results = document.results.flatMap((result): Claim[] => {
    const assessment = assessResult(result, scope);
    if (assessment === null) return [];
    return [suppressions.apply({ ...range(result.start, result.end), ...assessment, suppressed: null })];
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
  return [...claims, ...results, ...faults].sort((a, b) => a.line - b.line || a.column - b.column);
}
