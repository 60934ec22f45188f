import { z } from 'zod';
import { figureSchema } from './figure';

const figures = {
  /** Null where the model gave a number for no example. */
  mae: figureSchema.nullable(),
  rmse: figureSchema.nullable(),
  /** MAE over the clean one of the same examples; null where that is 0. */
  ratio: figureSchema.nullable(),
  /** From what the model predicts without the corruption. */
  meanChange: figureSchema.nullable(),
  /** Of all examples; null where the spec states no tolerance. */
  withinTolerance: figureSchema.nullable(),
};

/** A regression under one corruption at one severity. */
export const outputCorruptionRowSchema = z.strictObject({
  name: z.string(),
  title: z.string(),
  severity: z.number().int().min(1).max(5),
  /** What the severity means, in words: `20 dB signal to noise`. */
  parameter: z.string(),
  ...figures,
  /** Examples for which the model gave NaN or infinity; errors are of the others. */
  unanswered: z.number().int().optional(),
});
export type OutputCorruptionRow = z.infer<typeof outputCorruptionRowSchema>;

/** A regression under all corruptions that were measured. */
export const outputCorruptionsSchema = z.strictObject({
  /** Of the mean over all rows of each example. */
  ...figures,
  byCorruption: z.array(outputCorruptionRowSchema),
  /** The corruption with the largest MAE, the mean over its severities. */
  worst: z.strictObject({ name: z.string(), title: z.string(), mae: z.number() }).nullable(),
});
export type OutputCorruptions = z.infer<typeof outputCorruptionsSchema>;
