import type { ErrorData } from '../src/engine/error';
import type { SuiteName } from '../src/engine/spec/schema';
import type { ToWebview } from '../src/vscode/report/protocol';
import { listen } from './actions';
import { drawCharts } from './chart/charts';
import type { LineChart } from './chart/spec';
import { readDefinitions } from './definitions';
import { h } from './dom';
import { loadState, post, type SavedState, saveState } from './host';
import { morph } from './morph';
import { outputPage, page } from './page';
import { spinner } from './parts';
import { hostError } from './section/status';
import './style/report.css';
import { onThemeChange, readTheme } from './theme';
import { registerComponents } from './ui';

registerComponents();

const root = document.getElementById('report') as HTMLElement;
const definitions = readDefinitions();
let saved: SavedState = loadState();
let shown: Extract<ToWebview, { type: 'report' }> | null = null;
let error: ErrorData | null = null;
let charts = new Map<string, LineChart>();

function render(): void {
  charts = new Map();
  const first = root.querySelector('main') === null;
  const fresh = h(
    'div',
    { id: 'report' },
    error === null ? null : hostError(error),
    shown === null ? blank() : pageOf(shown),
  );
  morph(root, fresh);
  drawCharts(root, charts, readTheme());
  if (first && shown !== null && saved.scroll > 0) window.scrollTo(0, saved.scroll);
}

function pageOf({ report, stale, secondsLeft, recommendations }: Extract<ToWebview, { type: 'report' }>): HTMLElement {
  const common = {
    stale,
    secondsLeft,
    recommendations,
    ...definitions,
    sort: saved.sort,
    open: new Set(saved.open),
    charts,
  };
  return report.task === 'regression'
    ? outputPage({ ...common, report, threat: chosen(report.threatModels) })
    : page({ ...common, report, threat: chosen(report.threatModels) });
}

/** The threat model that the reader chose, or the first. */
function chosen<Threat extends { readonly name: string }>(threats: readonly Threat[]): Threat | null {
  return threats.find(({ name }) => name === saved.threatModel) ?? threats[0] ?? null;
}

function blank(): HTMLElement | null {
  return error === null ? h('p', { class: 'blank', role: 'status' }, spinner(), 'Loading the report…') : null;
}

function keep(change: Partial<SavedState>): void {
  saved = { ...saved, ...change };
  saveState(saved);
}

listen(root, (action, value) => {
  switch (action) {
    case 'openFile':
      return post({ type: 'openFile', path: value });
    case 'openRule':
      return post({ type: 'openRule', rule: value });
    case 'cancel':
    case 'resume':
    case 'openAsText':
      return post({ type: action });
    case 'rerun':
      return post({ type: 'rerun', preset: value as SuiteName });
    case 'mitigate': {
      const pitfall = shown?.report.pitfalls[Number(value)];
      if (pitfall !== undefined) post({ type: 'mitigate', rule: pitfall.rule, message: pitfall.message });
      return;
    }
    case 'export':
      if (value === 'md' || value === 'html' || value === 'csv') post({ type: 'export', format: value });
      if (value === 'examples') post({ type: 'exportExamples' });
      return;
    case 'dismissError':
      error = null;
      return render();
    case 'threatModel':
      keep({ threatModel: value });
      return render();
    case 'sort': {
      const again = saved.sort.column === value;
      keep({ sort: { column: value, descending: again ? !saved.sort.descending : false } });
      return render();
    }
  }
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

window.addEventListener('message', ({ data }: MessageEvent<ToWebview>) => {
  if (data.type === 'report') {
    shown = data;
    error = null;
  } else if (data.type === 'error') error = data.error;
  else return;
  render();
});

onThemeChange(() => drawCharts(root, charts, readTheme()));
render();
post({ type: 'ready' });
