import type { ErrorData } from '../../engine/error';
import type { Pitfall, Report } from '../../engine/report/schema';
import type { Section } from '../../engine/report/section';

/** The report on a model that predicts numbers, in the parts that every rendering has. */
export interface OutputPage {
  readonly type: 'outputs';
  readonly title: string;
  /** Why the figures may not be read yet. */
  readonly caveat: string | null;
  readonly state: Report['status']['state'];
  readonly sections: readonly Section[];
  readonly pitfalls: readonly Pitfall[];
}

/** Extension host to report webview. */
export type ToWebview =
  | { readonly type: 'report'; readonly report: Report; readonly stale: boolean; readonly secondsLeft: number | null }
  | OutputPage
  | { readonly type: 'error'; readonly error: ErrorData };

/** Report webview to extension host. */
export type FromWebview =
  /** The page has loaded and wants the report. */
  | { readonly type: 'ready' }
  | { readonly type: 'openFile'; readonly path: string }
  | { readonly type: 'openRule'; readonly rule: string }
  /** The report file itself, as text: offered where it cannot be shown. */
  | { readonly type: 'openAsText' }
  | { readonly type: 'cancel' }
  | { readonly type: 'resume' }
  | { readonly type: 'rerun'; readonly preset: 'quick' | 'standard' | 'thorough' }
  | { readonly type: 'export'; readonly format: 'md' | 'html' | 'csv' };
