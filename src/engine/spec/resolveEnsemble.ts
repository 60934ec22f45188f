import { basename, resolve } from 'node:path';
import { RobustnessError } from '../error';
import type { EnsembleSpec, EnsembleTarget, EnsembleTargetMember } from './ensemble';

/** Beyond this, votes have more possible totals than anybody wants counted. */
const mostMembers = 16;

/** What a report on an ensemble is called by, in the place of a model file: nothing lies there. */
export const ensembleSuffix = '.ensemble';

/** Where a model file would lie if the ensemble were one: it names reports, runs and claims. */
export function ensemblePath(base: string, { name }: Pick<EnsembleTarget, 'name'>): string {
  return resolve(base, `${name}${ensembleSuffix}`);
}

/**
 * What an ensemble means, held against what no schema can say.
 *
 * @param base folder that paths are relative to
 * @param where for messages: the name of the file
 * @throws RobustnessError `spec/ensemble`
 */
export function resolveEnsemble(spec: EnsembleSpec, base: string, where: string): EnsembleTarget {
  const fail = (message: string, hint: string): never => {
    throw new RobustnessError('spec/ensemble', `${where}: ${message}`, hint);
  };
  const members = spec.members.map((member): EnsembleTargetMember => {
    if (typeof member === 'string') return { path: resolve(base, member) };
    const { path, preprocess, output } = member;
    return {
      path: resolve(base, path),
      ...(preprocess === undefined ? {} : { preprocess }),
      ...(output === undefined ? {} : { output }),
    };
  });
  if (members.length < 2) {
    fail(
      `an ensemble of ${members.length === 0 ? 'no members' : 'one member'} is none.`,
      'Name two models or more under `ensemble.members`, or the one as `model`.',
    );
  }
  if (members.length > mostMembers) {
    fail(
      `the ensemble has ${members.length} members, and at most ${mostMembers} are evaluated as one.`,
      'Leave some out, or export the ensemble as a model of its own.',
    );
  }
  const twice = members.find(({ path }, i) => members.findIndex((other) => other.path === path) !== i);
  if (twice) {
    fail(
      `${basename(twice.path)} is a member of the ensemble twice.`,
      'Name it once; to let it count for more, use `ensemble.weights`.',
    );
  }
  const given = spec.weights ?? members.map(() => 1);
  if (given.length !== members.length) {
    fail(
      `the ensemble has ${members.length} members and ${given.length} weights.`,
      'Give one weight for each member, in their order, or none at all.',
    );
  }
  const odd = given.find((weight) => !(weight > 0 && Number.isFinite(weight)));
  if (odd !== undefined) {
    fail(
      `a member of the ensemble has the weight ${odd}.`,
      'Give positive weights; a member that is not to count can be left out.',
    );
  }
  const total = given.reduce((sum, weight) => sum + weight, 0);
  return {
    name: spec.name ?? nameOf(members.map(({ path }) => path)),
    combine: spec.combine,
    members,
    weights: given.map((weight) => weight / total),
  };
}

const longestName = 60;

/** `plain+robust`, or how many there are where that would be too long. */
function nameOf(paths: readonly string[]): string {
  const joined = paths.map((path) => basename(path).replace(/\.[^.]+$/, '')).join('+');
  return joined.length <= longestName ? joined : `ensemble-of-${paths.length}`;
}
