import type { Add } from './csv';
import type { Report } from './schema';

/** Flips along sequences, and what changed since the baseline. */
export function addStability({ stability }: Pick<Report, 'stability'>, add: Add): void {
  if (!stability) return;
  for (const name of ['mFP', 'index', 'top5Distance'] as const) add('stability', {}, name, stability[name]);
  for (const name of ['mFR', 'mT5D'] as const) add('stability', {}, name, stability.reference?.[name]);
  for (const row of stability.bySequence) {
    for (const name of ['flipProbability', 'steady', 'top5Distance'] as const) {
      add('sequence', { item: row.name }, name, row[name]);
    }
    for (const [step, share] of row.byStep.entries()) {
      add('flipsByStep', { item: `${row.name} ${step + 1}` }, 'flips', share);
    }
  }
  for (const { name, flipRate } of stability.reference?.bySequence ?? []) {
    add('sequence', { item: name }, 'flipRate', flipRate);
  }
}

export function addBaseline({ baseline }: Pick<Report, 'baseline'>, add: Add): void {
  if (!baseline) return;
  const lines = [...(baseline.clean ? [{ place: {}, of: baseline.clean }] : [])];
  for (const threat of baseline.threatModels) lines.push({ place: { threatModel: threat.name }, of: threat });
  for (const { place, of } of lines) {
    for (const name of ['before', 'after', 'churn', 'negativeFlips', 'positiveFlips', 'difference'] as const) {
      add('baseline', place, name, of[name]);
    }
    for (const name of ['pValue', 'adjusted'] as const) add('baseline', place, name, of[name]);
  }
}
