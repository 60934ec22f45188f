import type { ThreatModelReport } from './schema';
import { short } from './sections';

const width = 480;
const height = 260;
const margin = { left: 44, right: 28, top: 16, bottom: 36 };

/** Accuracy against ε with its 95 % band, the threat model's ε, and the level of chance, as inline SVG. */
export function curveSvg({ curve, epsilon }: Pick<ThreatModelReport, 'curve' | 'epsilon'>, classes: number): string {
  const furthest = curve.reduce((max, point) => Math.max(max, point.epsilon), epsilon) || 1;
  const x = (value: number) => round(margin.left + (value / furthest) * (width - margin.left - margin.right));
  const y = (share: number) => round(height - margin.bottom - share * (height - margin.top - margin.bottom));
  const at = (share: (point: (typeof curve)[number]) => number) =>
    curve.map((point) => `${x(point.epsilon)},${y(share(point))}`);
  const band = [...at((p) => p.accuracy.high), ...at((p) => p.accuracy.low).reverse()];
  const grid = [0, 0.25, 0.5, 0.75, 1].map(
    (share) =>
      `<line class="axis" x1="${margin.left}" x2="${width - margin.right}" y1="${y(share)}" y2="${y(share)}"/>` +
      `<text x="${margin.left - 6}" y="${y(share) + 4}" text-anchor="end">${share * 100} %</text>`,
  );
  const ticks = [0, furthest / 2, furthest].map(
    (value) => `<text x="${x(value)}" y="${height - margin.bottom + 16}" text-anchor="middle">${short(value)}</text>`,
  );
  return (
    `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="Accuracy against ε; the same figures are in the table">` +
    grid.join('') +
    ticks.join('') +
    `<text x="${(margin.left + width) / 2}" y="${height - 4}" text-anchor="middle">ε</text>` +
    (classes > 1
      ? `<line class="chance" x1="${margin.left}" x2="${width - margin.right}" y1="${y(1 / classes)}" y2="${y(1 / classes)}"/>`
      : '') +
    `<line class="mark" x1="${x(epsilon)}" x2="${x(epsilon)}" y1="${margin.top}" y2="${height - margin.bottom}"/>` +
    `<polygon class="band" points="${band.join(' ')}"/>` +
    `<polyline class="line" points="${at((p) => p.accuracy.value).join(' ')}"/>` +
    at((p) => p.accuracy.value)
      .map((point) => point.split(','))
      .map(([cx, cy]) => `<circle cx="${cx}" cy="${cy}" r="2.5" fill="currentColor"/>`)
      .join('') +
    '</svg>'
  );
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
