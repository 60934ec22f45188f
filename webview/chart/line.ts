import type { ChartConfiguration, ChartDataset, Point as XY } from 'chart.js';
import { color as parseColor } from 'chart.js/helpers';
import { percent, significant } from '../format';
import type { Theme } from '../theme';
import { annotate, font } from './annotate';
import type { LineChart, Series } from './spec';

/** Turns a chart's description and the theme into what chart.js draws. */
export function lineConfig(spec: LineChart, theme: Theme): ChartConfiguration<'line', XY[]> {
  const { limits, step } = spec.y;
  const value = limits === undefined ? percent : significant;
  return {
    type: 'line',
    data: { datasets: spec.series.flatMap((series) => datasets(series, theme)) },
    plugins: [annotate(spec, theme)],
    options: {
      responsive: true,
      maintainAspectRatio: false,
      // Figures arrive while the reader reads: a line that dances would say that something happened.
      animation: false,
      layout: { padding: { right: endSpace(spec, theme), top: 4 } },
      interaction: { mode: 'nearest', axis: 'x', intersect: false },
      scales: {
        x: {
          type: 'linear',
          min: spec.x.min,
          max: spec.x.max,
          title: { display: true, text: spec.x.title, color: theme.muted, font: { size: theme.fontSize - 2 } },
          border: { color: theme.muted },
          grid: { display: false },
          afterBuildTicks: (axis) => {
            axis.ticks = spec.x.ticks.filter(({ quiet }) => quiet !== true).map(({ at }) => ({ value: at }));
          },
          ticks: {
            color: theme.muted,
            autoSkip: false,
            maxRotation: 0,
            callback: (value) => spec.x.ticks.find(({ at }) => at === value)?.label ?? '',
          },
        },
        y: {
          min: limits?.[0] ?? 0,
          max: limits?.[1] ?? 1,
          title: { display: true, text: spec.y.title, color: theme.muted, font: { size: theme.fontSize - 2 } },
          border: { display: false },
          grid: { color: theme.grid, drawTicks: false },
          ticks: {
            color: theme.muted,
            padding: 8,
            ...(limits === undefined
              ? { stepSize: 0.25, callback: (tick) => percent(Number(tick), 0) }
              : {
                  ...(step === undefined ? { maxTicksLimit: 6 } : { stepSize: step }),
                  callback: (tick) => significant(Number(tick)),
                }),
          },
        },
      },
      plugins: {
        legend: { display: false },
        tooltip: {
          backgroundColor: theme.background,
          titleColor: theme.foreground,
          bodyColor: theme.foreground,
          borderColor: theme.border,
          borderWidth: 1,
          displayColors: spec.series.length > 1,
          filter: (item) => item.dataset.label !== undefined && item.dataset.label !== '',
          callbacks: {
            title: (items) => {
              const x = items[0]?.parsed.x ?? 0;
              return `${spec.x.title} ${spec.x.ticks.find(({ at }) => at === x)?.label ?? significant(x)}`;
            },
            label: (item) => {
              const series = spec.series.find(({ label }) => label === item.dataset.label);
              const point = series?.points[item.dataIndex];
              if (point === undefined) return '';
              const band =
                point.low === undefined || point.high === undefined
                  ? ''
                  : ` (${series?.band === undefined ? '' : `${series.band} `}${value(point.low)} to ${value(point.high)})`;
              return `${series?.label}: ${value(point.y)}${band}`;
            },
          },
        },
      },
    },
  };
}

function datasets(series: Series, theme: Theme): ChartDataset<'line', XY[]>[] {
  const color = theme.colors[series.color];
  const line: ChartDataset<'line', XY[]> = {
    label: series.label,
    data: series.points.map(({ x, y }) => ({ x, y })),
    borderColor: color,
    backgroundColor: theme.highContrast ? theme.background : color,
    borderWidth: series.width ?? 2,
    borderDash: [...(series.dash ?? [])],
    pointStyle: series.shape === 'none' ? false : (series.shape ?? 'circle'),
    pointRadius: series.shape === 'none' ? 0 : 3.5,
    pointHoverRadius: 5,
    pointBorderColor: color,
    pointBorderWidth: theme.highContrast ? 2 : 1,
    tension: 0,
    ...(series.stepped ? { stepped: 'before' as const } : {}),
    ...(series.scattered ? { showLine: false } : {}),
    // Points on the edge of the plot are drawn whole.
    clip: false,
  };
  const banded = series.points.filter((p) => p.low !== undefined && p.high !== undefined);
  if (banded.length === 0) return [line];
  const edge = {
    label: '',
    borderColor: color,
    borderWidth: theme.highContrast ? 1 : 0,
    borderDash: [2, 2],
    pointRadius: 0,
    pointHitRadius: 0,
    pointHoverRadius: 0,
    backgroundColor: theme.highContrast ? 'transparent' : parseColor(color).alpha(0.16).rgbString(),
  };
  return [
    line,
    { ...edge, data: banded.map(({ x, high }) => ({ x, y: high ?? 0 })), fill: '+1' },
    { ...edge, data: banded.map(({ x, low }) => ({ x, y: low ?? 0 })), fill: false },
  ];
}

function endSpace(spec: LineChart, theme: Theme): number {
  const context = document.createElement('canvas').getContext('2d');
  if (context === null) return 8;
  context.font = font(theme);
  const widths = spec.series.map(({ endLabel }) => (endLabel === undefined ? 0 : context.measureText(endLabel).width));
  const widest = Math.max(0, ...widths);
  return widest === 0 ? 12 : widest + 16;
}
