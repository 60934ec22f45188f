import type { Residual } from './residuals';

const width = 480;
const height = 280;
const margin = { left: 58, right: 12, top: 12, bottom: 42 };
/** More points hide one another, and every one costs 60 bytes. */
const drawn = 1500;

/** Residuals against predictions as an inline SVG, with the line of no error; colours are those of the page. */
export function residualSvg(residuals: readonly Residual[], tolerance: number | null): string {
  const points =
    residuals.length <= drawn
      ? residuals
      : Array.from({ length: drawn }, (_, k) => residuals[Math.floor((k * residuals.length) / drawn)]!);
  const xs = limits(residuals.map(({ prediction }) => prediction));
  const most = residuals.reduce((far, { residual }) => Math.max(far, Math.abs(residual)), tolerance ?? 0) || 1;
  const ys: [number, number] = [-1.05 * most, 1.05 * most];
  const x = (value: number) =>
    round(margin.left + ((value - xs[0]) / (xs[1] - xs[0])) * (width - margin.left - margin.right));
  const y = (value: number) =>
    round(margin.top + (1 - (value - ys[0]) / (ys[1] - ys[0])) * (height - margin.top - margin.bottom));
  const [left, right] = [margin.left, width - margin.right];
  const across = (at: number, kind: string) =>
    `<line class="${kind}" x1="${left}" x2="${right}" y1="${y(at)}" y2="${y(at)}"/>`;
  const ticks = [xs[0], (xs[0] + xs[1]) / 2, xs[1]].map(
    (value, k) =>
      `<text x="${x(value)}" y="${height - margin.bottom + 16}" text-anchor="${['start', 'middle', 'end'][k]}">${short(value)}</text>`,
  );
  const levels = [-most, 0, most].map(
    (value) => `<text x="${left - 6}" y="${y(value) + 4}" text-anchor="end">${short(value)}</text>`,
  );
  return (
    `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="Residuals against predictions; their bands are in the table">` +
    `<line class="axis" x1="${left}" x2="${left}" y1="${margin.top}" y2="${height - margin.bottom}"/>` +
    `<line class="axis" x1="${left}" x2="${right}" y1="${height - margin.bottom}" y2="${height - margin.bottom}"/>` +
    across(0, 'chance') +
    (tolerance === null ? '' : across(tolerance, 'mark') + across(-tolerance, 'mark')) +
    points.map((p) => `<circle class="dot" cx="${x(p.prediction)}" cy="${y(p.residual)}" r="2.2"/>`).join('') +
    ticks.join('') +
    levels.join('') +
    `<text x="${(left + right) / 2}" y="${height - 6}" text-anchor="middle">prediction</text>` +
    `<text x="14" y="${(height - margin.bottom) / 2}" text-anchor="middle" transform="rotate(-90 14 ${(height - margin.bottom) / 2})">target − prediction</text>` +
    '</svg>'
  );
}

function limits(values: readonly number[]): [number, number] {
  const low = values.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY);
  const high = values.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
  return high > low ? [low, high] : [low - 1, low + 1];
}

function short(value: number): string {
  return String(Number(value.toPrecision(3)));
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
