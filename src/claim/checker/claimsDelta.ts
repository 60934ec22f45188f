import type { Claim } from '../types';

/** How the claims of a document differ from those of the check before: one run of them, and lines that the rest moved by. */
export interface ClaimsDelta {
  /** The first claims of which nothing changed. */
  readonly kept: number;
  /** The claims after them that are gone. */
  readonly removed: number;
  /** What stands in their place. */
  readonly added: readonly Claim[];
  /** The lines that the claims behind them moved by, and changed in nothing else. */
  readonly lines: number;
}

/** What is to be done to `before` so that it says what `after` says. */
export function changeOfClaims(before: readonly Claim[], after: readonly Claim[]): ClaimsDelta {
  const most = Math.min(before.length, after.length);
  let kept = 0;
  while (kept < most && isSame(before[kept]!, after[kept]!, 0)) kept++;
  const [lastBefore, lastAfter] = [before.at(-1), after.at(-1)];
  const lines = lastBefore && lastAfter ? lastAfter.line - lastBefore.line : 0;
  let moved = 0;
  while (moved < most - kept && isSame(before[before.length - 1 - moved]!, after[after.length - 1 - moved]!, lines))
    moved++;
  return {
    kept,
    removed: before.length - kept - moved,
    added: after.slice(kept, after.length - moved),
    lines: moved === 0 ? 0 : lines,
  };
}

/** `before` with a change made to it; claims that are the same are the same objects. */
export function withChange(before: readonly Claim[], { kept, removed, added, lines }: ClaimsDelta): Claim[] {
  const after = before.slice(0, kept);
  for (const claim of added) after.push(claim);
  for (let i = kept + removed; i < before.length; i++) {
    const claim = before[i]!;
    after.push(lines === 0 ? claim : { ...claim, line: claim.line + lines, endLine: claim.endLine + lines });
  }
  return after;
}

/** Whether two claims are the same, the second `lines` further down. */
function isSame(a: Claim, b: Claim, lines: number): boolean {
  return (
    a.line + lines === b.line &&
    a.endLine + lines === b.endLine &&
    a.column === b.column &&
    a.endColumn === b.endColumn &&
    a.kind === b.kind &&
    a.verdict === b.verdict &&
    a.suppressed === b.suppressed &&
    a.comment === b.comment &&
    a.text === b.text &&
    a.path === b.path &&
    isEqual(a.rules, b.rules) &&
    isEqual(a.evidence, b.evidence) &&
    isEqual(a.suppressedRules, b.suppressedRules)
  );
}

/** What was not assessed again is the same object. */
const isEqual = (a: unknown, b: unknown): boolean => a === b || JSON.stringify(a) === JSON.stringify(b);
