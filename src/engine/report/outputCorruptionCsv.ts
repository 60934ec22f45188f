import type { Add } from './csv';
import type { RegressionReport } from './regression';

const names = ['mae', 'rmse', 'ratio', 'meanChange', 'withinTolerance'] as const;

/** Figures of a regression under corruptions. */
export function addOutputCorruptions({ corruptions }: RegressionReport, add: Add): void {
  if (!corruptions) return;
  for (const name of names) add('corruptions', {}, name, corruptions[name]);
  for (const row of corruptions.byCorruption) {
    const place = { item: row.name, severity: row.severity };
    for (const name of names) add('corruption', place, name, row[name]);
    add('corruption', place, 'unanswered', row.unanswered);
  }
}
