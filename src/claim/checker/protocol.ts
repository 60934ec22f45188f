import type { EvidenceIndex } from '../evidence';
import type { RuleSettings } from '../severity';
import type { Claim } from '../types';

/** To the thread. Evidence is large and changes seldom: it is sent once, and named by its number afterwards. */
export type CheckRequest =
  | { readonly type: 'evidence'; readonly evidence: number; readonly index: EvidenceIndex }
  | { readonly type: 'forget'; readonly evidence: number }
  | {
      readonly type: 'check';
      readonly text: string;
      readonly path: string;
      readonly evidence: number;
      readonly settings: RuleSettings;
    };

/** From the thread: `ready` once, then one answer a check, in order. */
export type CheckReply =
  | { readonly type: 'ready' }
  | { readonly type: 'claims'; readonly claims: readonly Claim[] }
  | { readonly type: 'failed'; readonly message: string };
