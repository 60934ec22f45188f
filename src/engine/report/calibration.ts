import { z } from 'zod';
import { figureSchema } from './figure';

const riskPoints = z.array(z.strictObject({ coverage: z.number(), risk: z.number() }));

/** Without intervals: they are means over corruptions and severities of the same examples. */
const talliedFields = {
  accuracy: z.number(),
  meanConfidence: z.number(),
  /** Mean confidence − accuracy. */
  overconfidence: z.number(),
  ece: z.number(),
  adaptiveEce: z.number(),
  aurc: z.number(),
  excessAurc: z.number(),
  brier: z.number(),
};

const talliedBin = z.strictObject({
  /** Confidences of the bin: (low, high]. */
  low: z.number(),
  high: z.number(),
  n: z.number().int(),
  confidence: z.number().nullable(),
  accuracy: z.number().nullable(),
});

/** Confidences under corruptions, tallied as they come. */
export const corruptedCalibrationSchema = z.strictObject({
  /** Mean over corruptions and severities of each figure. */
  ...talliedFields,
  /** Mean over corruptions. */
  bySeverity: z.array(z.strictObject({ severity: z.number().int(), ...talliedFields })),
  byCorruption: z.array(
    z.strictObject({
      name: z.string(),
      title: z.string(),
      severity: z.number().int(),
      n: z.number().int(),
      ...talliedFields,
    }),
  ),
  /** All predictions under all corruptions together. */
  bins: z.array(talliedBin),
  points: riskPoints.describe('Risk against coverage, of all of them together.'),
});
export type CorruptedCalibration = z.infer<typeof corruptedCalibrationSchema>;

/** Confidences in the worst case found: an adversarial example where there is one, else the example as it is. */
export const attackedCalibrationSchema = z.strictObject({
  threatModel: z.string(),
  n: z.number().int(),
  /** Examples that were broken beside the cascade, of which the confidence is not known. */
  leftOut: z.number().int(),
  meanConfidence: figureSchema,
  overconfidence: figureSchema,
  ece: figureSchema,
  adaptiveEce: figureSchema,
  aurc: figureSchema,
  excessAurc: figureSchema,
  brier: figureSchema,
  /** Of the adversarial examples alone. */
  broken: z.strictObject({
    n: z.number().int(),
    /** Null without any. */
    meanConfidence: z.number().nullable(),
    /** Share of them that the model is at least 90 % sure of. */
    sure: figureSchema,
  }),
  bins: z.array(talliedBin.extend({ accuracy: figureSchema.nullable() })),
  points: riskPoints,
});
export type AttackedCalibration = z.infer<typeof attackedCalibrationSchema>;

/** Whether confidences can be trusted under pressure; the clean ones are in `clean`. */
export const calibrationSchema = z.strictObject({
  corrupted: corruptedCalibrationSchema.optional(),
  /** By threat model; those whose attacks are done. */
  attacked: z.array(attackedCalibrationSchema),
});
