import { escapeHtml } from '../report/html';
import type { Axis, ComparedModel, TradeOff } from './types';

const width = 560;
const height = 340;
const margin = { left: 56, right: 24, top: 16, bottom: 44 };

/** Clean accuracy to the right, robust accuracy upwards, 95 % intervals in both, and the Pareto front, as inline SVG. */
export function scatterSvg(tradeOff: TradeOff, models: readonly ComparedModel[]): string {
  const { points, label } = tradeOff;
  const x = (value: number) => place(value, tradeOff.x, margin.left, width - margin.right);
  const y = (value: number) => place(value, tradeOff.y, height - margin.bottom, margin.top);
  const [left, right, top, bottom] = [margin.left, width - margin.right, margin.top, height - margin.bottom];
  const across = ticks(tradeOff.x).map(
    (at) =>
      `<line class="axis" x1="${x(at)}" x2="${x(at)}" y1="${bottom}" y2="${bottom + 4}"/>` +
      `<text x="${x(at)}" y="${bottom + 17}" text-anchor="middle">${percentTick(at)}</text>`,
  );
  const up = ticks(tradeOff.y).map(
    (at) =>
      `<line class="axis" x1="${left}" x2="${right}" y1="${y(at)}" y2="${y(at)}"/>` +
      `<text x="${left - 6}" y="${y(at) + 4}" text-anchor="end">${percentTick(at)}</text>`,
  );
  const front = points.filter((point) => point.front).sort((a, b) => a.clean.value - b.clean.value);
  // A staircase: nothing between two models of the front is known to be reached.
  const line = front
    .flatMap(({ clean, robust }, i) => {
      const at = `${x(clean.value)},${y(robust.value)}`;
      const before = front[i - 1];
      return before === undefined ? [at] : [`${x(before.clean.value)},${y(robust.value)}`, at];
    })
    .join(' ');
  const marks = points.map(({ model, clean, robust, front: best, apart }) => {
    const [cx, cy] = [x(clean.value), y(robust.value)];
    const end = cx > (left + right) / 2;
    return (
      `<g${apart === null ? '' : ' opacity="0.45"'}>` +
      `<line class="whisker" x1="${x(clean.low)}" x2="${x(clean.high)}" y1="${cy}" y2="${cy}"/>` +
      `<line class="whisker" x1="${cx}" x2="${cx}" y1="${y(robust.low)}" y2="${y(robust.high)}"/>` +
      `<circle cx="${cx}" cy="${cy}" r="5" class="${best ? 'on-front' : 'behind'}"/>` +
      `<text x="${cx + (end ? -9 : 9)}" y="${cy - 8}" text-anchor="${end ? 'end' : 'start'}">${escapeHtml(models[model]!.name)}</text></g>`
    );
  });
  return (
    `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="Clean against robust accuracy under ${escapeHtml(label)}; the same figures are in the table">` +
    `<style>.whisker{stroke:currentColor;stroke-opacity:.6}.on-front{fill:var(--clean);stroke:currentColor}.behind{fill:none;stroke:currentColor;stroke-width:1.5}</style>` +
    up.join('') +
    across.join('') +
    `<text x="${(left + right) / 2}" y="${height - 6}" text-anchor="middle">Clean accuracy</text>` +
    `<text transform="translate(13 ${(top + bottom) / 2}) rotate(-90)" text-anchor="middle">Robust accuracy, at most</text>` +
    (front.length > 1 ? `<polyline class="line" stroke-dasharray="5 4" points="${line}"/>` : '') +
    marks.join('') +
    '</svg>'
  );
}

function place(value: number, { min, max }: Axis, from: number, to: number): number {
  const part = (value - min) / (max - min || 1);
  return Math.round((from + Math.min(1, Math.max(0, part)) * (to - from)) * 10) / 10;
}

function ticks({ min, max, step }: Axis): number[] {
  const count = Math.round((max - min) / step);
  return Array.from({ length: count + 1 }, (_, i) => Math.min(1, min + i * step));
}

function percentTick(share: number): string {
  return `${Number((100 * share).toFixed(1))} %`;
}
