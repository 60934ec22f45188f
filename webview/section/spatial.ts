import type { SpatialReport } from '../../src/engine/report/beyond';
import type { LineChart } from '../chart/spec';
import type { Context } from '../context';
import { h } from '../dom';
import { count, interval, percent, significant } from '../format';
import { bars, chart, dataTable, scroller, section, shareBar, stat } from '../parts';
import { accuracyCell, heatCell } from './severity';

const degrees = (angle: number) => `${angle < 0 ? '−' : ''}${significant(Math.abs(angle))}°`;
const pixels = (shift: number) => `${shift > 0 ? '+' : ''}${significant(shift)}`;

/** Accuracy of images that are turned and shifted, and where each is at the worst of all positions. */
export function spatial(ctx: Context): HTMLElement | null {
  const { spatial: measured } = ctx.report;
  if (measured === undefined) return null;
  const { rotation, translation, padding, points, worstCase, meanAccuracy } = measured;
  const beyond = padding === 'zeros' ? 'zeros' : 'the nearest pixel of the border';
  return section(
    'spatial',
    'Rotations and shifts',
    h('span', { class: 'muted' }, 'a threat model of its own: no norm bounds it'),
    h(
      'dl',
      { class: 'scores' },
      stat(
        'Right at every position',
        `≤ ${percent(worstCase.value)}`,
        `95 % interval ${interval(worstCase)}`,
        null,
        'spatial',
      ),
      stat('On average over positions', percent(meanAccuracy), `${count(points)} positions an example`),
    ),
    h('div', { class: 'split' }, turned(ctx, measured), shifted(ctx, measured)),
    h(
      'p',
      { class: 'note' },
      `Turned by up to ${degrees(rotation)} and shifted by up to ${percent(translation, 0)} of the size, with ${beyond} beyond the edge.`,
    ),
  );
}

function turned(ctx: Context, { byRotation, worstCase }: SpatialReport): HTMLElement {
  const rows = [...byRotation].sort((a, b) => a.rotation - b.rotation);
  const most = Math.max(1, ...rows.map(({ rotation }) => Math.abs(rotation)));
  const every = Math.ceil(rows.length / 9);
  const spec: LineChart = {
    series: [
      {
        label: 'Accuracy',
        color: 'blue',
        points: rows.map(({ rotation, accuracy: { value, low, high } }) => ({ x: rotation, y: value, low, high })),
        width: 2.5,
        ...(rows.length > 15 ? { shape: 'none' as const } : {}),
      },
    ],
    rules: [{ axis: 'y', at: worstCase.value, label: `worst case ${percent(worstCase.value)}`, color: 'orange' }],
    x: {
      title: 'Rotation',
      min: -most,
      max: most,
      ticks: rows.map(({ rotation }, i) => ({ at: rotation, label: degrees(rotation), quiet: i % every !== 0 })),
    },
    y: { title: 'Accuracy' },
  };
  return chart(
    ctx,
    'spatial',
    `Accuracy against rotation: ${rows.map((row) => `${percent(row.accuracy.value)} at ${degrees(row.rotation)}`).join(', ')}.`,
    spec,
    dataTable(
      'Accuracy by rotation',
      [
        { title: 'Rotation', head: true, cell: (row) => degrees(row.rotation) },
        { title: 'Accuracy', numeric: true, cell: (row) => percent(row.accuracy.value) },
        { title: '95 % interval', numeric: true, cell: (row) => interval(row.accuracy) },
      ],
      rows,
    ),
  );
}

/** Accuracy by shift: as the picture moves, so does the cell. */
function shifted({ report }: Context, { byTranslation }: SpatialReport): HTMLElement {
  const clean = report.clean?.accuracy.value ?? 1;
  const steps = (values: readonly number[]) => [...new Set(values)].sort((a, b) => a - b);
  const across = steps(byTranslation.map(({ dx }) => dx));
  const caption = 'Accuracy in % by shift in pixels, without a rotation';
  return h(
    'div',
    {},
    h('p', { class: 'muted caption', 'aria-hidden': 'true' }, caption),
    scroller(
      caption,
      h(
        'table',
        { class: 'heat' },
        h('caption', { class: 'unseen' }, caption),
        h(
          'thead',
          {},
          h(
            'tr',
            {},
            h('th', { scope: 'col' }, 'Down \\ right'),
            ...across.map((dx) => h('th', { scope: 'col', class: 'num' }, pixels(dx))),
          ),
        ),
        h(
          'tbody',
          {},
          ...steps(byTranslation.map(({ dy }) => dy)).map((dy) =>
            h(
              'tr',
              {},
              h('th', { scope: 'row' }, pixels(dy)),
              ...across.map((dx) => {
                const found = byTranslation.find((row) => row.dx === dx && row.dy === dy);
                return heatCell(found === undefined ? null : accuracyCell(found.accuracy.value, clean));
              }),
            ),
          ),
        ),
      ),
    ),
  );
}

/** One perturbation for all examples. */
export function universal({ report }: Context): HTMLElement | null {
  const { universal: found } = report;
  if (found === undefined) return null;
  const { threatModel, epochs, madeOn, foolingRate, accuracy, cleanAccuracy } = found;
  return section(
    'universal',
    'One perturbation for all',
    h('span', { class: 'muted' }, `within ${threatModel}, on ${count(accuracy.n)} examples that it was not made on`),
    bars(
      shareBar(cleanAccuracy, { label: 'Clean', note: 'the same examples', kind: 'clean', faded: true }),
      shareBar(accuracy, { label: 'Under it', kind: 'robust' }),
    ),
    h(
      'p',
      { class: 'note' },
      `It changes the answer for ${percent(foolingRate.value)} of them (${interval(foolingRate)}). Made on ${count(madeOn)} other examples in ${epochs} ${epochs === 1 ? 'pass' : 'passes'}: an attacker needs it once, and no example in advance.`,
    ),
  );
}
