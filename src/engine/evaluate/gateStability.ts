import { RobustnessError } from '../error';
import type { BaselineChanges } from '../report/baseline';
import type { Figure } from '../report/figure';
import type { Report } from '../report/schema';
import type { ResolvedSpec } from '../spec/schema';
import type { Gate } from './gate';

type Read = (report: Report) => Figure | number | null | undefined;
type ReadUnder = (threat: Report['threatModels'][number], report: Report) => Figure | number | null;

const changes = ['churn', 'negativeFlips', 'positiveFlips'] as const satisfies readonly (keyof BaselineChanges)[];

/** Of sequences, and of what changed since the baseline. */
export const stabilityMetrics: Readonly<Record<string, Read>> = {
  'stability.mFP': (r) => r.stability?.mFP,
  'stability.mFR': (r) => r.stability?.reference?.mFR,
  'stability.mT5D': (r) => r.stability?.reference?.mT5D,
  'stability.index': (r) => r.stability?.index,
  'stability.top5Distance': (r) => r.stability?.top5Distance,
  ...Object.fromEntries(changes.map((name): [string, Read] => [name, (r) => r.baseline?.clean?.[name]])),
};

/** The changes under a threat model: `negativeFlips(linf-8)`. */
export const changeMetrics: Readonly<Record<string, ReadUnder>> = Object.fromEntries(
  changes.map((metric): [string, ReadUnder] => [
    metric,
    ({ name }, { baseline }) => baseline?.threatModels.find((each) => each.name === name)?.[metric] ?? null,
  ]),
);

/**
 * Gates on what the spec does not have measured would fail in every run, for a reason that nobody sees.
 * @throws RobustnessError `spec/gate`
 */
export function checkMeasurable(
  gates: readonly Gate[],
  { stability, baseline }: Pick<ResolvedSpec, 'stability' | 'baseline'>,
): void {
  for (const { expression, metric } of gates) {
    if (baseline === undefined && (changes as readonly string[]).includes(metric)) {
      throw new RobustnessError(
        'spec/gate',
        `The gate \`${expression}\` is on what changed since a baseline, and the spec names none.`,
        'Name the report on the earlier version as `baseline`.',
      );
    }
    if (stability === undefined && metric.startsWith('stability.')) {
      throw new RobustnessError(
        'spec/gate',
        `The gate \`${expression}\` is on sequences of perturbations, and the spec does not have them measured.`,
        'Add `stability: true` to the spec.',
      );
    }
    const relative = metric === 'stability.mFR' || metric === 'stability.mT5D';
    if (relative && stability?.reference === undefined) {
      throw new RobustnessError(
        'spec/gate',
        `The gate \`${expression}\` is relative to a reference, and the spec names none.`,
        'Name a report on another model as `stability.reference`.',
      );
    }
  }
}
