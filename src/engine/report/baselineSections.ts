import { basename } from 'node:path/posix';
import { definitions } from '../metric/definitions';
import type { BaselineChanges } from './baseline';
import type { Report } from './schema';
import type { Section } from './section';
import { percent, withInterval } from './words';

/** What changed since the baseline: a line for clean examples, one for each threat model. */
export function baselineSection({ baseline }: Pick<Report, 'baseline'>): Section | null {
  if (!baseline) return null;
  const { path, createdAt, model, sameModel, clean, threatModels, leftOut, lost } = baseline;
  const lines = [...(clean ? [{ name: 'clean', ...clean }] : []), ...threatModels];
  return {
    title: 'Changes since the baseline',
    paragraphs: [
      `Held against ${basename(model.path)} (${path}, ${createdAt.slice(0, 10)}), example by example.${sameModel ? ' It is the same model file: what changed is how it was evaluated.' : ''}`,
      ...(clean ? [cleanText(clean)] : []),
      `Negative flips: ${definitions.negativeFlips.text}`,
      ...leftOut.map(({ on, reason }) => `Not compared, ${on}: ${reason}.`),
      ...(lost.length > 0 ? [`Lost: ${lost.map(lostText).join(', ')}${isMore(lost, clean) ? ' …' : ''}.`] : []),
    ],
    table:
      lines.length === 0
        ? null
        : {
            columns: ['On', 'Before', 'Now', 'Difference', 'Churn', 'Negative flips', 'Positive flips', 'p, adjusted'],
            rows: lines.map((line) => [
              line.name,
              percent(line.before.value),
              percent(line.after.value),
              pointsText(line.difference),
              withInterval(line.churn),
              withInterval(line.negativeFlips),
              withInterval(line.positiveFlips),
              line.adjusted < 0.001 ? '< 0.001' : line.adjusted.toFixed(3),
            ]),
          },
  };
}

function cleanText({ churn, negativeFlips, positiveFlips, adjusted, difference }: BaselineChanges): string {
  const verdict =
    adjusted >= 0.05 ? 'the two are not told apart' : difference.value > 0 ? 'this model is better' : 'it was better';
  return `${percent(churn.value)} of the predictions are others: ${percent(positiveFlips.value)} of the examples are right now and were not, ${percent(negativeFlips.value)} were right and are not; by McNemar's exact test ${verdict} in accuracy.`;
}

function lostText({ index, label, prediction }: NonNullable<Report['baseline']>['lost'][number]): string {
  return `${index} (${label}, now ${prediction})`;
}

function isMore(lost: readonly unknown[], clean: BaselineChanges | null): boolean {
  return clean !== null && Math.round(clean.negativeFlips.value * clean.negativeFlips.n) > lost.length;
}

function pointsText({ value, low, high }: BaselineChanges['difference']): string {
  const signed = (v: number) => `${v < 0 ? '−' : '+'}${Math.abs(100 * v).toFixed(1)}`;
  return `${signed(value)} (${signed(low)} to ${signed(high)})`;
}
