import {
  Chart,
  type ChartConfiguration,
  LinearScale,
  type Plugin,
  PointElement,
  ScatterController,
  Tooltip,
} from 'chart.js';
import type { Axis } from '../../src/engine/compare/types';
import type { Figure } from '../../src/engine/report/schema';
import { font } from '../chart/annotate';
import { interval, percent } from '../format';
import type { ChartColor, Theme } from '../theme';

export interface ScatterPoint {
  readonly label: string;
  readonly x: Figure;
  readonly y: Figure;
  readonly color: ChartColor;
  readonly shape: 'circle' | 'triangle' | 'rect' | 'rectRot';
  /** Filled, and joined to the others of the front. */
  readonly front: boolean;
  /** Shown, but not compared. */
  readonly apart: boolean;
}

/** Points with an interval in both directions. */
export interface Scatter {
  readonly points: readonly ScatterPoint[];
  readonly x: Axis & { readonly title: string };
  readonly y: Axis & { readonly title: string };
}

Chart.register(ScatterController, PointElement, LinearScale, Tooltip);

const drawn = new Map<HTMLCanvasElement, { readonly chart: Chart; readonly made: string }>();

/** Draws the canvases below `root` that `data-scatter` names; one whose description and theme are as before is not touched. */
export function drawScatters(root: Element, specs: ReadonlyMap<string, Scatter>, theme: Theme): void {
  for (const [canvas, { chart }] of drawn) {
    if (canvas.isConnected) continue;
    chart.destroy();
    drawn.delete(canvas);
  }
  for (const canvas of root.querySelectorAll<HTMLCanvasElement>('canvas[data-scatter]')) {
    const spec = specs.get(canvas.dataset.scatter ?? '');
    if (spec === undefined) continue;
    const made = JSON.stringify([spec, theme]);
    const before = drawn.get(canvas);
    if (before?.made === made) continue;
    before?.chart.destroy();
    Chart.defaults.font.family = theme.fontFamily;
    Chart.defaults.font.size = theme.fontSize - 2;
    drawn.set(canvas, { chart: new Chart(canvas, config(spec, theme)), made });
  }
}

function config(spec: Scatter, theme: Theme): ChartConfiguration<'scatter'> {
  const title = (text: string) => ({ display: true, text, color: theme.muted, font: { size: theme.fontSize - 2 } });
  const axis = ({ min, max, step, title: text }: Scatter['x']) => ({
    min,
    max,
    title: title(text),
    border: { color: theme.muted },
    grid: { color: theme.grid, drawTicks: false },
    ticks: {
      color: theme.muted,
      padding: 6,
      stepSize: step,
      maxRotation: 0,
      callback: (tick: number | string) => percent(Number(tick), step < 0.01 ? 1 : 0),
    },
  });
  return {
    type: 'scatter',
    data: {
      datasets: spec.points.map(({ label, x, y, color, shape, front, apart }) => {
        const stroke = apart ? theme.muted : theme.colors[color];
        return {
          label,
          data: [{ x: x.value, y: y.value }],
          pointStyle: shape,
          pointRadius: 6,
          pointHoverRadius: 7,
          borderColor: stroke,
          borderWidth: 2,
          backgroundColor: front ? stroke : theme.background,
          clip: false as const,
        };
      }),
    },
    plugins: [marks(spec, theme)],
    options: {
      responsive: true,
      maintainAspectRatio: false,
      animation: false,
      layout: { padding: { right: 12, top: 10 } },
      interaction: { mode: 'nearest', axis: 'xy', intersect: false },
      scales: { x: axis(spec.x), y: axis(spec.y) },
      plugins: {
        legend: { display: false },
        tooltip: {
          backgroundColor: theme.background,
          titleColor: theme.foreground,
          bodyColor: theme.foreground,
          borderColor: theme.border,
          borderWidth: 1,
          displayColors: false,
          callbacks: {
            title: (items) => items.map(({ dataset }) => dataset.label ?? '').join(', '),
            label: ({ datasetIndex }) => {
              const point = spec.points[datasetIndex];
              if (point === undefined) return '';
              return [
                `Clean ${percent(point.x.value)} (${interval(point.x)})`,
                `Robust ≤ ${percent(point.y.value)} (${interval(point.y)})`,
                ...(point.apart ? ['Not compared'] : [point.front ? 'On the Pareto front' : 'Dominated']),
              ];
            },
          },
        },
      },
    },
  };
}

/** Whiskers and the front under the points, names beside them. */
function marks(spec: Scatter, theme: Theme): Plugin<'scatter'> {
  return {
    id: 'marks',
    beforeDatasetsDraw(chart) {
      const at = positions(chart, spec);
      const { ctx } = chart;
      ctx.save();
      const front = at.filter(({ point }) => point.front).sort((a, b) => a.x - b.x);
      ctx.strokeStyle = theme.muted;
      ctx.lineWidth = theme.highContrast ? 2 : 1.25;
      ctx.setLineDash([5, 4]);
      ctx.beginPath();
      // A staircase: nothing between two models of the front is known to be reached.
      for (const [i, { x, y }] of front.entries()) {
        if (i > 0) ctx.lineTo(front[i - 1]?.x ?? x, y);
        ctx.lineTo(x, y);
      }
      ctx.stroke();
      ctx.setLineDash([]);
      for (const { point, x, y, left, right, top, bottom } of at) {
        ctx.strokeStyle = point.apart ? theme.muted : theme.colors[point.color];
        ctx.lineWidth = theme.highContrast ? 2 : 1.5;
        ctx.beginPath();
        ctx.moveTo(left, y);
        ctx.lineTo(right, y);
        ctx.moveTo(x, top);
        ctx.lineTo(x, bottom);
        for (const end of [left, right]) {
          ctx.moveTo(end, y - 4);
          ctx.lineTo(end, y + 4);
        }
        for (const end of [top, bottom]) {
          ctx.moveTo(x - 4, end);
          ctx.lineTo(x + 4, end);
        }
        ctx.stroke();
      }
      ctx.restore();
    },
    afterDatasetsDraw(chart) {
      const { ctx, chartArea: area } = chart;
      ctx.save();
      ctx.font = `600 ${font(theme)}`;
      ctx.textBaseline = 'middle';
      ctx.textAlign = 'left';
      const height = theme.fontSize;
      const at = positions(chart, spec);
      const taken: Box[] = at.map(({ x, y }) => ({ x: x - 7, y: y - 7, w: 14, h: 14 }));
      for (const { point, x, y } of at) {
        const w = ctx.measureText(point.label).width;
        const places = [
          [x + 10, y - height],
          [x - 10 - w, y - height],
          [x + 10, y + height],
          [x - 10 - w, y + height],
        ] as const;
        const free = places
          .map(([left, middle]): Box => ({ x: left, y: middle - height / 2, w, h: height }))
          .find((box) => inside(box, area) && !taken.some((other) => overlap(box, other)));
        // Where there is no room the tooltip and the table name it.
        if (free === undefined) continue;
        taken.push(free);
        ctx.fillStyle = theme.background;
        ctx.fillRect(free.x - 2, free.y - 1, w + 4, height + 2);
        ctx.fillStyle = theme.highContrast ? theme.foreground : point.apart ? theme.muted : theme.colors[point.color];
        ctx.fillText(point.label, free.x, free.y + height / 2);
      }
      ctx.restore();
    },
  };
}

interface Box {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

function positions(chart: Chart<'scatter'>, { points }: Scatter) {
  const x = (value: number) => chart.scales.x?.getPixelForValue(value) ?? 0;
  const y = (value: number) => chart.scales.y?.getPixelForValue(value) ?? 0;
  return points.map((point) => ({
    point,
    x: x(point.x.value),
    y: y(point.y.value),
    left: x(point.x.low),
    right: x(point.x.high),
    top: y(point.y.high),
    bottom: y(point.y.low),
  }));
}

function inside({ x, y, w, h }: Box, area: Chart['chartArea']): boolean {
  return x >= area.left && x + w <= area.right + 8 && y >= area.top - 8 && y + h <= area.bottom;
}

export function overlap(a: Box, b: Box): boolean {
  return a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
}
