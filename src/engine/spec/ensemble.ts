import { z } from 'zod';
import type { Preprocess } from './schema';

/** How members are brought to one answer. */
export const combinations = ['mean-logits', 'mean-probabilities', 'vote'] as const;
export type Combination = (typeof combinations)[number];

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
