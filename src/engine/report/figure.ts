import { z } from 'zod';

/** A measured share or score with its 95 % interval. */
export const figureSchema = z.strictObject({
  value: z.number(),
  low: z.number(),
  high: z.number(),
  /** Size of the sample, the denominator of a share. */
  n: z.number().int().nonnegative(),
});
export type Figure = z.infer<typeof figureSchema>;
