import { definitions } from '../metric/definitions';
import type { Report } from './schema';
import type { Section } from './section';
import type { StabilityReport, StabilityRow } from './stability';
import { percent, withInterval } from './words';

/** Flips along sequences: a line a kind, the one that flips most first. */
export function stabilitySection({ stability, data }: Pick<Report, 'stability' | 'data'>): Section | null {
  if (!stability) return null;
  const { examples, mFP, index, top5Distance, reference } = stability;
  const rows = mostFlipsFirst(stability);
  const rates = new Map(reference?.bySequence.map(({ name, flipRate }) => [name, flipRate]));
  const ranked = rows.some((row) => row.top5Distance);
  return {
    title: 'Stability along sequences',
    paragraphs: [
      `Predictions followed along sequences of small perturbations of ${examples} of ${data.count} examples; no label is needed for it.`,
      `Mean flip probability ${withInterval(mFP)}; the prediction stays at ${withInterval(index)} of the steps. ${definitions.flipProbability.text}`,
      ...extremes(rows),
      ...(reference ? referenceText(reference) : []),
      ...(top5Distance ? [`Mean top-5 distance ${distance(top5Distance)}. ${definitions.top5Distance.text}`] : []),
    ],
    table: {
      columns: [
        'Sequence',
        'Steps',
        'Frames',
        'Flip probability',
        'Steady sequences',
        ...(ranked ? ['Top-5 distance'] : []),
        ...(reference ? ['Flip rate'] : []),
      ],
      rows: rows.map((row) => [
        row.title,
        row.steps,
        String(row.frames),
        withInterval(row.flipProbability),
        withInterval(row.steady),
        ...(ranked ? [row.top5Distance ? distance(row.top5Distance) : '–'] : []),
        ...(reference ? [ratio(rates.get(row.name))] : []),
      ]),
    },
  };
}

export function mostFlipsFirst({ bySequence }: StabilityReport): StabilityRow[] {
  return [...bySequence].sort((a, b) => b.flipProbability.value - a.flipProbability.value);
}

function extremes([most, ...others]: readonly StabilityRow[]): string[] {
  const least = others.at(-1);
  if (!most || !least || most.flipProbability.value === least.flipProbability.value) return [];
  return [
    `${most.title} flips most: the prediction changes at ${percent(most.flipProbability.value)} of the steps, and stays throughout in ${percent(most.steady.value)} of the sequences. ${least.title} flips least (${percent(least.flipProbability.value)}).`,
  ];
}

function referenceText({ name, kind, mFR, mT5D, bySequence }: NonNullable<StabilityReport['reference']>): string[] {
  const whose = kind === 'report' ? `those of ${name}` : 'those that the spec states';
  if (mFR === null) return ['No mean flip rate: the reference never flips in a kind of sequences that both have.'];
  const distances = mT5D === null ? '' : ` Likewise of the top-5 distances (mT5D): ${withInterval(mT5D)}.`;
  const rated = bySequence.filter(({ flipRate }) => flipRate !== null).length;
  const unrated = bySequence.length - rated;
  const without =
    unrated === 0
      ? ''
      : ` In ${unrated} ${unrated === 1 ? 'kind' : 'kinds'} the reference never flips: there is no ratio.`;
  return [
    `Mean flip rate ${withInterval(mFR)}, over ${rated} ${rated === 1 ? 'kind' : 'kinds'}, relative to ${whose}. ${definitions.meanFlipRate.text}${without}${distances}`,
  ];
}

function distance({ value, low, high }: StabilityReport['mFP']): string {
  return `${value.toFixed(2)} (${low.toFixed(2)}–${high.toFixed(2)})`;
}

function ratio(rate: number | null | undefined): string {
  return rate === null || rate === undefined ? '–' : percent(rate);
}
