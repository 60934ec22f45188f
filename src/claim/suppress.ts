import type { DocumentComment } from './document/types';
import type { LineIndex } from './lines';
import type { Claim, RuleHit } from './types';

export interface Suppression {
  readonly comment: DocumentComment;
  /** Line that it excuses, from 1. */
  readonly line: number;
  /** Rule names with their prefix; empty for all rules. */
  readonly rules: readonly string[];
  /** Null when the comment gives none. */
  readonly reason: string | null;
}

const directive = /^\s*robustness-disable-(next-line|line)\b([\s\S]*)$/;

/** The first line after `line` that is not blank: a Markdown comment is often followed by an empty line. */
function nextLine(lines: readonly string[], line: number): number {
  let next = line + 1;
  while (next < lines.length && lines[next - 1]!.trim() === '') next++;
  return next;
}

/** Suppression comments: `<!-- robustness-disable-next-line claims/rule, claims/other -- reason -->`. */
export function readSuppressions(text: string, comments: readonly DocumentComment[], index: LineIndex): Suppression[] {
  const lines = text.split(/\r\n|\r|\n/);
  return comments.flatMap((comment): Suppression[] => {
    const match = directive.exec(comment.body);
    if (!match) return [];
    const rest = match[2]!;
    const cut = rest.search(/(?:^|\s)--(?:\s|$)/);
    const named = cut < 0 ? rest : rest.slice(0, cut);
    const reason =
      cut < 0
        ? ''
        : rest
            .slice(cut)
            .replace(/^\s*--/, '')
            .trim();
    const end = index.position(Math.max(comment.start, comment.end - 1)).line;
    return [
      {
        comment,
        line: match[1] === 'line' ? index.position(comment.start).line : nextLine(lines, end),
        rules: named.split(/[\s,]+/).filter((name) => name.startsWith('claims/')),
        reason: reason === '' ? null : reason,
      },
    ];
  });
}

/** The claim with what suppressions excuse taken out of its rules. Without a reason, nothing is excused. */
export function applySuppressions(claim: Claim, suppressions: readonly Suppression[]): Claim {
  const excused: RuleHit[] = [];
  let reason: string | null = null;
  for (const suppression of suppressions) {
    if (suppression.reason === null || suppression.line < claim.line || suppression.line > claim.endLine) continue;
    for (const hit of claim.rules) {
      if (excused.includes(hit) || (suppression.rules.length > 0 && !suppression.rules.includes(hit.rule))) continue;
      excused.push(hit);
      reason ??= suppression.reason;
    }
  }
  if (excused.length === 0) return claim;
  const rules = claim.rules.filter((hit) => !excused.includes(hit));
  return { ...claim, rules, suppressed: rules.length === 0 ? reason : null, suppressedRules: excused };
}
