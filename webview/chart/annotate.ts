import type { Chart, Plugin } from 'chart.js';
import type { Theme } from '../theme';
import type { LineChart, Mark, Rule, Series } from './spec';

/** Draws the rules and the labels at the ends of lines; both stand in for a legend. */
export function annotate(spec: LineChart, theme: Theme): Plugin<'line'> {
  return {
    id: 'annotate',
    beforeDatasetsDraw(chart) {
      for (const rule of spec.rules) drawRule(chart, rule, spec, theme);
    },
    afterDatasetsDraw(chart) {
      for (const mark of spec.marks ?? []) drawMark(chart, mark, theme);
      drawEndLabels(chart, spec, theme);
    },
  };
}

function drawRule(chart: Chart<'line'>, rule: Rule, spec: LineChart, theme: Theme): void {
  const { ctx, chartArea: area, scales } = chart;
  const scale = scales[rule.axis];
  if (scale === undefined) return;
  const at = Math.round(scale.getPixelForValue(rule.at)) + 0.5;
  ctx.save();
  ctx.strokeStyle = theme.colors[rule.color];
  ctx.fillStyle = theme.highContrast ? theme.foreground : theme.colors[rule.color];
  ctx.setLineDash([4, 3]);
  ctx.lineWidth = theme.highContrast ? 2 : 1;
  ctx.beginPath();
  if (rule.axis === 'x') {
    ctx.moveTo(at, area.top);
    ctx.lineTo(at, area.bottom);
  } else {
    ctx.moveTo(area.left, at);
    ctx.lineTo(area.right, at);
  }
  ctx.stroke();
  ctx.font = font(theme);
  if (rule.axis === 'x') {
    // To the right of the line, unless that would leave the plot.
    const width = ctx.measureText(rule.label).width;
    const right = at + 6 + width <= area.right;
    ctx.textAlign = right ? 'left' : 'right';
    ctx.textBaseline = 'top';
    write(ctx, rule.label, at + (right ? 6 : -6), area.top + 2, theme);
  } else {
    // At the end where the lines are farther away.
    const part = (ctx.measureText(rule.label).width + 12) / (area.right - area.left);
    const { min, max } = spec.x;
    const room = (from: number, to: number) =>
      clearance(spec.series, rule.at, min + from * (max - min), min + to * (max - min));
    const left = room(0, part) >= room(1 - part, 1);
    ctx.textAlign = left ? 'left' : 'right';
    ctx.textBaseline = 'bottom';
    write(ctx, rule.label, left ? area.left + 6 : area.right - 6, at - 2, theme);
  }
  ctx.restore();
}

/** Words on a ground of their own, so that no line of the grid strikes them out. */
function write(ctx: CanvasRenderingContext2D, text: string, x: number, y: number, theme: Theme): void {
  const box = ctx.measureText(text);
  const [left, right] = [box.actualBoundingBoxLeft, box.actualBoundingBoxRight];
  const [up, down] = [box.actualBoundingBoxAscent, box.actualBoundingBoxDescent];
  const words = ctx.fillStyle;
  ctx.fillStyle = theme.background;
  ctx.fillRect(x - left - 2, y - up - 1, left + right + 4, up + down + 2);
  ctx.fillStyle = words;
  ctx.fillText(text, x, y);
}

/** A point with a whisker along x, its words beside it where there is room. */
function drawMark(chart: Chart<'line'>, mark: Mark, theme: Theme): void {
  const { ctx, chartArea: area, scales } = chart;
  const at = (x: number) => Math.min(area.right, Math.max(area.left, scales.x?.getPixelForValue(x) ?? 0));
  const y = Math.round(scales.y?.getPixelForValue(mark.y) ?? 0) + 0.5;
  const [low, middle, high] = [at(mark.low), at(mark.x), at(mark.high)];
  ctx.save();
  ctx.strokeStyle = theme.foreground;
  ctx.fillStyle = theme.foreground;
  ctx.lineWidth = theme.highContrast ? 2 : 1.25;
  ctx.beginPath();
  ctx.moveTo(low, y);
  ctx.lineTo(high, y);
  for (const end of [low, high]) {
    ctx.moveTo(end, y - 5);
    ctx.lineTo(end, y + 5);
  }
  ctx.stroke();
  ctx.beginPath();
  ctx.arc(middle, y, 3.5, 0, 2 * Math.PI);
  ctx.fill();
  ctx.font = font(theme);
  ctx.textBaseline = 'middle';
  const width = ctx.measureText(mark.label).width;
  // The lines rise from the left, so the words stand to the right, below them.
  const right = high + 8 + width <= area.right;
  ctx.textAlign = right ? 'left' : 'right';
  write(ctx, mark.label, right ? high + 8 : low - 8, y, theme);
  ctx.restore();
}

/** Least distance of any line from the height `y` for x in [from, to]. */
export function clearance(series: readonly Series[], y: number, from: number, to: number): number {
  let least = Number.POSITIVE_INFINITY;
  for (const { points } of series) {
    for (const [i, next] of points.entries()) {
      const before = points[i - 1];
      if (before === undefined || next.x < from || before.x > to || next.x === before.x) continue;
      const at = (x: number) => before.y + ((x - before.x) / (next.x - before.x)) * (next.y - before.y);
      const [a, b] = [at(Math.max(from, before.x)) - y, at(Math.min(to, next.x)) - y];
      least = Math.min(least, a * b <= 0 ? 0 : Math.min(Math.abs(a), Math.abs(b)));
    }
  }
  return least;
}

function drawEndLabels(chart: Chart<'line'>, spec: LineChart, theme: Theme): void {
  const { ctx, chartArea: area, scales } = chart;
  const labels = spec.series.flatMap((series) => {
    const last = series.points.at(-1);
    const y = last === undefined ? undefined : scales.y?.getPixelForValue(last.y);
    return series.endLabel === undefined || y === undefined ? [] : [{ text: series.endLabel, y, color: series.color }];
  });
  if (labels.length === 0) return;
  const lineHeight = theme.fontSize + 1;
  ctx.save();
  ctx.font = font(theme);
  ctx.textAlign = 'left';
  ctx.textBaseline = 'middle';
  for (const { text, y, color } of spread(labels, lineHeight, area.top, area.bottom)) {
    ctx.fillStyle = theme.highContrast ? theme.foreground : theme.colors[color];
    ctx.fillText(text, area.right + 8, y);
  }
  ctx.restore();
}

/** Moves labels apart vertically, keeping their order, within [top, bottom]. */
export function spread<L extends { readonly y: number }>(
  labels: readonly L[],
  height: number,
  top: number,
  bottom: number,
): L[] {
  const sorted = [...labels].sort((a, b) => a.y - b.y);
  const placed: number[] = [];
  for (const label of sorted) placed.push(Math.max(label.y, (placed.at(-1) ?? top - height) + height));
  let limit = bottom;
  for (let i = placed.length - 1; i >= 0; i--) {
    placed[i] = Math.min(placed[i] ?? limit, limit);
    limit = (placed[i] ?? limit) - height;
  }
  return sorted.map((label, i) => ({ ...label, y: placed[i] ?? label.y }));
}

export function font(theme: Theme): string {
  return `${theme.fontSize - 2}px ${theme.fontFamily}`;
}
