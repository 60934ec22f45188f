import { corruptionsFor } from '../corruption/registry';
import { RobustnessError } from '../error';
import { type PlannedCorruption, plannedCorruptions } from '../evaluate/corruptionPlan';
import { corruptedExamples } from '../evaluate/stage/corruption';
import { nearest } from '../spec/suggest';
import type { ExportContext } from './context';
import type { ExportProgress, ExportSubject } from './request';
import type { ExportRows } from './rows';

type Corrupted = Extract<ExportSubject, { readonly kind: 'corrupted' }>;

const allSeverities = [1, 2, 3, 4, 5];

/**
 * Which corruptions are written: those that are named, or those of the spec.
 * @throws RobustnessError `export/corruption`, `export/severity`
 */
export function chosenCorruptions(
  { spec, facts }: ExportContext,
  { names, severities }: Corrupted,
): PlannedCorruption[] {
  const known = corruptionsFor(facts.kind).map(({ name }): string => name);
  for (const name of names ?? []) {
    if (known.includes(name)) continue;
    const near = nearest(name, known);
    throw new RobustnessError(
      'export/corruption',
      `There is no corruption “${name}” of data of kind ${facts.kind}.`,
      `${near === null ? '' : `Did you mean ${near}? `}They are: ${known.join(', ')}.`,
    );
  }
  const wrong = severities?.find((severity) => !allSeverities.includes(severity));
  if (wrong !== undefined) {
    throw new RobustnessError('export/severity', `There is no severity ${wrong}.`, 'Choose from 1 to 5.');
  }
  const notes: string[] = [];
  const own = spec.corruptions;
  const chosen = {
    ...own,
    names: [...new Set(names ?? own?.names ?? [])] as NonNullable<typeof own>['names'],
    severities: [...new Set(severities ?? own?.severities ?? allSeverities)] as NonNullable<typeof own>['severities'],
  };
  const planned = plannedCorruptions({ corruptions: chosen as NonNullable<typeof own> }, facts, notes);
  if (planned.length > 0) return planned;
  throw new RobustnessError(
    'export/corruption',
    `No corruption can be written: ${notes.length > 0 ? notes.join('; ') : 'the spec has none, and none was named'}.`,
    'Name one that is defined for these data.',
  );
}

export interface CorruptedTally {
  /** Whether a value that is missing was written, which readers of numbers may refuse. */
  missing: boolean;
}

/** Writes every example under every chosen corruption, with the random numbers of the evaluation. */
export async function writeCorrupted(
  { subject, facts, spec, form, oracle }: ExportContext,
  planned: readonly PlannedCorruption[],
  rows: ExportRows,
  onProgress: (progress: ExportProgress) => void,
): Promise<CorruptedTally> {
  const { dataset } = subject;
  const size = oracle.exampleSize;
  const names = [...new Set(planned.map(({ corruption }) => corruption.name))];
  const tally: CorruptedTally = { missing: false };
  let done = 0;
  for (const { corruption, severity } of planned) {
    for await (const { start, count, x, y } of dataset.batches(64)) {
      const indices = Int32Array.from({ length: count }, (_, i) => start + i);
      const corrupted = corruptedExamples(corruption, severity, facts.range, facts, { x, indices }, spec.seed);
      const inFile = form.fromFile(form.toFile(corrupted));
      for (let i = 0; i < inFile.length && !tally.missing; i++) tally.missing = Number.isNaN(inFile[i]);
      for (let i = 0; i < count; i++) {
        await rows.add(inFile.subarray(i * size, (i + 1) * size), {
          y: y[i]!,
          index: start + i,
          corruption: names.indexOf(corruption.name),
          severity,
        });
      }
      done += count;
      const stage = `${corruption.title}, severity ${severity}`;
      onProgress({ stage, done, total: planned.length * dataset.count });
    }
  }
  return tally;
}
