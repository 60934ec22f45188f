import type { ErrorData } from '../../engine/error';
import type { Recommendation } from '../../engine/recommend/types';
import type { AnyReport } from '../../engine/report/regression';
import type { SuiteName } from '../../engine/spec/schema';

/** Extension host to report webview. */
export type ToWebview =
  | {
      readonly type: 'report';
      readonly report: AnyReport;
      readonly stale: boolean;
      readonly secondsLeft: number | null;
      /** Computed from the report: the page imports nothing of the engine. */
      readonly recommendations: readonly Recommendation[];
    }
  | { readonly type: 'error'; readonly error: ErrorData };

/** Report webview to extension host; `parseMessage` holds what arrives against it. */
export type FromWebview =
  /** The page has loaded and wants the report. */
  | { readonly type: 'ready' }
  | { readonly type: 'openFile'; readonly path: string }
  | { readonly type: 'openRule'; readonly rule: string }
  /** The report file itself, as text: offered where it cannot be shown. */
  | { readonly type: 'openAsText' }
  | { readonly type: 'cancel' }
  | { readonly type: 'resume' }
  | { readonly type: 'rerun'; readonly preset: SuiteName }
  /** The stronger run that a pitfall of the report asks for; its rule and message name the pitfall. */
  | { readonly type: 'mitigate'; readonly rule: string; readonly message: string }
  | { readonly type: 'export'; readonly format: 'md' | 'html' | 'csv' }
  /** Adversarial or corrupted examples, to train on; which of them is asked for. */
  | { readonly type: 'exportExamples' };
