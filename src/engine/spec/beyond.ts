import { z } from 'zod';

/** Rotations and shifts of images, tried on a grid. */
export const spatialSchema = z.strictObject({
  rotation: z
    .number()
    .min(0)
    .max(180)
    .optional()
    .describe('Largest rotation in degrees, to either side; 30 if absent.'),
  translation: z
    .number()
    .min(0)
    .max(0.5)
    .optional()
    .describe('Largest shift to each side, as a share of width and height; 0.1 if absent.'),
  grid: z
    .tuple([z.number().int().min(1).max(181), z.number().int().min(1).max(51), z.number().int().min(1).max(51)])
    .optional()
    .describe(
      'Rotations, shifts across and shifts down that are tried; [31, 5, 5] if absent. Odd numbers hold the middle.',
    ),
  padding: z.enum(['zeros', 'border']).optional().describe('What comes in from outside; zeros if absent.'),
});

/** One perturbation for all examples. */
export const universalSchema = z.strictObject({
  threatModel: z.string().describe('Threat model whose norm, ε and bounds hold for the perturbation.'),
  epochs: z
    .number()
    .int()
    .min(1)
    .max(100)
    .optional()
    .describe('Passes over the examples that it is made on; 10 if absent.'),
});

/** Models whose adversarial examples are tried on this one. */
export const transferSchema = z
  .union([z.literal('models'), z.array(z.string().min(1)).min(1)])
  .describe(
    'Model files, relative to this spec, whose adversarial examples are tried; or `models` for the others that this spec names. They get the same pre-processing.',
  );

export type SpatialSpec = z.infer<typeof spatialSchema>;
export type UniversalSpec = z.infer<typeof universalSchema>;

export interface ResolvedSpatial {
  readonly rotation: number;
  readonly translation: number;
  readonly grid: readonly [number, number, number];
  readonly padding: 'zeros' | 'border';
}

export interface ResolvedUniversal {
  readonly threatModel: string;
  readonly epochs: number;
}

/** With the grid of Engstrom et al. (2019, §4): 31 rotations up to 30°, five shifts up to a tenth along each axis. */
export function resolveSpatial(spec: SpatialSpec): ResolvedSpatial {
  return {
    rotation: spec.rotation ?? 30,
    translation: spec.translation ?? 0.1,
    grid: spec.grid ?? [31, 5, 5],
    padding: spec.padding ?? 'zeros',
  };
}

export function resolveUniversal(spec: UniversalSpec): ResolvedUniversal {
  return { threatModel: spec.threatModel, epochs: spec.epochs ?? 10 };
}
