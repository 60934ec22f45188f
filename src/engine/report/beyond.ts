import { z } from 'zod';
import { figureSchema } from './figure';

/** Accuracy under rotations and shifts of images. */
export const spatialReportSchema = z.strictObject({
  rotation: z.number(),
  translation: z.number(),
  padding: z.enum(['zeros', 'border']),
  /** Points of the grid, the untouched image among them. */
  points: z.number().int(),
  /** Share of examples that are right at every point of the grid; errors were confirmed on the model file. */
  worstCase: figureSchema,
  /** Mean accuracy over the points of the grid. */
  meanAccuracy: z.number(),
  byRotation: z.array(z.strictObject({ rotation: z.number(), accuracy: figureSchema })).describe('Without a shift.'),
  byTranslation: z
    .array(z.strictObject({ dx: z.number(), dy: z.number(), accuracy: figureSchema }))
    .describe('Pixels to the right and down, without a rotation.'),
});
export type SpatialReport = z.infer<typeof spatialReportSchema>;

/** One perturbation for all examples: made on some, measured on the others. */
export const universalReportSchema = z.strictObject({
  threatModel: z.string(),
  epochs: z.number().int(),
  /** Examples that it was made on; it is measured on the rest. */
  madeOn: z.number().int(),
  /** Share of examples whose predicted class it changes (Moosavi-Dezfooli et al. 2017, eq. 1). */
  foolingRate: figureSchema,
  /** Share of examples that are right and that it leaves right; what it breaks was confirmed on the model file. */
  accuracy: figureSchema,
  /** Share of the same examples that are right without it. */
  cleanAccuracy: figureSchema,
});
export type UniversalReport = z.infer<typeof universalReportSchema>;
