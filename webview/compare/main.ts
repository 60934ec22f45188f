import type { ErrorData } from '../../src/engine/error';
import type { FromComparePage, ToComparePage } from '../../src/vscode/compare/protocol';
import { listen } from '../actions';
import { drawCharts } from '../chart/charts';
import type { LineChart } from '../chart/spec';
import { h } from '../dom';
import { morph } from '../morph';
import { spinner } from '../parts';
import { onThemeChange, readTheme } from '../theme';
import { registerComponents } from '../ui';
import type { CompareContext } from './context';
import { comparePage } from './page';
import { drawScatters, type Scatter } from './scatter';
import '../style/compare.css';

/** What survives when the editor is hidden: choices of the reader, never figures. */
interface SavedState {
  readonly threat: string | null;
  readonly context: string | null;
  readonly base: number | null;
  readonly open: readonly string[];
  readonly scroll: number;
}

interface VsCodeApi {
  postMessage(message: FromComparePage): void;
  getState(): Partial<SavedState> | undefined;
  setState(state: SavedState): void;
}

declare function acquireVsCodeApi(): VsCodeApi;

registerComponents();
const api = acquireVsCodeApi();
const root = document.getElementById('compare') as HTMLElement;
let saved: SavedState = { threat: null, context: null, base: null, open: [], scroll: 0, ...api.getState() };
let shown: Extract<ToComparePage, { type: 'comparison' }> | null = null;
let error: ErrorData | null = null;
let charts = new Map<string, LineChart>();
let scatters = new Map<string, Scatter>();

function render(): void {
  charts = new Map();
  scatters = new Map();
  const first = root.querySelector('main') === null;
  morph(
    root,
    h('div', { id: 'compare' }, error === null ? null : failure(error), shown === null ? blank() : page(shown)),
  );
  draw();
  if (first && shown !== null && saved.scroll > 0) window.scrollTo(0, saved.scroll);
}

function draw(): void {
  const theme = readTheme();
  drawCharts(root, charts, theme);
  drawScatters(root, scatters, theme);
}

function page({ comparison, stale }: Extract<ToComparePage, { type: 'comparison' }>): HTMLElement {
  const { tradeOffs, choice, models } = comparison;
  const context = saved.context ?? choice?.context;
  const ctx: CompareContext = {
    comparison,
    stale,
    tradeOff: tradeOffs.find(({ key }) => key === saved.threat) ?? tradeOffs[0] ?? null,
    chosen: choice?.byContext.find((each) => each.context === context) ?? choice?.byContext[0] ?? null,
    base: saved.base !== null && saved.base < models.length ? saved.base : cleanest(models),
    open: new Set(saved.open),
    charts,
    scatters,
  };
  return comparePage(ctx);
}

/** What robustness is bought from: the model that is best without an attack. */
function cleanest(models: CompareContext['comparison']['models']): number {
  const clean = (i: number) => (models[i]?.apart === null ? (models[i]?.clean?.value ?? -1) : -1);
  return models.reduce((best, _, i) => (clean(i) > clean(best) ? i : best), 0);
}

function failure({ message, hint }: ErrorData): HTMLElement {
  return h(
    'div',
    { class: 'banner banner-failed', role: 'alert' },
    h('div', { class: 'banner-text' }, h('b', {}, message), h('p', {}, hint)),
  );
}

function blank(): HTMLElement | null {
  return error === null ? h('p', { class: 'blank', role: 'status' }, spinner(), 'Comparing the reports…') : null;
}

function keep(change: Partial<SavedState>): void {
  saved = { ...saved, ...change };
  api.setState(saved);
}

listen(root, (action, value) => {
  switch (action) {
    case 'threat':
    case 'context':
      keep({ [action]: value });
      return render();
    case 'openReport':
      return api.postMessage({ type: 'openReport', model: Number(value) });
    case 'export':
      return api.postMessage({
        type: 'export',
        context: saved.context ?? shown?.comparison.choice?.context ?? 'general',
      });
  }
});

root.addEventListener('change', ({ target }) => {
  if (!(target instanceof HTMLSelectElement) || target.dataset.change !== 'base') return;
  keep({ base: Number(target.value) });
  render();
});

root.addEventListener(
  'toggle',
  ({ target }) => {
    if (!(target instanceof HTMLDetailsElement) || target.dataset.key === undefined) return;
    const others = saved.open.filter((key) => key !== target.dataset.key);
    keep({ open: target.open ? [...others, target.dataset.key] : others });
  },
  // `toggle` does not bubble.
  { capture: true },
);

let scrolled = 0;
window.addEventListener('scroll', () => {
  window.clearTimeout(scrolled);
  scrolled = window.setTimeout(() => keep({ scroll: window.scrollY }), 150);
});

window.addEventListener('message', ({ data }: MessageEvent<ToComparePage>) => {
  if (data.type === 'comparison') {
    shown = data;
    error = null;
  } else if (data.type === 'error') error = data.error;
  else return;
  render();
});

onThemeChange(draw);
render();
api.postMessage({ type: 'ready' });
