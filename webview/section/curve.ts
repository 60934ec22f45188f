import type { ThreatModelReport } from '../../src/engine/report/schema';
import type { LineChart } from '../chart/spec';
import type { Context } from '../context';
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
      h('p', { class: 'muted' }, 'Drawn when at least two points are known.'),
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
      ticks: points.map(({ epsilon }) => ({ at: epsilon, label: label(epsilon) })),
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
