import { z } from 'zod';
import { figureSchema } from './figure';

/** What became of the outcomes of the same examples. */
const changesFields = {
  /** Share of right answers of the baseline, and now. */
  before: figureSchema,
  after: figureSchema,
  /** Share of examples whose prediction (under a threat model: whose outcome) is another. */
  churn: figureSchema,
  /** Right before, wrong now. */
  negativeFlips: figureSchema,
  /** Wrong before, right now. */
  positiveFlips: figureSchema,
  /** After less before, with Newcombe's interval for paired shares. */
  difference: figureSchema,
  /** McNemar's exact test of the two kinds of flips against one another. */
  pValue: z.number(),
  /** The same among all tests of this section (Holm). */
  adjusted: z.number(),
};

export const baselineChangesSchema = z.strictObject(changesFields);
export type BaselineChanges = z.infer<typeof baselineChangesSchema>;

/** The model held against a report on an earlier version, example by example. */
export const baselineReportSchema = z.strictObject({
  /** Of the baseline's report. */
  path: z.string(),
  createdAt: z.string(),
  model: z.strictObject({ path: z.string(), sha256: z.string() }),
  /** The baseline is on this very model file. */
  sameModel: z.boolean(),
  /** Null where outcomes do not come by example, such as of a random model. */
  clean: baselineChangesSchema.nullable(),
  /** Those under which both were evaluated, with the same suite of attacks. */
  threatModels: z.array(z.strictObject({ name: z.string(), ...changesFields })),
  /** What could not be held against the baseline, and why. */
  leftOut: z.array(z.strictObject({ on: z.string(), reason: z.string() })),
  /** The first examples that the baseline got right and this model does not. */
  lost: z.array(z.strictObject({ index: z.number().int(), label: z.string(), prediction: z.string() })),
});
export type BaselineReport = z.infer<typeof baselineReportSchema>;
