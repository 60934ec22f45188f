import type { EvidenceIndex } from '../evidence';
import type { RuleSettings } from '../severity';
import type { Claim } from '../types';
import type { ClaimsDelta } from './claimsDelta';
import type { TextChange } from './editedText';

/** A document that is edited: its text stays in the thread, which is told of the changes alone where it has it. */
export type KeptText = {
  readonly document: number;
  /** That it has now: where it has not, the thread's text is another. */
  readonly lines: number;
} & ({ readonly text: string } | { readonly changes: readonly TextChange[] });

/** What of a check is the same for all texts. */
export interface CheckSettings {
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

/** A document to check. */
export interface CheckTask extends CheckSettings {
  readonly text: string;
}

/** To the thread. Evidence is large and changes seldom: it is sent once, and named by its number afterwards. */
export type CheckRequest =
  | { readonly type: 'evidence'; readonly evidence: number; readonly index: EvidenceIndex }
  | { readonly type: 'forget'; readonly evidence: number }
  | { readonly type: 'check'; readonly evidence: number; readonly task: CheckTask }
  | {
      readonly type: 'check-kept';
      readonly evidence: number;
      readonly text: KeptText;
      readonly task: CheckSettings;
    }
  /** An edited document was closed. */
  | { readonly type: 'close'; readonly document: number };

/** From the thread: `ready` once, then one answer a check, in order. */
export type CheckReply =
  | { readonly type: 'ready' }
  /** Null: out of scope. */
  | { readonly type: 'claims'; readonly claims: Claim[] | null }
  /** Of an edited document: what is other than in the last `claims` or `change` of it. */
  | { readonly type: 'change'; readonly change: ClaimsDelta }
  /** The thread has not the text that the changes were made to: it is to be sent whole. */
  | { readonly type: 'lost' }
  | { readonly type: 'failed'; readonly message: string };
