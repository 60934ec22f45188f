import { z } from 'zod';
import { figureSchema } from './figure';

const interval = z.tuple([z.number(), z.number()]);

/** Which file a shifted data set is. */
export const shiftDataSchema = z.strictObject({
  path: z.string(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  /** Examples evaluated. */
  count: z.number().int(),
  available: z.number().int(),
});

const mmdSchema = z.strictObject({
  /** Squared, the unbiased estimate: about 0 without drift, and it may be below. */
  value: z.number(),
  /** Of a permutation test: how often a random split of both samples is as far apart. */
  pValue: z.number(),
});

/** How far a data set is from the test data. */
export const driftSchema = z.strictObject({
  /** Examples of the test data and of the other that columns are compared on. */
  reference: z.number().int(),
  examples: z.number().int(),
  /** Values of an example, and how many of them were compared. */
  columns: z.number().int(),
  compared: z.number().int(),
  /** Columns that differ at a level of 5 %, by p-values corrected for the number compared. */
  changed: z.number().int(),
  /** Those with the largest Kolmogorov-Smirnov statistic. */
  largest: z.array(
    z.strictObject({
      column: z.number().int(),
      name: z.string(),
      ks: z.number(),
      /** Corrected by Holm's procedure for all columns compared. */
      pValue: z.number(),
      /** Null for a column most of whose values are its smallest: it cannot be cut into bins of equal counts. */
      psi: z.number().nullable(),
    }),
  ),
  /** Maximum mean discrepancy, on at most so many examples a side. */
  mmd: z.strictObject({
    reference: z.number().int(),
    examples: z.number().int(),
    data: mmdSchema.nullable(),
    /** Of what the model gives: logits, or predicted numbers. */
    outputs: mmdSchema.nullable(),
    /** Of what goes into the model's last linear layer, where it has one. */
    embedding: mmdSchema.nullable(),
  }),
});

/** Accuracy that the ordinary accuracy does not explain, against the line that other models follow. */
export const effectiveRobustnessSchema = z.strictObject({
  /** Accuracy on the shift less the expected one. */
  value: z.number(),
  /** What the baselines' line gives for a model of this clean accuracy. */
  expected: z.number(),
  intercept: z.number(),
  slope: z.number(),
  baselines: z.array(
    z.strictObject({ report: z.string(), model: z.string(), standard: z.number(), shifted: z.number() }),
  ),
});

export const shiftReportSchema = z.strictObject({
  name: z.string(),
  accuracy: figureSchema,
  /** Clean accuracy less this one. */
  drop: z.number(),
  /** 95 %, of two independent samples. */
  dropInterval: interval.optional(),
  balancedAccuracy: figureSchema.optional(),
  ece: figureSchema.optional(),
  data: shiftDataSchema.optional(),
  effectiveRobustness: effectiveRobustnessSchema.optional(),
  drift: driftSchema.optional(),
  /** What could not be measured, and why. */
  notes: z.array(z.string()).optional(),
});

/** How well examples of no class can be told from the test data by what the model says of them. */
export const outOfDistributionSchema = z.strictObject({
  name: z.string(),
  data: shiftDataSchema,
  /** Which side counts as found: the literature has both. */
  positive: z.literal('out-of-distribution'),
  detection: z.array(
    z.strictObject({
      score: z.enum(['confidence', 'energy', 'margin', 'entropy']),
      auroc: figureSchema,
      aupr: figureSchema,
      fpr95: figureSchema,
    }),
  ),
  /** Examples of the test data. */
  ordinary: z.number().int(),
  drift: driftSchema.optional(),
});

/** Of a model that predicts numbers. */
export const outputShiftSchema = z.strictObject({
  name: z.string(),
  mae: figureSchema,
  rmse: figureSchema,
  medianError: figureSchema,
  r2: figureSchema.nullable(),
  /** Mean absolute error less the clean one: above 0, the shift costs. */
  rise: z.number(),
  riseInterval: interval,
  data: shiftDataSchema,
  drift: driftSchema.optional(),
});

export type ShiftReport = z.infer<typeof shiftReportSchema>;
export type OutOfDistributionReport = z.infer<typeof outOfDistributionSchema>;
export type OutputShiftReport = z.infer<typeof outputShiftSchema>;
export type DriftReport = z.infer<typeof driftSchema>;
export type EffectiveRobustness = z.infer<typeof effectiveRobustnessSchema>;
