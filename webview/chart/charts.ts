import { Chart, Filler, LinearScale, LineController, LineElement, PointElement, Tooltip } from 'chart.js';
import type { Theme } from '../theme';
import { lineConfig } from './line';
import type { LineChart } from './spec';

Chart.register(LineController, LineElement, PointElement, LinearScale, Filler, Tooltip);

const drawn = new Map<HTMLCanvasElement, { readonly chart: Chart; readonly made: string }>();

/**
 * Draws the canvases below `root` from the descriptions that their `data-chart` names, and lets go of those that left
 * the page. A chart whose description and theme are as before is not touched.
 */
export function drawCharts(root: Element, specs: ReadonlyMap<string, LineChart>, theme: Theme): void {
  for (const [canvas, { chart }] of drawn) {
    if (canvas.isConnected) continue;
    chart.destroy();
    drawn.delete(canvas);
  }
  for (const canvas of root.querySelectorAll<HTMLCanvasElement>('canvas[data-chart]')) {
    const spec = specs.get(canvas.dataset.chart ?? '');
    if (spec === undefined) continue;
    const made = JSON.stringify([spec, theme]);
    const before = drawn.get(canvas);
    if (before?.made === made) continue;
    before?.chart.destroy();
    Chart.defaults.font.family = theme.fontFamily;
    Chart.defaults.font.size = theme.fontSize - 2;
    drawn.set(canvas, { chart: new Chart(canvas, lineConfig(spec, theme)), made });
  }
}
