import { outputDefinitions } from '../metric/outputDefinitions';
import type { OutputCorruptionRow } from './outputCorruptions';
import type { RegressionReport } from './regression';
import type { Section } from './section';
import { percent } from './words';

/** A cell is as red as can be where the error is so many times the clean one. */
const reddest = 3;

/** Rows of one corruption, and their means. */
export interface OutputCorruptionGroup {
  readonly name: string;
  readonly title: string;
  readonly rows: readonly OutputCorruptionRow[];
  /** Null where no row has one. */
  readonly mae: number | null;
  readonly ratio: number | null;
  readonly meanChange: number | null;
  readonly withinTolerance: number | null;
}

/** By corruption, the one with the largest errors first. */
export function groupOutputCorruptions(rows: readonly OutputCorruptionRow[]): OutputCorruptionGroup[] {
  const groups = new Map<string, OutputCorruptionRow[]>();
  for (const row of rows) groups.set(row.name, [...(groups.get(row.name) ?? []), row]);
  const meanOf = (members: readonly OutputCorruptionRow[], key: 'mae' | 'ratio' | 'meanChange' | 'withinTolerance') => {
    const values = members.flatMap((row) => (row[key] === null ? [] : [row[key].value]));
    return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
  };
  return [...groups]
    .map(([name, members]) => ({
      name,
      title: members[0]!.title,
      rows: members.toSorted((a, b) => a.severity - b.severity),
      mae: meanOf(members, 'mae'),
      ratio: meanOf(members, 'ratio'),
      meanChange: meanOf(members, 'meanChange'),
      withinTolerance: meanOf(members, 'withinTolerance'),
    }))
    .sort((a, b) => (b.mae ?? Number.POSITIVE_INFINITY) - (a.mae ?? Number.POSITIVE_INFINITY));
}

/** How much of the colour of a cell a ratio of errors is worth: 0 where there is no harm. */
export function harm(ratio: number | null): number | null {
  return ratio === null ? null : Math.min(1, Math.max(0, (ratio - 1) / (reddest - 1)));
}

/** Errors of a regression by corruption and severity. */
export function outputCorruptionSection({ corruptions, clean, tolerance }: RegressionReport): Section | null {
  if (!corruptions) return null;
  const groups = groupOutputCorruptions(corruptions.byCorruption);
  const severities = [...new Set(corruptions.byCorruption.map(({ severity }) => severity))].sort((a, b) => a - b);
  const unanswered = corruptions.byCorruption.filter((row) => row.unanswered !== undefined);
  return {
    title: 'Corruptions',
    paragraphs: [
      ...summary(corruptions, clean),
      outputDefinitions.corruptedMae.text,
      ...unanswered.map(
        (row) =>
          `Under ${row.title} at severity ${row.severity} the model gives no number for ${row.unanswered} examples: errors are of the others${tolerance === null ? '' : ', and none of these is within tolerance'}.`,
      ),
    ],
    table: {
      columns: [
        'Corruption',
        ...severities.map((severity) => `MAE at severity ${severity}`),
        'Mean MAE',
        'Times the clean error',
        'Mean change',
        ...(tolerance === null ? [] : ['Within tolerance']),
      ],
      rows: groups.map((group) => [
        group.title,
        ...severities.map((severity) => digits(group.rows.find((row) => row.severity === severity)?.mae?.value)),
        digits(group.mae),
        group.ratio === null ? '–' : `${digits(group.ratio)} ×`,
        digits(group.meanChange),
        ...(tolerance === null ? [] : [group.withinTolerance === null ? '–' : percent(group.withinTolerance)]),
      ]),
      lost: groups.map((group) => [
        null,
        ...severities.map((severity) =>
          harm(group.rows.find((row) => row.severity === severity)?.ratio?.value ?? null),
        ),
        harm(group.ratio),
      ]),
    },
  };
}

function summary(
  { mae, ratio, worst, byCorruption }: NonNullable<RegressionReport['corruptions']>,
  clean: RegressionReport['clean'],
): string[] {
  if (mae === null) return ['The model gives a number for no corrupted example.'];
  const without = clean ? `, of ${digits(clean.mae.value)} without` : '';
  const times = ratio
    ? `, ${digits(ratio.value)} times the clean one (${digits(ratio.low)} to ${digits(ratio.high)})`
    : '';
  const hurts =
    worst !== null && new Set(byCorruption.map(({ name }) => name)).size > 1
      ? ` The largest errors are under ${worst.title}: MAE ${digits(worst.mae)} on average over its severities.`
      : '';
  return [`MAE ${digits(mae.value)} (${digits(mae.low)} to ${digits(mae.high)}) on average${without}${times}.${hurts}`];
}

/** What each severity of each corruption means, for whoever wants to make it again. */
export function corruptionParameters(
  rows: readonly { readonly title: string; readonly severity: number; readonly parameter?: string | undefined }[],
): Section | null {
  const stated = rows.filter((row) => row.parameter !== undefined);
  if (stated.length === 0) return null;
  const severities = [...new Set(stated.map(({ severity }) => severity))].sort((a, b) => a - b);
  const titles = [...new Set(stated.map(({ title }) => title))];
  return {
    title: 'What the severities mean',
    paragraphs: [],
    table: {
      columns: ['Corruption', ...severities.map((severity) => `Severity ${severity}`)],
      rows: titles.map((title) => [
        title,
        ...severities.map(
          (severity) => stated.find((row) => row.title === title && row.severity === severity)?.parameter ?? '–',
        ),
      ]),
    },
  };
}

function digits(value: number | null | undefined): string {
  return value === null || value === undefined ? '–' : String(Number(value.toPrecision(4)));
}
