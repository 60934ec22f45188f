import type { ThreatModelReport } from '../../src/engine/report/schema';
import { attackLabel } from '../attackNames';
import type { LineChart, Point } from '../chart/spec';
import type { Context } from '../context';
import { h } from '../dom';
import { count, epsilonLabel, listed, normLabel, percent, plural } from '../format';
import { chart, dataTable, info, section, stat } from '../parts';

type Minimal = NonNullable<ThreatModelReport['minimalNorm']>;

/** Share of the sample broken within each distance up to `end`: a staircase from (0, 0). */
export function staircase({ distances, n }: Pick<Minimal, 'distances' | 'n'>, end: number): Point[] {
  const points: Point[] = [{ x: 0, y: 0 }];
  let broken = 0;
  for (const [i, distance] of distances.entries()) {
    if (distance > end) break;
    broken = i + 1;
    // Of equal distances the last: a step has one height.
    if (distances[i + 1] !== distance) points.push({ x: distance, y: broken / n });
  }
  if (points.at(-1)?.x !== end) points.push({ x: end, y: broken / n });
  return points;
}

/** Where the axis ends: past ε and nearly all of the sample, without the tail of a few that stand far longer. */
export function axisEnd({ distances, quantiles }: Pick<Minimal, 'distances' | 'quantiles'>, epsilon: number): number {
  const last = distances.at(-1) ?? 0;
  const high = quantiles.findLast(({ value }) => value !== null)?.value ?? last;
  return Math.max(1.2 * epsilon, Math.min(last, 1.25 * high)) || 1;
}

/** 1, 2 or 5 times a power of ten, about five of which make up `range`. */
export function roundStep(range: number): number {
  const power = 10 ** Math.floor(Math.log10(range / 5));
  return ([1, 2, 5, 10].find((factor) => factor * power >= range / 5) ?? 10) * power;
}

/** About five round positions from 0 to `end`, in round steps of `unit`. */
export function roundTicks(end: number, unit = 1): number[] {
  const step = roundStep(end / unit);
  const count = Math.floor(end / unit / step + 1e-9) + 1;
  return Array.from({ length: count }, (_, k) => Number((k * step).toPrecision(9)) * unit);
}

/** How far each example of a sample is from its nearest adversarial one, as a cumulative curve. */
export function minimalNorm(ctx: Context): HTMLElement | null {
  const { threat } = ctx;
  const found = threat?.minimalNorm;
  if (threat === null || found === undefined || found.n === 0) return null;
  const counted = threat.counts === undefined ? '' : ` ${threat.counts}`;
  const label = (distance: number | null) => (distance === null ? '∞' : epsilonLabel(distance, threat.epsilonText));
  const within = found.distances.filter((distance) => distance <= threat.epsilon).length;
  const { value, low, high } = found.median;
  return section(
    'minimal',
    'Smallest perturbations',
    h('span', { class: 'muted' }, `share of ${plural(found.n, 'example')} broken within each distance`),
    h(
      'dl',
      { class: 'scores' },
      stat(
        'Median ε*',
        `${label(value)}${counted}`,
        `95 % interval ${label(low)} to ${label(high)}`,
        info(ctx, 'minimalNorm', 'smallest perturbation', 'minimal'),
        'minimalNorm',
      ),
      stat(
        `Within ε = ${threat.epsilonText}${counted}`,
        percent(within / found.n),
        `${count(within)} of ${count(found.n)}`,
      ),
    ),
    chart(
      ctx,
      'minimal',
      `Share of examples broken within a distance: half within ${label(value)}${counted}, ${percent(within / found.n)} within ε = ${threat.epsilonText}.`,
      spec(threat, found),
      dataTable(
        'Smallest perturbations',
        [
          { title: 'Share broken', head: true, cell: ({ q }) => percent(q, 0) },
          { title: `Within${counted === '' ? '' : `,${counted}`}`, numeric: true, cell: (row) => label(row.value) },
        ],
        found.quantiles,
      ),
    ),
    h(
      'p',
      { class: 'note' },
      `Looked for by ${listed(found.attacks.map(attackLabel))}; ${found.found === found.n ? 'every example was' : `${count(found.found)} of ${count(found.n)} were`} broken at some distance. Each distance was confirmed on the original model file and is an upper bound: the true one may be smaller.`,
    ),
  );
}

function spec(threat: ThreatModelReport, found: Minimal): LineChart {
  const end = axisEnd(found, threat.epsilon);
  const label = (distance: number) => epsilonLabel(distance, threat.epsilonText);
  const denominator = Number(/\/\s*(\d+)\s*$/.exec(threat.epsilonText)?.[1] ?? 1);
  const { value, low, high } = found.median;
  return {
    series: [{ label: 'Broken', color: 'red', points: staircase(found, end), width: 2, shape: 'none', stepped: true }],
    rules: [{ axis: 'x', at: threat.epsilon, label: `ε = ${threat.epsilonText}`, color: 'orange' }],
    marks:
      value === null ? [] : [{ x: value, low: low ?? 0, high: high ?? end, y: 0.5, label: `median ${label(value)}` }],
    x: {
      title: `Distance (${normLabel(threat.norm)}${threat.counts === undefined ? '' : `, ${threat.counts}`})`,
      min: 0,
      max: end,
      ticks: roundTicks(end, 1 / denominator).map((at) => ({ at, label: label(at) })),
    },
    y: { title: 'Examples broken' },
  };
}
