import { z } from 'zod';
import { figureSchema } from './figure';

/** What the mean corruption error is relative to, and how it comes about. */
export const corruptionReferenceSchema = z.strictObject({
  /** `AlexNet`, or the model file of the report that was named. */
  name: z.string(),
  kind: z.enum(['alexnet', 'report']),
  /** Error of the reference without corruption, 0..1; null where it is not known. */
  cleanError: z.number().nullable(),
  /** Mean of the errors beyond the clean ones, relative to the reference's; null where no ratio could be computed. */
  relativeMCE: z.number().nullable(),
  byCorruption: z.array(
    z.strictObject({
      name: z.string(),
      title: z.string(),
      /** Severities that both were measured at. */
      severities: z.array(z.number().int()),
      /** Mean error over them, 0..1. */
      error: z.number(),
      referenceError: z.number(),
      /** Their ratio; null where the reference makes no error. */
      ce: z.number().nullable(),
    }),
  ),
});
export type CorruptionReferenceReport = z.infer<typeof corruptionReferenceSchema>;

/** The corruption that costs most, by its mean accuracy over the severities measured. */
export const worstCorruptionSchema = z.strictObject({
  name: z.string(),
  title: z.string(),
  accuracy: figureSchema,
});
export type WorstCorruption = z.infer<typeof worstCorruptionSchema>;

/** New fields of a report's `corruptions`. */
export const corruptionDetailFields = {
  worst: worstCorruptionSchema.optional(),
  reference: corruptionReferenceSchema.optional(),
};
