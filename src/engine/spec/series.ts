import { z } from 'zod';

/** Of data sources that hold time series. */
export const seriesSourceFields = {
  kind: z
    .literal('series')
    .optional()
    .describe(
      'series: signals over time, channels by frames. Inferred where the model is declared like one over them.',
    ),
  sampleRate: z
    .number()
    .positive()
    .optional()
    .describe('series: frames a second (Hz), for what is said in seconds; that of the files for WAV.'),
  frames: z
    .number()
    .int()
    .positive()
    .optional()
    .describe('wav: recordings are cut to so many frames at the end, or filled up with silence.'),
} as const;
