import { RobustnessError } from '../engine/error';
import type { EvaluationRequest } from '../engine/evaluate/target';
import { type Combination, combinations } from '../engine/spec/ensemble';
import type { Arguments } from './command';

/** Options of commands that take several models as one. */
export const ensembleOptions = {
  ensemble: { type: 'string', value: 'A,B', help: 'Several models as one, with --data, in place of a model.' },
  combine: {
    type: 'string',
    value: 'C',
    help: 'How an ensemble answers; mean-probabilities if absent.',
    choices: combinations,
  },
} as const;

/**
 * @param usage of the command, for whoever has to write it anew
 * @throws RobustnessError `usage/arguments` where it is not alone, or has no data
 */
export function ensembleOf(args: Arguments, usage: string): EvaluationRequest['ensemble'] {
  const members = args.text('ensemble');
  const combine = args.text('combine');
  if (members === undefined) {
    if (combine === undefined) return undefined;
    throw new RobustnessError(
      'usage/arguments',
      '--combine says how an ensemble answers, and there is none.',
      'Name its members with --ensemble A,B, or write the ensemble into a spec.',
    );
  }
  if (args.positionals.length > 0 || args.text('data') === undefined) {
    throw new RobustnessError(
      'usage/arguments',
      '--ensemble stands in place of a model or a spec, and needs data.',
      `Usage: ${usage}; or write the ensemble into a spec.`,
    );
  }
  const paths = members.split(',').map((path) => path.trim());
  return { members: paths.filter((path) => path !== ''), combine: (combine ?? 'mean-probabilities') as Combination };
}
