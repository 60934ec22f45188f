import type { RuleSetting } from '../../engine/spec/claimRules';
import type { Sentence } from '../document/types';
import type { Facts } from '../extract';
import type { Judgement } from '../judge/types';
import type { ClaimKind } from '../types';

/** A claim with all that a rule may look at. */
export interface ClaimContext {
  readonly sentence: Sentence;
  readonly kind: ClaimKind;
  /** Stated in the sentence itself. */
  readonly facts: Facts;
  /** Stated in the sentence, its neighbours, its heading or its table's header. */
  readonly nearby: Facts;
  /** The text that `nearby` was read from. */
  readonly nearbyText: string;
  /** A row of a table of results: held against the evidence, not against the rules of prose. */
  readonly tabular: boolean;
  readonly judgement: Judgement;
}

/** One fault of a claim: one file, one page in docs/rules/claims, one test with the same name. */
export interface ClaimRule {
  /** Name without the `claims/` prefix. */
  readonly name: string;
  /** Where nobody sets another; `off` for a rule that has to be asked for. */
  readonly severity: RuleSetting;
  /** Paper or guideline that it is taken from. */
  readonly source: string;
  /** One sentence for people and for SARIF. */
  readonly summary: string;
  /** What is wrong and what to do, or null. */
  check(claim: ClaimContext): string | null;
}
