import type { OutputThreatReport } from '../../src/engine/report/regression';
import { isPartial, type OutputContext } from '../context';
import { h } from '../dom';
import { compact, count, duration, plural, quantity, quantityInterval } from '../format';
import { type Column, dataTable, section } from '../parts';
import { effort } from '../section/attacks';

type Row = OutputThreatReport['attacks'][number];

/** The worst error after each attack; all run on every example, in every direction. */
export function outputAttacks(ctx: OutputContext): HTMLElement | null {
  const { threat } = ctx;
  if (threat === null) return null;
  const refused = threat.attacks.reduce((sum, row) => sum + row.refused, 0);
  const number = (title: string, cell: (row: Row) => string): Column<Row> => ({ title, numeric: true, cell });
  const columns: Column<Row>[] = [
    {
      title: 'Attack',
      head: true,
      cell: (row) => h('span', { class: 'attack-name' }, row.title, h('small', {}, effort(row))),
    },
    number('Worst MAE after', (row) => quantity(row.maeAfter.value)),
    number('95 % interval', (row) => quantityInterval(row.maeAfter)),
    number('Worsened', (row) => count(row.worsened)),
    number('Attempted', (row) => count(row.attempted)),
    ...(refused > 0 ? [number('Refused', (row) => count(row.refused))] : []),
    number('Forwards', (row) => compact(row.forwards)),
    number('Backwards', (row) => compact(row.backwards)),
    number('Time', (row) => duration(row.seconds)),
  ];
  return section(
    'attacks',
    'Attacks',
    h('span', { class: 'muted' }, 'each gets every example; the worst of all counts'),
    dataTable('Attacks', columns, threat.attacks),
    refused === 0
      ? null
      : h(
          'p',
          { class: 'note' },
          `The verifier refused ${plural(refused, 'point')} that an attack claimed: run again on the original model file, ${refused === 1 ? 'it was' : 'they were'} outside the threat model. None is counted.`,
        ),
    threat.attacks.length === 0
      ? h('p', { class: 'muted' }, isPartial(ctx) ? 'No attack has finished yet.' : 'No attack ran.')
      : null,
  );
}
