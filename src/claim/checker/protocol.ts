import type { EvidenceIndex } from '../evidence';
import type { RuleSettings } from '../severity';
import type { Claim } from '../types';

/** A document to check. */
export interface CheckTask {
  readonly text: string;
  /** Relative to the same root as the evidence, with forward slashes. */
  readonly path: string;
  /** Severities that go before those of the specs. */
  readonly settings: RuleSettings;
  /** Of the editor, where a document is open: names without an ending say nothing. */
  readonly language: string | null;
  /** Whether what the linter does not read unasked is left out; see `isInScope`. */
  readonly scoped: boolean;
  /** Whether the document will be checked again soon, after an edit. */
  readonly remember: boolean;
}

/** To the thread. Evidence is large and changes seldom: it is sent once, and named by its number afterwards. */
export type CheckRequest =
  | { readonly type: 'evidence'; readonly evidence: number; readonly index: EvidenceIndex }
  | { readonly type: 'forget'; readonly evidence: number }
  | { readonly type: 'check'; readonly evidence: number; readonly task: CheckTask };

/** From the thread: `ready` once, then one answer a check, in order. */
export type CheckReply =
  | { readonly type: 'ready' }
  /** Null: out of scope. */
  | { readonly type: 'claims'; readonly claims: Claim[] | null }
  | { readonly type: 'failed'; readonly message: string };
