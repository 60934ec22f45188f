import type { AnyReport } from '../../src/engine/report/regression';
import type { Context } from '../context';
import { h } from '../dom';
import { interval, percent, points, significant } from '../format';
import { barCell, dataTable, section, tag } from '../parts';

/** Accuracy on other data of the same task. */
export function shifts({ report }: Context): HTMLElement | null {
  if (report.shifts.length === 0) return null;
  return section(
    'shifts',
    'Distribution shifts',
    h('span', { class: 'muted' }, 'the same task on other data'),
    dataTable(
      'Distribution shifts',
      [
        { title: 'Data', head: true, cell: (row) => row.name },
        { title: 'Accuracy', className: 'wide', cell: (row) => barCell(row.accuracy, 'clean') },
        { title: '95 % interval', numeric: true, cell: (row) => interval(row.accuracy) },
        { title: 'Against clean, points', numeric: true, cell: (row) => points(-row.drop) },
      ],
      report.shifts,
    ),
  );
}

/** Thresholds of the spec. */
export function gates({ report }: Context<AnyReport>): HTMLElement | null {
  if (report.gates.length === 0) return null;
  const failed = report.gates.filter(({ pass }) => !pass).length;
  return section(
    'gates',
    'Gates',
    h('span', { class: 'muted' }, failed === 0 ? 'all pass' : `${failed} of ${report.gates.length} failed`),
    dataTable(
      'Gates',
      [
        { title: 'Result', cell: ({ pass }) => tag(pass ? 'Pass' : 'Fail', pass ? 'good' : 'bad') },
        { title: 'Condition', head: true, cell: ({ expression }) => h('code', {}, expression) },
        { title: 'Measured', numeric: true, cell: (gate) => measuredText(gate, report) },
      ],
      report.gates,
    ),
  );
}

/** Of a classifier all is shares; of a model that predicts numbers, what is within tolerance alone. */
function measuredText({ expression, measured }: AnyReport['gates'][number], { task }: AnyReport): string {
  if (measured === null) return '–';
  const isShare = task === 'classification' || /within/i.test(expression);
  return isShare ? percent(measured) : significant(measured);
}
