import { z } from 'zod';
import { outputCorruptionsSchema } from './outputCorruptions';
import {
  attackEffort,
  figureSchema,
  galleryItemSchema,
  type Report,
  reportSchema,
  threatModelReportSchema,
} from './schema';
import { outputShiftSchema } from './shifts';

const row = z.array(z.number());

export const outputAttackRowSchema = z.strictObject({
  ...attackEffort,
  /** Mean over all examples of the worst absolute error that this attack and those before it reached. */
  maeAfter: figureSchema,
  /** Examples of which this attack found a larger error than all before it. */
  worsened: z.number().int(),
});

export const outputThreatSchema = threatModelReportSchema
  .omit({
    robustAccuracy: true,
    certifiedAccuracy: true,
    attackSuccessRate: true,
    attacks: true,
    curve: true,
    degradation: true,
  })
  .extend({
    /** What the strongest attack that ran reached: the true worst case is at least this. Null until one has reported. */
    worstCase: z
      .strictObject({
        mae: figureSchema,
        rmse: figureSchema,
        /** Mean over examples of the largest change of an output. */
        meanChange: figureSchema,
        /** The largest change of an output of any example. */
        maxChange: z.number(),
      })
      .nullable(),
    /** Share of examples all of whose outputs stay within the tolerance; null where the spec states none. */
    withinTolerance: figureSchema.nullable(),
    /** Bounds that no perturbation can pass, once they are computed. */
    certifiedInterval: z.null(),
    attacks: z.array(outputAttackRowSchema),
  });

export const outputGallerySchema = galleryItemSchema
  .omit({ trueLabel: true, clean: true, adversarial: true })
  .extend({ target: row, clean: row, adversarial: row });

/** A report on a model that predicts numbers. What it has in common with one on a classifier has the same names. */
export const regressionReportSchema = reportSchema
  .omit({
    task: true,
    clean: true,
    threatModels: true,
    corruptions: true,
    shifts: true,
    outOfDistribution: true,
    summary: true,
    gallery: true,
    checks: true,
    outcomes: true,
  })
  .extend({
    task: z.literal('regression'),
    /** Numbers that the model predicts for an example. */
    outputs: z.number().int(),
    /** Of what is within tolerance: `0.5` in units of the target, or `10 %` of it. */
    tolerance: z.strictObject({ value: z.number(), relative: z.boolean() }).nullable(),
    clean: z
      .strictObject({
        mae: figureSchema,
        rmse: figureSchema,
        /** Null where the targets do not vary. */
        r2: figureSchema.nullable(),
        medianError: figureSchema,
        withinTolerance: figureSchema.nullable(),
      })
      .nullable(),
    threatModels: z.array(outputThreatSchema),
    corruptions: outputCorruptionsSchema.optional(),
    shifts: z.array(outputShiftSchema).optional(),
    gallery: z.array(outputGallerySchema),
    /** One entry an example, in the order of the data; each output has a column. */
    outcomes: z.strictObject({
      target: z.array(row),
      prediction: z.array(row),
      /** By threat-model name: the range of outputs that attacks reached, and the attack that reached the worst error. */
      reached: z.record(
        z.string(),
        z.strictObject({
          lowest: z.array(row),
          highest: z.array(row),
          worstError: row,
          worstBy: z.array(z.string().nullable()),
        }),
      ),
    }),
  });

export type RegressionReport = z.infer<typeof regressionReportSchema>;
export type OutputThreatReport = z.infer<typeof outputThreatSchema>;
export type OutputGalleryItem = z.infer<typeof outputGallerySchema>;
export type AnyReport = Report | RegressionReport;

/** Told apart by the task. */
export function isRegression(report: AnyReport): report is RegressionReport {
  return report.task === 'regression';
}
