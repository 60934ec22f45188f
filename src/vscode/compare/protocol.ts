import type { ModelComparison } from '../../engine/compare/types';
import type { ErrorData } from '../../engine/error';

/** Extension host to comparison webview. */
export type ToComparePage =
  | {
      readonly type: 'comparison';
      readonly comparison: ModelComparison;
      /** By model: its file is no longer the one that was evaluated. */
      readonly stale: readonly boolean[];
    }
  | { readonly type: 'error'; readonly error: ErrorData };

/** Comparison webview to extension host; `parseCompareMessage` holds what arrives against it. */
export type FromComparePage =
  | { readonly type: 'ready' }
  /** Index of the model whose report is to be opened. */
  | { readonly type: 'openReport'; readonly model: number }
  /** As one HTML file, with the choice in this context. */
  | { readonly type: 'export'; readonly context: string };
