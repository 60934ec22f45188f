import type { ThreatModelReport } from '../../src/engine/report/schema';
import type { LineChart } from '../chart/spec';
import { type Context, isPartial } from '../context';
import { h } from '../dom';
import { epsilonLabel, interval, normLabel, percent } from '../format';
import { chart, dataTable, section } from '../parts';

type Curve = ThreatModelReport['curve'];

/** The largest drop between neighbouring points of the curve; null without two points. */
export function steepestFall(
  curve: Curve,
): { readonly from: number; readonly to: number; readonly drop: number } | null {
  const sorted = [...curve].sort((a, b) => a.epsilon - b.epsilon);
  let steepest: { from: number; to: number; drop: number } | null = null;
  for (const [i, next] of sorted.entries()) {
    const before = sorted[i - 1];
    if (before === undefined) continue;
    const drop = before.accuracy.value - next.accuracy.value;
    if (steepest === null || drop > steepest.drop) steepest = { from: before.epsilon, to: next.epsilon, drop };
  }
  return steepest;
}

/** Share of the axis that one label takes. */
const LABEL_ROOM = 0.09;

/** Quietens labels that would run into one another; those at `keep` stay. */
export function thinTicks(
  ticks: readonly { readonly at: number; readonly label: string }[],
  keep: readonly number[],
  range: number,
): { at: number; label: string; quiet: boolean }[] {
  const near = (a: number, b: number) => Math.abs(a - b) < LABEL_ROOM * range;
  let before = Number.NEGATIVE_INFINITY;
  return ticks.map(({ at, label }) => {
    const kept = keep.includes(at);
    const quiet = !kept && (near(at, before) || keep.some((other) => near(at, other)));
    if (!quiet) before = at;
    return { at, label, quiet };
  });
}

/** The ε at which half of the clean accuracy is gone, between points by straight line; null if the curve stays above. */
export function halfLife(curve: Curve): number | null {
  const sorted = [...curve].sort((a, b) => a.epsilon - b.epsilon);
  const half = (sorted[0]?.accuracy.value ?? 0) / 2;
  if (half === 0 || sorted[0]?.epsilon !== 0) return null;
  for (const [i, next] of sorted.entries()) {
    const before = sorted[i - 1];
    if (before === undefined || next.accuracy.value > half) continue;
    const fall = before.accuracy.value - next.accuracy.value;
    return before.epsilon + ((before.accuracy.value - half) / fall) * (next.epsilon - before.epsilon);
  }
  return null;
}

/** Accuracy against ε for the selected threat model. */
export function curve(ctx: Context): HTMLElement | null {
  const { threat, report } = ctx;
  if (threat === null) return null;
  const points = [...threat.curve].sort((a, b) => a.epsilon - b.epsilon);
  const label = (epsilon: number) => epsilonLabel(epsilon, threat.epsilonText);
  if (points.length < 2) {
    return section(
      'curve',
      'Robustness curve',
      null,
      h(
        'p',
        { class: 'muted' },
        isPartial(ctx) ? 'Drawn when at least two points are known.' : 'No curve was measured under this threat model.',
      ),
    );
  }
  const last = Math.max(threat.epsilon, points.at(-1)?.epsilon ?? 0);
  const chance = report.data.classes.length > 1 ? 1 / report.data.classes.length : null;
  const spec: LineChart = {
    series: [
      {
        label: 'Accuracy under attack',
        color: 'blue',
        points: points.map(({ epsilon, accuracy }) => ({
          x: epsilon,
          y: accuracy.value,
          low: accuracy.low,
          high: accuracy.high,
        })),
        width: 2.5,
      },
    ],
    rules: [
      { axis: 'x', at: threat.epsilon, label: `ε = ${threat.epsilonText}`, color: 'orange' },
      ...(chance === null
        ? []
        : [{ axis: 'y', at: chance, label: `chance ${percent(chance)}`, color: 'muted' } as const]),
    ],
    x: {
      title: `ε (${normLabel(threat.norm)})`,
      min: 0,
      max: last,
      ticks: thinTicks(
        points.map(({ epsilon }) => ({ at: epsilon, label: label(epsilon) })),
        [0, threat.epsilon],
        last,
      ),
    },
    y: { title: 'Accuracy' },
  };
  const summary = points
    .map(({ epsilon, accuracy }) => `${percent(accuracy.value)} at ε = ${label(epsilon)}`)
    .join(', ');
  return section(
    'curve',
    'Robustness curve',
    h('span', { class: 'muted' }, 'accuracy over all examples as ε grows, with 95 % band'),
    chart(
      ctx,
      'curve',
      `Accuracy against ε: ${summary}.`,
      spec,
      dataTable(
        'Robustness curve',
        [
          { title: 'ε', head: true, cell: (p) => label(p.epsilon) },
          { title: 'Accuracy', numeric: true, cell: (p) => percent(p.accuracy.value) },
          { title: '95 % interval', numeric: true, cell: (p) => interval(p.accuracy) },
        ],
        points,
      ),
    ),
  );
}
