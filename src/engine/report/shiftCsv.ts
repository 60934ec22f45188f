import type { Add } from './csv';
import type { RegressionReport } from './regression';
import type { Report } from './schema';
import type { DriftReport } from './shifts';

/** The figures of other data, one row each; `item` is the name of the data set, and of a score or column after a slash. */
export function addShifts({ shifts, outOfDistribution = [] }: Report, add: Add): void {
  for (const {
    name: item,
    accuracy,
    drop,
    dropInterval,
    balancedAccuracy,
    ece,
    effectiveRobustness,
    drift,
  } of shifts) {
    add('shift', { item }, 'accuracy', accuracy);
    const [low, high] = dropInterval ?? [];
    add(
      'shift',
      { item },
      'drop',
      low === undefined || high === undefined ? drop : { value: drop, low, high, n: accuracy.n },
    );
    add('shift', { item }, 'balancedAccuracy', balancedAccuracy);
    add('shift', { item }, 'ece', ece);
    add('shift', { item }, 'effectiveRobustness', effectiveRobustness?.value);
    addDrift(item, drift, add);
  }
  for (const { name, detection, drift } of outOfDistribution) {
    for (const { score, auroc, aupr, fpr95 } of detection) {
      const item = `${name}/${score}`;
      add('outOfDistribution', { item }, 'auroc', auroc);
      add('outOfDistribution', { item }, 'aupr', aupr);
      add('outOfDistribution', { item }, 'fpr95', fpr95);
    }
    addDrift(name, drift, add);
  }
}

export function addOutputShifts({ shifts = [] }: RegressionReport, add: Add): void {
  for (const { name: item, mae, rmse, medianError, r2, rise, riseInterval, drift } of shifts) {
    add('shift', { item }, 'mae', mae);
    add('shift', { item }, 'rmse', rmse);
    add('shift', { item }, 'medianError', medianError);
    add('shift', { item }, 'r2', r2);
    add('shift', { item }, 'rise', { value: rise, low: riseInterval[0], high: riseInterval[1], n: mae.n });
    addDrift(item, drift, add);
  }
}

function addDrift(name: string, drift: DriftReport | undefined, add: Add): void {
  if (drift === undefined) return;
  add('drift', { item: name }, 'columnsChanged', drift.changed);
  add('drift', { item: name }, 'columnsCompared', drift.compared);
  for (const of of ['data', 'outputs', 'embedding'] as const) {
    const found = drift.mmd[of];
    add('drift', { item: `${name}/${of}` }, 'mmd', found?.value);
    add('drift', { item: `${name}/${of}` }, 'mmdPValue', found?.pValue);
  }
  for (const { name: column, ks, pValue, psi } of drift.largest) {
    const item = `${name}/${column}`;
    add('drift', { item }, 'ks', ks);
    add('drift', { item }, 'pValue', pValue);
    add('drift', { item }, 'psi', psi);
  }
}
