import type { OutputContext } from '../context';
import { h } from '../dom';
import { plural, quantity } from '../format';
import { dataTable, section } from '../parts';
import { reachedBy } from './reach';

interface Change {
  readonly output: number;
  readonly mean: number;
  readonly most: number;
}

/** How far attacks moved each output, where there are several. */
export function changes({ report, threat }: OutputContext): HTMLElement | null {
  if (threat === null || report.outputs < 2) return null;
  const rows = Array.from({ length: report.outputs }, (_, output): Change => {
    const moved = reachedBy(report.outcomes, threat.name, output).map(({ prediction, lowest, highest }) =>
      Math.max(highest - prediction, prediction - lowest),
    );
    const sum = moved.reduce((total, change) => total + change, 0);
    return { output, mean: sum / Math.max(1, moved.length), most: moved.reduce((a, b) => Math.max(a, b), 0) };
  });
  return section(
    'outputs',
    'By output',
    h(
      'span',
      { class: 'muted' },
      `of ${plural(report.outputs, 'output')}, against what the model predicts without an attack`,
    ),
    dataTable(
      'Change by output',
      [
        { title: 'Output', head: true, cell: (row) => row.output },
        { title: 'Mean change', numeric: true, cell: (row) => `≥ ${quantity(row.mean)}` },
        { title: 'Largest change', numeric: true, cell: (row) => `≥ ${quantity(row.most)}` },
      ],
      rows,
    ),
  );
}
