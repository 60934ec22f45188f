import { claimRuleNames } from '../engine/spec/claimRules';
import { nearest } from '../engine/spec/suggest';
import type { DocumentComment } from './document/types';
import type { LineIndex } from './lines';
import { suppressionWithoutReason } from './rule/suppression-without-reason';
import type { ClaimRule } from './rule/types';
import { unknownRule } from './rule/unknown-rule';
import { unusedSuppression } from './rule/unused-suppression';
import { fullName } from './severity';
import type { Claim, RuleHit } from './types';

/** What is wrong with a suppression comment. */
export interface CommentFault {
  readonly comment: DocumentComment;
  readonly rule: ClaimRule;
  readonly message: string;
}

interface Suppression {
  readonly comment: DocumentComment;
  /** First line that it excuses, from 1. */
  readonly from: number;
  /** Last line that it excuses, for a rule or for all of them (`*`); without either, the rest of the document. */
  readonly until: Map<string, number>;
  /** Full names; null for all rules. */
  readonly rules: readonly string[] | null;
  readonly reason: string;
  /** Rules of which it excused a hit. */
  readonly used: Set<string>;
}

type Scope = 'disable-next-line' | 'disable-line' | 'disable-file' | 'disable' | 'enable';
const scopes: readonly string[] = [
  'disable-next-line',
  'disable-line',
  'disable-file',
  'disable',
  'enable',
] satisfies Scope[];

interface Directive {
  readonly scope: Scope;
  readonly rules: readonly string[] | null;
  /** Null when the comment gives none. */
  readonly reason: string | null;
}

const directivePattern = /^\s*robustness-([\w-]+)([\s\S]*)$/;
/** Blank, but for the marks of a comment, a quotation or a notebook's source. */
const blank = /^\s*(?:[#%>*]+|"(?:\\n)?",?)?\s*$/;

/** A comment of the same kind, for another rule: both stand before the claim. */
const stacked = /^\s*"?(?:<!--|\{\/\*|\.\.|%+|#+)\s*robustness-disable-next-line\b/;

/** The first line after `line` that is not blank: a comment is often followed by an empty line, or by another. */
function nextLine(lines: readonly string[], line: number): number {
  let next = line + 1;
  while (next < lines.length && (blank.test(lines[next - 1]!) || stacked.test(lines[next - 1]!))) next++;
  return next;
}

/**
 * The suppression comments of one document, in the syntax of its format: `robustness-disable-next-line`,
 * `robustness-disable-line`, `robustness-disable` … `robustness-enable`, `robustness-disable-file`, each with the names of
 * rules (all of them if none is named) and a reason after two dashes. Remembers what each excused.
 */
export class Suppressions {
  readonly #all: Suppression[] = [];
  readonly #faults: CommentFault[] = [];

  constructor(text: string, comments: readonly DocumentComment[], index: LineIndex) {
    let lines: readonly string[] | undefined;
    for (const comment of [...comments].sort((a, b) => a.start - b.start)) {
      const directive = this.#read(comment);
      if (directive === null) continue;
      const { scope, rules, reason } = directive;
      const first = index.position(comment.start).line;
      if (scope === 'enable') {
        this.#enable(comment, first, rules);
        continue;
      }
      if (reason === null) continue;
      const last = index.position(Math.max(comment.start, comment.end - 1)).line;
      const until = new Map<string, number>();
      let from = first;
      if (scope === 'disable-line') until.set('*', first);
      else if (scope === 'disable-file') from = 1;
      else if (scope === 'disable') from = last;
      else {
        lines ??= text.split(/\r\n|\r|\n/);
        from = nextLine(lines, last);
        until.set('*', from);
      }
      this.#all.push({ comment, from, until, rules, reason, used: new Set() });
    }
  }

  /** The claim with what comments excuse taken out of its rules. */
  apply(claim: Claim): Claim {
    if (this.#all.length === 0 || claim.rules.length === 0) return claim;
    const excused: RuleHit[] = [];
    let reason: string | null = null;
    for (const hit of claim.rules) {
      for (const suppression of this.#all) {
        if (!covers(suppression, hit.rule, claim)) continue;
        suppression.used.add(hit.rule);
        if (excused.includes(hit)) continue;
        excused.push(hit);
        reason ??= suppression.reason;
      }
    }
    if (excused.length === 0) return claim;
    const rules = claim.rules.filter((hit) => !excused.includes(hit));
    return { ...claim, rules, suppressed: rules.length === 0 ? reason : null, suppressedRules: excused };
  }

  /**
   * Faults of the comments themselves; to be asked for after the last `apply`.
   *
   * @param isOn whether a rule runs: a comment for a rule that does not is not blamed for excusing nothing
   */
  faults(isOn: (rule: string) => boolean): readonly CommentFault[] {
    const unused = this.#all.flatMap(({ comment, rules, used }): CommentFault[] => {
      const idle = (rules ?? []).filter((rule) => !used.has(rule) && isOn(rule));
      if (rules === null ? used.size > 0 : idle.length === 0) return [];
      const what = rules === null || idle.length === rules.length ? '' : ` for ${idle.join(', ')}`;
      return [
        {
          comment,
          rule: unusedSuppression,
          message: `This comment excuses nothing${what}; remove it, or what it names.`,
        },
      ];
    });
    return [...this.#faults, ...unused];
  }

  /** A directive with its names checked; null where the comment is none, or names no rule that exists. */
  #read(comment: DocumentComment): Directive | null {
    const match = directivePattern.exec(comment.body);
    if (!match) return null;
    const [, scope, rest] = match as unknown as [string, string, string];
    const blame = (rule: ClaimRule, message: string) => void this.#faults.push({ comment, rule, message });
    if (!scopes.includes(scope)) {
      const meant = nearest(scope, scopes);
      blame(
        unknownRule,
        `"robustness-${scope}" is no comment that the linter knows; ${meant === null ? `it knows ${scopes.map((one) => `robustness-${one}`).join(', ')}` : `did you mean "robustness-${meant}"?`}${meant === null ? '.' : ''}`,
      );
      return null;
    }
    const cut = rest.search(/(?:^|\s)(?:--|[–—])(?:\s|$)/);
    const named = (cut < 0 ? rest : rest.slice(0, cut)).split(/[\s,]+/).filter((name) => name !== '');
    const reason =
      cut < 0
        ? ''
        : rest
            .slice(cut)
            .replace(/^\s*(?:--|[–—])/, '')
            .trim();
    if (reason === '' && scope !== 'enable') {
      blame(
        suppressionWithoutReason,
        'This comment suppresses a rule without a reason; write it after two dashes, as in "-- measured in the paper".',
      );
      return { scope: scope as Scope, rules: null, reason: null };
    }
    const rules = named.map(fullName);
    const known = rules.filter((name) => (claimRuleNames as readonly string[]).includes(name));
    for (const [i, name] of rules.entries()) {
      if (known.includes(name)) continue;
      const meant = nearest(name, claimRuleNames);
      blame(
        unknownRule,
        `There is no rule "${named[i]}"; ${meant === null ? 'docs/rules/claims lists the rules.' : `did you mean "${meant}"?`}`,
      );
    }
    // A misspelt name must not excuse everything.
    if (named.length > 0 && known.length === 0) return null;
    return { scope: scope as Scope, rules: named.length === 0 ? null : known, reason };
  }

  #enable(comment: DocumentComment, line: number, rules: readonly string[] | null): void {
    let closed = false;
    for (const { from, until, rules: own } of this.#all) {
      if (from > line || until.has('*')) continue;
      for (const rule of rules ?? ['*']) {
        if (until.has(rule) || (rule !== '*' && own !== null && !own.includes(rule))) continue;
        until.set(rule, line);
        closed = true;
      }
    }
    if (!closed)
      this.#faults.push({
        comment,
        rule: unusedSuppression,
        message: 'This comment enables what nothing above it disabled; remove it.',
      });
  }
}

function covers({ rules, from, until }: Suppression, rule: string, claim: Claim): boolean {
  if (rules !== null && !rules.includes(rule)) return false;
  const last = until.get(rule) ?? until.get('*') ?? Number.POSITIVE_INFINITY;
  return claim.endLine >= from && claim.line <= last;
}
