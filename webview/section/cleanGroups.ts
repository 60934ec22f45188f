import type { GroupsReport } from '../../src/engine/report/cleanSchema';
import type { Context } from '../context';
import { h } from '../dom';
import { count, interval, normLabel, percent } from '../format';
import { barCell, dataTable, info, section, stat, tag } from '../parts';

type Row = GroupsReport['rows'][number];

/** Accuracy by group, clean and under the selected threat model, with the group that is worst off marked. */
export function groups(ctx: Context): HTMLElement | null {
  const { threat } = ctx;
  const found = ctx.report.groups;
  if (found === undefined) return null;
  const robust = found.robust.find(({ threatModel }) => threatModel === threat?.name);
  const worst = robust?.worst ?? found.clean.worst;
  const under = threat === null ? 'Robust' : `Robust, ${normLabel(threat.norm)} ${threat.epsilonText}`;
  const item = (label: string, { worst, accuracy, gap }: GroupsReport['clean'], name: string) =>
    stat(
      label,
      percent(accuracy.value),
      `${worst}, ${interval(accuracy)}; ${(100 * gap).toFixed(1)} points below the best`,
      info(ctx, 'worstGroup', label, name),
      name,
    );
  return section(
    'groups',
    'By group',
    h('span', { class: 'muted' }, `groups: ${found.by}`),
    h(
      'dl',
      { class: 'scores' },
      item('Worst group', found.clean, 'worstGroup'),
      robust === undefined ? null : item('Worst group under attack', robust, 'worstGroupRobust'),
    ),
    dataTable<Row>(
      'Accuracy by group',
      [
        {
          title: 'Group',
          head: true,
          cell: ({ name }) =>
            h(
              'span',
              { class: 'class-name' },
              name,
              name === worst && found.rows.length > 1 ? tag('worst', 'bad') : null,
            ),
        },
        { title: 'Examples', numeric: true, cell: ({ accuracy }) => count(accuracy.n) },
        { title: 'Accuracy', className: 'wide', cell: ({ accuracy }) => barCell(accuracy, 'clean') },
        ...(robust === undefined
          ? []
          : [
              {
                title: under,
                className: 'wide',
                cell: ({ robustAccuracy }: Row) => barCell(robustAccuracy[robust.threatModel] ?? null, 'robust'),
              },
            ]),
      ],
      found.rows,
      ({ name }) => (name === worst ? 'worst' : ''),
    ),
  );
}
