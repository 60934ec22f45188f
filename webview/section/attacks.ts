import type { AttackRow } from '../../src/engine/report/schema';
import { budgetUnit } from '../attackNames';
import { type Context, isPartial } from '../context';
import { h, svg } from '../dom';
import { compact, count, duration, plural } from '../format';
import { barCell, type Column, dataTable, section, tag } from '../parts';

/** One row of the cascade; the first has no attack. */
interface Step {
  readonly row: AttackRow | null;
}

/** Accuracy after each attack, in the order in which they ran on what was left. */
export function attacks(ctx: Context): HTMLElement | null {
  const { report, threat } = ctx;
  if (threat === null) return null;
  const clean = report.clean?.accuracy ?? null;
  const steps: Step[] = [{ row: null }, ...threat.attacks.map((row) => ({ row }))];
  const number = (title: string, value: (row: AttackRow) => string): Column<Step> => ({
    title,
    numeric: true,
    cell: ({ row }) => (row === null ? '' : value(row)),
  });
  const refused = threat.attacks.reduce((sum, row) => sum + row.refused, 0);
  const traced = threat.attacks.some((row) => row.lossTrace.length > 1);
  const columns: Column<Step>[] = [
    {
      title: 'Attack',
      head: true,
      cell: ({ row }) =>
        h(
          'span',
          { class: 'attack-name' },
          row === null ? 'No attack' : row.title,
          row === null ? null : h('small', {}, effort(row)),
          row?.sample ? tag('sample', 'plain') : null,
        ),
    },
    {
      title: 'Accuracy after',
      className: 'wide',
      cell: ({ row }) => barCell(row === null ? clean : row.accuracyAfter, row === null ? 'clean' : 'robust'),
    },
    number(threat.target ? 'Target reached' : 'Broken', (row) => count(row.broken)),
    number(threat.target ? 'Pairs attempted' : 'Attempted', (row) => count(row.attempted)),
    ...(refused > 0 ? [number('Refused', (row) => count(row.refused))] : []),
    number('Forwards', (row) => compact(row.forwards)),
    number('Backwards', (row) => compact(row.backwards)),
    number('Time', (row) => duration(row.seconds)),
    ...(traced ? [{ title: 'Loss', cell: ({ row }: Step) => (row === null ? null : sparkline(row.lossTrace)) }] : []),
  ];
  return section(
    'attacks',
    'Attack cascade',
    h('span', { class: 'muted' }, 'each attack gets only what those before it left standing'),
    dataTable('Attack cascade', columns, steps),
    refused === 0
      ? null
      : h(
          'p',
          { class: 'note' },
          `The verifier refused ${plural(refused, 'example')} that an attack claimed: run again on the original model file, ${refused === 1 ? 'it was' : 'they were'} outside the threat model or not misclassified. None is counted.`,
        ),
    threat.attacks.some(({ sample }) => sample)
      ? h(
          'p',
          { class: 'note' },
          'An attack on a sample checks the evaluation or measures distances; what it broke counts.',
        )
      : null,
    threat.suite === 'quick'
      ? h(
          'p',
          { class: 'note' },
          'A quick suite, with small budgets, is a first look: the suite standard may well lower the robust accuracy. Quote no figure of this run as robustness.',
        )
      : null,
    threat.attacks.length === 0
      ? h('p', { class: 'muted' }, isPartial(ctx) ? 'No attack has finished yet.' : 'No attack ran.')
      : null,
  );
}

/** What an attack was allowed on an example: `100 steps, 5 restarts`, `5000 queries`. */
export function effort(row: Pick<AttackRow, 'name' | 'iterations' | 'restarts'>): string {
  const { one, many } = budgetUnit(row.name);
  const parts = [
    row.iterations > 0 ? plural(row.iterations, one, many) : '',
    row.restarts > 1 ? plural(row.restarts, 'restart') : '',
  ];
  return parts.filter((part) => part !== '').join(', ');
}

/** The mean best loss over iterations: a flat end says that more iterations would not help. */
function sparkline(trace: readonly number[]): Element | string {
  const finite = trace.filter(Number.isFinite);
  if (finite.length < 2) return '';
  const low = Math.min(...finite);
  const span = Math.max(...finite) - low || 1;
  const points = finite
    .map(
      (loss, i) => `${((70 * i) / (finite.length - 1) + 1).toFixed(1)},${(17 - (14 * (loss - low)) / span).toFixed(1)}`,
    )
    .join(' ');
  const first = finite[0] ?? 0;
  const last = finite.at(-1) ?? 0;
  return svg(
    'svg',
    {
      class: 'sparkline',
      viewBox: '0 0 72 18',
      role: 'img',
      'aria-label': `Loss from ${first.toFixed(2)} to ${last.toFixed(2)}`,
    },
    svg('title', {}, `Mean best loss: ${first.toFixed(2)} to ${last.toFixed(2)}`),
    svg('polyline', { points }),
  );
}
