/** Errors of a classifier (shares, 0..1) by corruption, in the order of severities 1 to 5. */
export type CorruptionErrors = Readonly<Record<string, readonly number[]>>;

export interface CorruptionErrorFigures {
  /** By corruption: Σ errors / Σ errors of the reference. 1 is as bad as the reference; null where the reference makes none. */
  readonly byCorruption: Readonly<Record<string, number | null>>;
  /** Mean of those (Hendrycks & Dietterich 2019, §4.1); null where none could be computed. */
  readonly mean: number | null;
  /** Likewise of the errors beyond the clean ones; null where the clean errors were not given. */
  readonly relativeMean: number | null;
}

/** The fifteen corruptions of ImageNet-C's mean corruption error, in its order. */
export const meanCorruptions = [
  'gaussian_noise',
  'shot_noise',
  'impulse_noise',
  'defocus_blur',
  'glass_blur',
  'motion_blur',
  'zoom_blur',
  'snow',
  'frost',
  'fog',
  'brightness',
  'contrast',
  'elastic_transform',
  'pixelate',
  'jpeg_compression',
] as const;

/** AlexNet's mean error over the five severities on ImageNet-C, the customary reference (Hendrycks & Dietterich 2019; AugMix, imagenet.py). */
export const alexNetErrors: Readonly<Record<(typeof meanCorruptions)[number], number>> = {
  gaussian_noise: 0.886428,
  shot_noise: 0.894468,
  impulse_noise: 0.92264,
  defocus_blur: 0.81988,
  glass_blur: 0.826268,
  motion_blur: 0.785948,
  zoom_blur: 0.79836,
  snow: 0.866816,
  frost: 0.826572,
  fog: 0.819324,
  brightness: 0.564592,
  contrast: 0.853204,
  elastic_transform: 0.646056,
  pixelate: 0.71784,
  jpeg_compression: 0.6065,
};

/** AlexNet's clean error on ImageNet, for the relative figure (Hendrycks & Dietterich 2019, table 1). */
export const ALEXNET_CLEAN_ERROR = 0.4348;

/**
 * Corruption errors against a reference model's on the same corruptions and severities: CE = Σₛ E / Σₛ E_ref; relative: Σₛ (E − E_clean) /
 * Σₛ (E_ref − E_ref,clean). A corruption that the reference lacks is left out.
 * @param reference one error a severity, or their mean alone
 */
export function corruptionErrors(
  errors: CorruptionErrors,
  reference: Readonly<Record<string, readonly number[] | number>>,
  clean?: { readonly own: number; readonly reference: number },
): CorruptionErrorFigures {
  const byCorruption: Record<string, number | null> = {};
  const absolute: number[] = [];
  const relative: number[] = [];
  for (const [name, own] of Object.entries(errors)) {
    const given = reference[name];
    if (given === undefined || own.length === 0) continue;
    const theirs = average(typeof given === 'number' ? [given] : given);
    const ours = average(own);
    byCorruption[name] = theirs > 0 ? ours / theirs : null;
    if (theirs > 0) absolute.push(ours / theirs);
    if (clean && theirs > clean.reference) relative.push((ours - clean.own) / (theirs - clean.reference));
  }
  return {
    byCorruption,
    mean: absolute.length > 0 ? average(absolute) : null,
    relativeMean: relative.length > 0 ? average(relative) : null,
  };
}

function average(values: readonly number[]): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}
