import { z } from 'zod';
import { RobustnessError } from '../error';
import type { ResolvedSpec, Spec } from './schema';

/** Those of ImageNet-P, in its order; then ours, of tables and of signals. */
export const imagePerturbationNames = [
  'gaussian_noise',
  'shot_noise',
  'motion_blur',
  'zoom_blur',
  'snow',
  'brightness',
  'translate',
  'rotate',
  'tilt',
  'scale',
] as const;
export const columnPerturbationNames = ['column_noise', 'column_gain', 'column_shift', 'column_drift'] as const;
export const signalPerturbationNames = ['signal_noise', 'signal_gain', 'signal_shift', 'signal_drift'] as const;
export const perturbationNames = [
  ...imagePerturbationNames,
  ...columnPerturbationNames,
  ...signalPerturbationNames,
] as const;
export type PerturbationName = (typeof perturbationNames)[number];

/** Examples whose sequences are looked at, if nobody says how many. */
export const usualSequences = 200;

/** Whether, and how, predictions are followed along sequences of small perturbations. */
export const stabilitySchema = z.union([
  z.boolean(),
  z.strictObject({
    only: z.array(z.enum(perturbationNames)).min(1).optional().describe('These; all that fit the data if absent.'),
    frames: z
      .number()
      .int()
      .min(2)
      .max(1000)
      .optional()
      .describe('Frames of a sequence at most, about the example as it is; as published (31, some fewer) if absent.'),
    limit: z
      .number()
      .int()
      .positive()
      .optional()
      .describe(`Examples, spread over the data, that sequences are made of; ${usualSequences} if absent.`),
    reference: z
      .union([z.string().min(1), z.partialRecord(z.enum(perturbationNames), z.number().min(0).max(1))])
      .optional()
      .describe(
        'What the mean flip rate is relative to: a report on another model, relative to this spec, or its flip probabilities by sequence, as {gaussian_noise: 0.2, …}.',
      ),
  }),
]);

export interface ResolvedStability {
  /** Null: all that fit the data. */
  readonly names: readonly PerturbationName[] | null;
  /** Null: as published. */
  readonly frames: number | null;
  readonly limit: number;
  /** Path of a report as written, or flip probabilities. */
  readonly reference?: string | Readonly<Partial<Record<PerturbationName, number>>>;
}

/**
 * Off unless the spec asks for it: sequences cost some three hundred passes an example. On in the suite thorough.
 * @param inferred gets a sentence where nobody asked
 * @throws RobustnessError `spec/stability` for a model that predicts numbers
 */
export function resolveStability(
  { stability: given }: Pick<Spec, 'stability'>,
  task: ResolvedSpec['task'],
  thorough: boolean,
  inferred: string[],
): { readonly stability?: ResolvedStability } {
  if (given === false || (given === undefined && !(thorough && task === 'classification'))) return {};
  if (task === 'regression') {
    throw new RobustnessError(
      'spec/stability',
      'A flip is a change of the predicted class, which a model that predicts numbers has not.',
      'Remove `stability`; how far outputs move is what the threat models of a regression measure.',
    );
  }
  if (given === undefined) inferred.push('flips along sequences are measured, since the suite is thorough');
  const stated = typeof given === 'object' ? given : {};
  const { reference } = stated;
  return {
    stability: {
      names: stated.only ?? null,
      frames: stated.frames ?? null,
      limit: stated.limit ?? usualSequences,
      ...(reference === undefined ? {} : { reference }),
    },
  };
}
