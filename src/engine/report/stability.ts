import { z } from 'zod';
import { figureSchema } from './figure';

export const stabilityRowSchema = z.strictObject({
  /** `gaussian_noise` */
  name: z.string(),
  title: z.string(),
  /** What a frame differs in from the next, in words. */
  steps: z.string(),
  frames: z.number().int(),
  /** What the prediction of a frame is held against. */
  compared: z.enum(['first', 'previous']),
  /** Share of the steps at which the predicted class changes; the interval is over examples. */
  flipProbability: figureSchema,
  /** Mean distance of the five highest classes a step, 0 to 18; absent with fewer than five classes, or without scores. */
  top5Distance: figureSchema.optional(),
  /** Share of the sequences in which the prediction never changes. */
  steady: figureSchema,
  /** Share of the examples whose prediction flips, by step. */
  byStep: z.array(z.number()),
});
export type StabilityRow = z.infer<typeof stabilityRowSchema>;

export const stabilityReferenceSchema = z.strictObject({
  /** The model file of the report that was named, or `the spec` where it gives the probabilities. */
  name: z.string(),
  kind: z.enum(['report', 'stated']),
  /** Mean over the sequences that both have of the ratio of flip probabilities; null where no ratio can be computed. */
  mFR: figureSchema.nullable(),
  /** Likewise of the top-5 distances. */
  mT5D: figureSchema.nullable(),
  bySequence: z.array(
    z.strictObject({
      name: z.string(),
      flipProbability: z.number(),
      /** Ratio to it; null where the reference never flips. */
      flipRate: z.number().nullable(),
    }),
  ),
});

/** Predictions along sequences of small perturbations. */
export const stabilityReportSchema = z.strictObject({
  /** Examples that sequences were made of, of `data.count`. */
  examples: z.number().int(),
  /** Mean flip probability over the sequences. */
  mFP: figureSchema,
  /** Mean over the sequences of their mean top-5 distance. */
  top5Distance: figureSchema.optional(),
  /** Mean share of the steps at which the prediction stays: 1 − mFP. */
  index: figureSchema,
  /** In the order of the benchmark. */
  bySequence: z.array(stabilityRowSchema),
  reference: stabilityReferenceSchema.optional(),
});
export type StabilityReport = z.infer<typeof stabilityReportSchema>;
