import { resolve } from 'node:path';
import { basename } from 'node:path/posix';
import { RobustnessError } from '../error';
import { isRegression } from '../report/regression';
import { readAnyReport } from '../report/store';
import type { ResolvedSpec } from '../spec/schema';
import { perturbationNames } from '../spec/stability';
import { perturbationByName } from '../stability/registry';
import { type Perturbation, windowOf } from '../stability/types';
import type { EvaluationFacts } from './stage/stage';

/** How often another model's predictions flip. */
export interface StabilityReference {
  readonly name: string;
  readonly kind: 'report' | 'stated';
  /** By sequence. */
  readonly flips: ReadonlyMap<string, number>;
  /** Mean top-5 distances by sequence. */
  readonly distances: ReadonlyMap<string, number>;
}

export interface OpenedStabilityReference {
  readonly reference: StabilityReference | null;
  /** Why its figures may not mean what they seem to, in words for the report. */
  readonly notes: readonly string[];
}

/**
 * What `stability.reference` of a spec names.
 *
 * @param base folder that its path is relative to
 * @param dataSha256 of the data that are evaluated
 * @throws RobustnessError `spec/stability-reference` for a report without figures of sequences, and for `alexnet`; errors of {@link readAnyReport}
 */
export async function openStabilityReference(
  { stability }: Pick<ResolvedSpec, 'stability'>,
  facts: Pick<EvaluationFacts, 'shape'>,
  base: string,
  dataSha256: string,
): Promise<OpenedStabilityReference> {
  const given = stability?.reference;
  if (stability === undefined || given === undefined) return { reference: null, notes: [] };
  if (typeof given !== 'string') {
    const flips = new Map(Object.entries(given));
    return { reference: { name: 'the spec', kind: 'stated', flips, distances: new Map() }, notes: [] };
  }
  if (given.toLowerCase() === 'alexnet') {
    throw new RobustnessError(
      'spec/stability-reference',
      'AlexNet’s flip probabilities are of the compressed videos of ImageNet-P, which are not what is made here.',
      'Evaluate an AlexNet on the same data and name its report, or write the probabilities to compare with as {gaussian_noise: …, tilt: …}.',
    );
  }
  return ofReport(given, resolve(base, given), stability.frames, facts.shape, dataSha256);
}

async function ofReport(
  named: string,
  path: string,
  frames: number | null,
  shape: readonly number[],
  dataSha256: string,
): Promise<OpenedStabilityReference> {
  const report = await readAnyReport(path);
  if (isRegression(report) || report.stability === undefined || report.status.state !== 'complete') {
    throw new RobustnessError(
      'spec/stability-reference',
      `The report ${named} of \`stability.reference\` has no complete figures of sequences.`,
      'Evaluate that model with `stability` first, to the end.',
    );
  }
  const notes: string[] = [];
  const { bySequence } = report.stability;
  if (report.data.sha256 !== dataSha256) {
    notes.push(`the mean flip rate is relative to a report on other data (${named}): read it with care`);
  } else if (report.data.shape.join() !== shape.join()) {
    notes.push(`the mean flip rate is relative to a report on examples of another size (${named}): read it with care`);
  }
  const otherwise = bySequence.filter(({ name, frames: theirs }) => {
    const perturbation = perturbationOrNull(name);
    return perturbation !== null && windowOf(perturbation, shape, frames).count !== theirs;
  });
  if (otherwise.length > 0) {
    notes.push(`the mean flip rate is relative to sequences of another length (${named}): read it with care`);
  }
  return {
    reference: {
      name: basename(report.model.path),
      kind: 'report',
      flips: new Map(bySequence.map(({ name, flipProbability }) => [name, flipProbability.value])),
      distances: new Map(
        bySequence.flatMap(({ name, top5Distance }) => (top5Distance ? [[name, top5Distance.value] as const] : [])),
      ),
    },
    notes,
  };
}

/** A report may name sequences of a later version, or anything. */
function perturbationOrNull(name: string): Perturbation | null {
  const known = perturbationNames.find((each) => each === name);
  return known === undefined ? null : perturbationByName(known);
}
