import { resolve } from 'node:path';
import { basename } from 'node:path/posix';
import { RobustnessError } from '../error';
import { ALEXNET_CLEAN_ERROR, alexNetErrors } from '../metric/corruptionError';
import { isRegression } from '../report/regression';
import { readAnyReport } from '../report/store';
import type { ResolvedSpec } from '../spec/schema';
import type { EvaluationFacts } from './stage/stage';

/** Errors of another model under corruptions, shares 0..1. */
export interface CorruptionReference {
  readonly name: string;
  readonly kind: 'alexnet' | 'report';
  readonly cleanError: number | null;
  /** By corruption: the mean over the five severities, or one error by severity. */
  readonly errors: ReadonlyMap<string, number | ReadonlyMap<number, number>>;
}

export interface OpenedReference {
  readonly reference: CorruptionReference | null;
  /** Why its figures may not mean what they seem to, in words for the report. */
  readonly notes: readonly string[];
}

const IMAGENET_CLASSES = 1000;
const IMAGENET_SIDE = 224;

/**
 * What `corruptions.reference` of a spec names.
 *
 * @param base folder that its path is relative to
 * @param dataSha256 of the data that are evaluated
 * @throws RobustnessError `spec/corruption-reference` for a report without figures under corruption; errors of {@link readAnyReport}
 */
export async function openCorruptionReference(
  { corruptions }: Pick<ResolvedSpec, 'corruptions'>,
  facts: Pick<EvaluationFacts, 'kind' | 'shape' | 'classes'>,
  base: string,
  dataSha256: string,
): Promise<OpenedReference> {
  const named = corruptions?.reference;
  if (!corruptions || named === undefined) return { reference: null, notes: [] };
  return named === 'alexnet' ? alexNet(facts, corruptions.severities) : ofReport(named, base, dataSha256);
}

function alexNet(
  { kind, shape, classes }: Pick<EvaluationFacts, 'kind' | 'shape' | 'classes'>,
  severities: readonly number[],
): OpenedReference {
  const notes: string[] = [];
  const side = Math.min(shape[1] ?? 0, shape[2] ?? 0);
  if (kind !== 'image' || classes.length !== IMAGENET_CLASSES || side < IMAGENET_SIDE) {
    notes.push(
      "the mean corruption error is relative to AlexNet's errors on ImageNet-C, and these data are not ImageNet at 224 pixels: it cannot be compared with published ones; name a report on the same data as `corruptions.reference`",
    );
  }
  if (new Set(severities).size < 5) {
    notes.push(
      "the mean corruption error is relative to AlexNet's errors over severities 1 to 5, and not all of them were measured: it is not comparable",
    );
  }
  return {
    reference: {
      name: 'AlexNet',
      kind: 'alexnet',
      cleanError: ALEXNET_CLEAN_ERROR,
      errors: new Map(Object.entries(alexNetErrors)),
    },
    notes,
  };
}

async function ofReport(named: string, base: string, dataSha256: string): Promise<OpenedReference> {
  const report = await readAnyReport(resolve(base, named));
  if (isRegression(report) || !report.corruptions || report.status.state !== 'complete') {
    throw new RobustnessError(
      'spec/corruption-reference',
      `The report ${named} of \`corruptions.reference\` has no complete figures under corruption.`,
      'Evaluate that model with `corruptions` first, to the end.',
    );
  }
  const errors = new Map<string, Map<number, number>>();
  for (const { name, severity, accuracy } of report.corruptions.byCorruption) {
    const bySeverity = errors.get(name) ?? new Map<number, number>();
    errors.set(name, bySeverity.set(severity, 1 - accuracy.value));
  }
  const notes =
    report.data.sha256 === dataSha256
      ? []
      : [`the mean corruption error is relative to a report on other data (${named}): read it with care`];
  return {
    reference: {
      name: basename(report.model.path),
      kind: 'report',
      cleanError: report.clean === null ? null : 1 - report.clean.accuracy.value,
      errors,
    },
    notes,
  };
}
