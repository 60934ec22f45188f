import { z } from 'zod';
import { meanCorruptions } from '../metric/corruptionError';

/** Of ImageNet-C: the fifteen of its mean corruption error, then the four extra ones. */
export const corruptionNames = [...meanCorruptions, 'speckle_noise', 'gaussian_blur', 'spatter', 'saturate'] as const;

/** Faults of tables. */
export const tabularCorruptionNames = [
  'missing_values',
  'outliers',
  'unit_errors',
  'drifted_columns',
  'swapped_columns',
  'quantised_sensors',
  'stuck_at',
] as const;

export type CorruptionName = (typeof corruptionNames)[number] | (typeof tabularCorruptionNames)[number];

/** Those that a mean corruption error is the mean of, those that it is not, both, and those of tables. */
export const corruptionSets = {
  common: meanCorruptions,
  extra: corruptionNames.slice(meanCorruptions.length),
  all: corruptionNames,
  tabular: tabularCorruptionNames,
} as const satisfies Record<string, readonly CorruptionName[]>;

/** Which corruptions are measured, how strong, and against what. */
export const corruptionsSchema = z.union([
  z.literal(false),
  z.strictObject({
    set: z
      .enum(['common', 'extra', 'all', 'tabular'])
      .optional()
      .describe(
        'common: the fifteen of ImageNet-C; extra: its four others; all: both; tabular: faults of tables. For images common if absent, for tables tabular.',
      ),
    only: z
      .array(z.enum([...corruptionNames, ...tabularCorruptionNames]))
      .optional()
      .describe('These, whatever the set.'),
    severities: z.array(z.number().int().min(1).max(5)).optional(),
    reference: z
      .string()
      .min(1)
      .optional()
      .describe(
        'What the mean corruption error is relative to: alexnet (its published errors on ImageNet-C), or a report on another model, relative to this spec.',
      ),
  }),
]);
