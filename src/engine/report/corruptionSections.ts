import { definitions } from '../metric/definitions';
import type { CorruptionReferenceReport } from './corruptions';
import type { CorruptionRow, Report } from './schema';
import type { Section } from './section';
import { percent, withInterval } from './words';

interface Line {
  readonly name: string;
  readonly title: string;
  readonly bySeverity: ReadonlyMap<number, CorruptionRow>;
  /** Of accuracy, over the severities measured. */
  readonly mean: number;
  readonly stability: number;
}

/** A line for each corruption, the one that costs most first, and a column for each severity. */
export function corruptionSection({
  corruptions,
  clean,
  data,
}: Pick<Report, 'corruptions' | 'clean'> & { readonly data?: Pick<Report['data'], 'kind'> }): Section | null {
  if (!corruptions) return null;
  const { byCorruption, meanAccuracy, mCE, reference } = corruptions;
  const severities = [...new Set(byCorruption.map(({ severity }) => severity))].sort((a, b) => a - b);
  const lines = linesOf(byCorruption);
  const errors = new Map(reference?.byCorruption.map((row) => [row.name, row]));
  const before = clean?.accuracy.value ?? 1;
  const lost = (value: number | undefined) =>
    value === undefined || before <= 0 ? null : Math.min(1, Math.max(0, (before - value) / before));
  return {
    // The word is that of the benchmark of images.
    title: data === undefined || data.kind === 'image' ? 'Common corruptions' : 'Corruptions',
    paragraphs: [
      `Mean accuracy ${withInterval(meanAccuracy)}. ${definitions.meanAccuracy.text}`,
      ...worstText(lines, clean),
      ...(mCE && reference ? referenceText(mCE.value, [mCE.low, mCE.high], reference) : []),
      intervalText(byCorruption),
      ...unansweredText(byCorruption),
    ],
    table: {
      columns: [
        'Corruption',
        ...severities.map((severity) => `Severity ${severity}`),
        'Mean accuracy',
        'Unchanged prediction',
        ...(reference ? ['CE'] : []),
      ],
      rows: lines.map(({ name, title, bySeverity, mean, stability }) => [
        title,
        ...severities.map((severity) => {
          const row = bySeverity.get(severity);
          return row ? percent(row.accuracy.value) : '–';
        }),
        percent(mean),
        percent(stability),
        ...(reference ? [ratio(errors.get(name)?.ce)] : []),
      ]),
      lost: lines.map(({ bySeverity, mean }) => [
        null,
        ...severities.map((severity) => lost(bySeverity.get(severity)?.accuracy.value)),
        lost(mean),
      ]),
    },
  };
}

function linesOf(rows: readonly CorruptionRow[]): Line[] {
  const groups = new Map<string, CorruptionRow[]>();
  for (const row of rows) groups.set(row.name, [...(groups.get(row.name) ?? []), row]);
  return [...groups]
    .map(([name, members]) => ({
      name,
      title: members[0]!.title,
      bySeverity: new Map(members.map((row) => [row.severity, row])),
      mean: members.reduce((sum, { accuracy }) => sum + accuracy.value, 0) / members.length,
      stability: members.reduce((sum, { stability }) => sum + stability.value, 0) / members.length,
    }))
    .sort((a, b) => a.mean - b.mean);
}

function worstText([worst, ...others]: readonly Line[], clean: Report['clean']): string[] {
  if (!worst || others.length === 0) return [];
  const without = clean ? `, of ${percent(clean.accuracy.value)} without` : '';
  const least = others.at(-1)!;
  return [
    `Most is lost under ${worst.title}: ${percent(worst.mean)} are left on average${without}. Least is lost under ${least.title} (${percent(least.mean)}).`,
  ];
}

function referenceText(
  value: number,
  [low, high]: readonly [number, number],
  { name, kind, relativeMCE, byCorruption }: CorruptionReferenceReport,
): string[] {
  const whose = kind === 'alexnet' ? 'the published errors of AlexNet on ImageNet-C' : `the errors of ${name}`;
  const relative = relativeMCE === null ? '' : ` Relative mCE ${percent(relativeMCE)}. ${definitions.relativeMCE.text}`;
  return [
    `Mean corruption error ${percent(value)} (${(100 * low).toFixed(1)}–${(100 * high).toFixed(1)}), over ${byCorruption.length} ${byCorruption.length === 1 ? 'corruption' : 'corruptions'}, relative to ${whose}. ${definitions.mCE.text}${relative}`,
  ];
}

/** Ninety-five cells with an interval each cannot be read: the widest stands for them, the CSV has all. */
function intervalText(rows: readonly CorruptionRow[]): string {
  const widest = Math.max(...rows.map(({ accuracy: { low, high, value } }) => Math.max(high - value, value - low)));
  return `No 95 % interval of a cell reaches further than ${(100 * widest).toFixed(1)} points to either side.`;
}

/** Where NaN went in, NaN may have come out. */
function unansweredText(rows: readonly CorruptionRow[]): string[] {
  return rows
    .filter((row) => row.unanswered !== undefined)
    .map(
      (row) =>
        `Under ${row.title} at severity ${row.severity} the scores of ${row.unanswered} of ${row.accuracy.n} examples are NaN: they count as wrong.`,
    );
}

function ratio(ce: number | null | undefined): string {
  return ce === null || ce === undefined ? '–' : percent(ce);
}
