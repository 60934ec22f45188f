import type { FromWebview } from '../src/vscode/report/protocol';

/** What survives when the editor is hidden: choices of the reader, never report data. */
export interface SavedState {
  readonly threatModel: string | null;
  readonly sort: { readonly column: string; readonly descending: boolean };
  /** `data-key` of the toggles that are open. */
  readonly open: readonly string[];
  readonly scroll: number;
}

interface VsCodeApi {
  postMessage(message: FromWebview): void;
  getState(): Partial<SavedState> | undefined;
  setState(state: SavedState): void;
}

declare function acquireVsCodeApi(): VsCodeApi;

const api = acquireVsCodeApi();

export function post(message: FromWebview): void {
  api.postMessage(message);
}

export function loadState(): SavedState {
  const saved = api.getState() ?? {};
  return {
    threatModel: saved.threatModel ?? null,
    sort: saved.sort ?? { column: 'robust', descending: false },
    open: saved.open ?? [],
    scroll: saved.scroll ?? 0,
  };
}

export function saveState(state: SavedState): void {
  api.setState(state);
}
