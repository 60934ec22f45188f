import type { Figure } from '../../src/engine/report/schema';
import { h } from '../dom';
import { interval, percent } from '../format';
import { share } from '../parts';

export interface Bracket {
  readonly clean: Figure;
  /** Accuracy under the strongest attack: an upper bound. */
  readonly attacked: Figure | null;
  /** Proved: a lower bound. */
  readonly certified: Figure | null;
  /** The attacks have not seen every example yet. */
  readonly partial: boolean;
}

export interface Segment {
  readonly kind: 'proved' | 'open' | 'broken' | 'wrong';
  readonly from: number;
  readonly to: number;
  readonly label: string;
}

/** All examples, from those proved robust to those that are wrong without any attack; the segments fill [0, 1]. */
export function segments({ clean, attacked, certified, partial }: Bracket): Segment[] {
  const floor = certified?.value ?? 0;
  const ceiling = Math.max(floor, attacked?.value ?? clean.value);
  const top = Math.max(ceiling, clean.value);
  const all: Segment[] = [
    { kind: 'proved', from: 0, to: floor, label: 'Proved robust' },
    {
      kind: 'open',
      from: floor,
      to: ceiling,
      label: openLabel(attacked !== null, certified !== null, partial),
    },
    { kind: 'broken', from: ceiling, to: top, label: 'Broken by an attack' },
    { kind: 'wrong', from: top, to: 1, label: 'Wrong without an attack' },
  ];
  return all.filter(({ from, to }) => to - from > 1e-9);
}

function openLabel(attacked: boolean, certified: boolean, partial: boolean): string {
  if (!attacked) return 'Not yet attacked';
  const proof = certified ? 'Neither proved nor broken' : 'Not broken, not proved';
  return partial ? `${proof}, so far` : proof;
}

/** The bracket certified ≤ true ≤ attacked on one axis from 0 to 100 %, with the 95 % intervals of its ends. */
export function bracketBar(bracket: Bracket): HTMLElement {
  const parts = segments(bracket);
  const lower = bracket.certified?.value ?? 0;
  const upper = bracket.attacked?.value ?? null;
  return h(
    'div',
    { class: 'bracket', role: 'img', 'aria-label': describe(bracket) },
    upper === null ? null : brace(lower, upper),
    h(
      'div',
      { class: 'bracket-bar' },
      ...parts.map(({ kind, from, to }) =>
        h('span', { class: `segment segment-${kind}`, style: { left: share(from), width: share(to - from) } }),
      ),
      ...whiskers(bracket),
    ),
    h(
      'div',
      { class: 'bracket-axis' },
      ...[0, 0.25, 0.5, 0.75, 1].map((at) => h('span', { style: { left: share(at) } }, percent(at, 0))),
    ),
    h(
      'ul',
      { class: 'legend' },
      ...parts.map(({ kind, from, to, label }) =>
        h('li', {}, h('span', { class: `swatch segment-${kind}` }), `${label} `, h('b', {}, percent(to - from))),
      ),
    ),
  );
}

function brace(lower: number, upper: number): HTMLElement {
  const middle = (lower + upper) / 2;
  const label =
    upper - lower < 1e-9
      ? `true robust accuracy on these examples: ${percent(upper)}`
      : 'true robust accuracy lies here';
  const side = middle <= 0.5 ? { left: share(lower) } : { right: share(1 - upper) };
  return h(
    'div',
    { class: 'brace' },
    h('span', { class: 'brace-label', style: side }, label),
    // Over a point there is nothing to span.
    upper - lower < 1e-9
      ? null
      : h('span', { class: 'brace-line', style: { left: share(lower), width: share(upper - lower) } }),
  );
}

function whiskers({ clean, attacked, certified }: Bracket): HTMLElement[] {
  return [clean, attacked, certified].flatMap((figure) =>
    figure === null
      ? []
      : [
          h('span', {
            class: 'whisker',
            title: `${percent(figure.value)}, 95 % interval ${interval(figure)}`,
            style: { left: share(figure.low), width: share(figure.high - figure.low) },
          }),
          h('span', { class: 'whisker-mark', style: { left: share(figure.value) } }),
        ],
  );
}

function describe({ clean, attacked, certified }: Bracket): string {
  const parts = [`Clean accuracy ${percent(clean.value)}, 95 % interval ${interval(clean)}.`];
  if (attacked !== null)
    parts.push(`Robust accuracy at most ${percent(attacked.value)}, interval ${interval(attacked)}.`);
  parts.push(
    certified === null
      ? 'No certified accuracy.'
      : `Certified accuracy at least ${percent(certified.value)}, interval ${interval(certified)}.`,
  );
  return parts.join(' ');
}
