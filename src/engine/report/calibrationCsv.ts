import type { Add } from './csv';
import type { Report } from './schema';

const names = ['meanConfidence', 'overconfidence', 'ece', 'adaptiveEce', 'aurc', 'excessAurc', 'brier'] as const;

/** Rows of calibration under corruption and attack. */
export function addPressure({ calibration }: Pick<Report, 'calibration'>, add: Add): void {
  const { corrupted, attacked = [] } = calibration ?? {};
  if (corrupted) {
    for (const name of names) add('calibration', { item: 'corrupted' }, name, corrupted[name]);
    for (const row of corrupted.byCorruption) {
      for (const name of names) add('calibration', { item: row.name, severity: row.severity }, name, row[name]);
    }
    addCurves(corrupted, { item: 'corrupted' }, add);
  }
  for (const row of attacked) {
    const place = { threatModel: row.threatModel };
    for (const name of names) add('calibration', place, name, row[name]);
    add('calibration', place, 'adversarialConfidence', row.broken.meanConfidence);
    add('calibration', place, 'sureErrors', row.broken.sure);
    addCurves(row, place, add);
  }
}

type Curves = Pick<NonNullable<NonNullable<Report['calibration']>['corrupted']>, 'points'> & {
  readonly bins:
    | NonNullable<Report['calibration']>['attacked'][number]['bins']
    | NonNullable<NonNullable<Report['calibration']>['corrupted']>['bins'];
};

function addCurves({ bins, points }: Curves, place: { threatModel?: string; item?: string }, add: Add): void {
  const within = (text: string) => ({ ...place, item: place.item === undefined ? text : `${place.item}, ${text}` });
  for (const { low, high, n, confidence, accuracy } of bins) {
    if (n === 0) continue;
    const at = within(`${low.toFixed(3)} to ${high.toFixed(3)}`);
    add('reliability', at, 'confidence', confidence);
    add('reliability', at, 'accuracy', accuracy);
  }
  for (const { coverage, risk } of points) add('riskCoverage', within(coverage.toFixed(4)), 'risk', risk);
}
