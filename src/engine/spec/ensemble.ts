import { basename, resolve } from 'node:path';
import { z } from 'zod';
import { RobustnessError } from '../error';
import type { Preprocess } from './schema';

/** How members are brought to one answer. */
export const combinations = ['mean-logits', 'mean-probabilities', 'vote'] as const;
export type Combination = (typeof combinations)[number];

/** Beyond this, votes have more possible totals than anybody wants counted. */
const mostMembers = 16;

/** @param preprocess what may be said of a member's own input, in the words of the spec's `preprocess` */
export function ensembleSchemaOf<Own extends z.ZodType>(preprocess: Own) {
  const member = z.union([
    z.string().min(1),
    z.strictObject({
      path: z.string().min(1).describe('Model file, relative to this spec.'),
      preprocess: preprocess
        .optional()
        .describe("What this member's input wants, in place of the same settings of the spec's `preprocess`."),
      output: z.string().optional().describe("The member's output that holds the scores."),
    }),
  ]);
  return z
    .strictObject({
      members: z.array(member).describe('Model files, relative to this spec, or what they want beside their path.'),
      combine: z
        .enum(combinations)
        .describe(
          'mean-logits: mean of the scores before the softmax, or of the outputs of a regression; mean-probabilities: mean of the probabilities; vote: the class that most members predict, and of several the one with the highest mean probability.',
        ),
      weights: z.array(z.number()).optional().describe('One a member; equal if absent. Only their ratios count.'),
      name: z
        .string()
        .min(1)
        .max(80)
        .regex(/^[\p{L}\p{N}][\p{L}\p{N} _+.-]*$/u, 'a name of letters, digits, spaces and _ + . -')
        .optional()
        .describe('What the report and claims call it; the names of its members if absent.'),
    })
    .describe('Several models as one, in place of `model` and `models`: evaluated, and attacked, through all members.');
}

/** An ensemble as written. */
export interface EnsembleSpec {
  readonly members: readonly (
    | string
    | {
        readonly path: string;
        readonly preprocess?: MemberPreprocess | undefined;
        readonly output?: string | undefined;
      }
  )[];
  readonly combine: Combination;
  readonly weights?: readonly number[] | undefined;
  readonly name?: string | undefined;
}

/** What a member may want differently from the others; how pictures are read is the same for all. */
export interface MemberPreprocess {
  readonly mean?: number | number[] | undefined;
  readonly std?: number | number[] | undefined;
  readonly layout?: Preprocess['layout'] | undefined;
  readonly channels?: 'rgb' | 'bgr' | undefined;
}

/** An ensemble with absolute paths, one entry a member, and weights that sum to 1. */
export interface EnsembleTarget {
  readonly name: string;
  readonly combine: Combination;
  readonly members: readonly EnsembleTargetMember[];
  /** By member; positive, of sum 1. */
  readonly weights: readonly number[];
}

export interface EnsembleTargetMember {
  /** Absolute. */
  readonly path: string;
  readonly preprocess?: MemberPreprocess;
  readonly output?: string;
}

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
