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

/** Disturbances of time series and audio. */
export const seriesCorruptionNames = [
  'white_noise',
  'pink_noise',
  'gain',
  'clipping',
  'quantisation',
  'resampling',
  'time_shift',
  'time_warp',
  'magnitude_warp',
  'sensor_drift',
  'spikes',
  'dropped_frames',
  'missing_spans',
  'dead_channel',
] as const;

/** Misspellings and other noise in texts. */
export const textCorruptionNames = [
  'keyboard_typos',
  'swapped_letters',
  'missing_letters',
  'repeated_letters',
  'letter_case',
  'punctuation',
  'word_spacing',
  'lookalike_letters',
  'missing_accents',
] as const;

const allNames = [
  ...corruptionNames,
  ...tabularCorruptionNames,
  ...seriesCorruptionNames,
  ...textCorruptionNames,
] as const;

export type CorruptionName = (typeof allNames)[number];

/** Those that a mean corruption error is the mean of, those that it is not, both, those of tables, and those of time series. */
export const corruptionSets = {
  common: meanCorruptions,
  extra: corruptionNames.slice(meanCorruptions.length),
  all: corruptionNames,
  tabular: tabularCorruptionNames,
  series: seriesCorruptionNames,
  text: textCorruptionNames,
} as const satisfies Record<string, readonly CorruptionName[]>;

/** Which corruptions are measured, how strong, and against what. */
export const corruptionsSchema = z.union([
  z.literal(false),
  z.strictObject({
    set: z
      .enum(['common', 'extra', 'all', 'tabular', 'series', 'text'])
      .optional()
      .describe(
        'common: the fifteen of ImageNet-C; extra: its four others; all: both; tabular: faults of tables; series: disturbances of time series and audio; text: misspellings and other noise. If absent common for images, tabular for tables, series for series, text for texts.',
      ),
    only: z.array(z.enum(allNames)).optional().describe('These, whatever the set.'),
    severities: z.array(z.number().int().min(1).max(5)).optional(),
    missing: z
      .enum(['nan', 'mean', 'median'])
      .optional()
      .describe(
        "What stands in the place of missing values: nan, for models that take NaN as missing; the column's or channel's mean or median. If absent the mean for tables; series hold the last value.",
      ),
    reference: z
      .string()
      .min(1)
      .optional()
      .describe(
        'What the mean corruption error is relative to: alexnet (its published errors on ImageNet-C), or a report on another model, relative to this spec.',
      ),
  }),
]);
