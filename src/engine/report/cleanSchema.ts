import { z } from 'zod';
import { figureSchema } from './figure';

/** One bar of the reliability diagram. */
const reliabilityBinSchema = z.strictObject({
  /** Confidences of the bin: (low, high]. */
  low: z.number(),
  high: z.number(),
  n: z.number().int(),
  /** Mean confidence and accuracy of its examples; null of an empty bin. */
  confidence: z.number().nullable(),
  accuracy: figureSchema.nullable(),
});

/** Of the clean performance; reports of earlier versions lack these. */
export const cleanDetailFields = {
  balancedAccuracy: figureSchema.nullable().optional(),
  precisionMicro: figureSchema.optional(),
  recallMicro: figureSchema.optional(),
  f1Micro: figureSchema.optional(),
  precisionWeighted: figureSchema.optional(),
  recallWeighted: figureSchema.optional(),
  f1Weighted: figureSchema.optional(),
  matthews: figureSchema.optional(),
  prAuc: figureSchema.nullable().optional(),
  logLoss: figureSchema.nullable().optional(),
  brier: figureSchema.nullable().optional(),
  top5Accuracy: figureSchema.optional().describe('Of models with more than five classes.'),
  confusion: z
    .array(z.array(z.number().int()))
    .optional()
    .describe('Examples by true class (row) and predicted class (column); of models with up to 100 classes.'),
  calibration: z
    .strictObject({
      adaptiveEce: figureSchema,
      maximumCe: figureSchema,
      overconfidence: figureSchema,
      bins: z.array(reliabilityBinSchema),
    })
    .nullable()
    .optional(),
  selective: z
    .strictObject({
      aurc: figureSchema,
      excessAurc: figureSchema,
      points: z.array(z.strictObject({ coverage: z.number(), risk: z.number() })),
    })
    .nullable()
    .optional(),
};

const worstGroup = {
  /** Name of the group with the lowest accuracy; of equals the one with more examples. */
  worst: z.string(),
  accuracy: figureSchema,
  /** Best less worst accuracy. */
  gap: z.number(),
};

/** Accuracy by group of the examples: a column, an array, or the folders of the test data. */
export const groupsSchema = z.strictObject({
  /** What the spec names: column, array, or `folder`. */
  by: z.string(),
  rows: z.array(
    z.strictObject({
      name: z.string(),
      accuracy: figureSchema,
      /** By threat-model name. */
      robustAccuracy: z.record(z.string(), figureSchema),
    }),
  ),
  clean: z.strictObject(worstGroup),
  /** By threat model; those that have started. */
  robust: z.array(z.strictObject({ threatModel: z.string(), ...worstGroup })),
});
export type GroupsReport = z.infer<typeof groupsSchema>;

/** Accuracy on training data against that on test data. */
export const generalisationSchema = z.strictObject({
  trainPath: z.string(),
  /** Examples in the training data, of which `train.n` were drawn. */
  trainExamples: z.number().int(),
  train: figureSchema,
  test: figureSchema,
  /** Train less test, with the interval of Newcombe 1998. */
  gap: figureSchema,
});
export type GeneralisationReport = z.infer<typeof generalisationSchema>;
