import type { Dataset } from '../data/types';
import type { CorruptionName } from '../spec/corruptions';
import { brightness } from './brightness';
import { contrast } from './contrast';
import { defocusBlur } from './defocus-blur';
import { elasticTransform } from './elastic-transform';
import { fog } from './fog';
import { frost } from './frost';
import { gaussianBlur } from './gaussian-blur';
import { gaussianNoise } from './gaussian-noise';
import { glassBlur } from './glass-blur';
import { impulseNoise } from './impulse-noise';
import { jpegCompression } from './jpeg-compression';
import { motionBlur } from './motion-blur';
import { pixelate } from './pixelate';
import { saturate } from './saturate';
import { shotNoise } from './shot-noise';
import { snow } from './snow';
import { spatter } from './spatter';
import { speckleNoise } from './speckle-noise';
import { driftedColumns } from './tabular/drifted-columns';
import { missingValues } from './tabular/missing-values';
import { outliers } from './tabular/outliers';
import { quantisedSensors } from './tabular/quantised-sensors';
import { stuckAt } from './tabular/stuck-at';
import { swappedColumns } from './tabular/swapped-columns';
import { unitErrors } from './tabular/unit-errors';
import type { Corruption } from './types';
import { zoomBlur } from './zoom-blur';

/** In the order of the benchmark: its fifteen, then its four extra ones; then those of tables. */
const corruptions: Readonly<Record<CorruptionName, Corruption>> = {
  gaussian_noise: gaussianNoise,
  shot_noise: shotNoise,
  impulse_noise: impulseNoise,
  defocus_blur: defocusBlur,
  glass_blur: glassBlur,
  motion_blur: motionBlur,
  zoom_blur: zoomBlur,
  snow,
  frost,
  fog,
  brightness,
  contrast,
  elastic_transform: elasticTransform,
  pixelate,
  jpeg_compression: jpegCompression,
  speckle_noise: speckleNoise,
  gaussian_blur: gaussianBlur,
  spatter,
  saturate,
  missing_values: missingValues,
  outliers,
  unit_errors: unitErrors,
  drifted_columns: driftedColumns,
  swapped_columns: swappedColumns,
  quantised_sensors: quantisedSensors,
  stuck_at: stuckAt,
};

export function corruptionByName(name: CorruptionName): Corruption {
  return corruptions[name];
}

/** The corruptions that make sense for data of this kind, in the order of the report. */
export function corruptionsFor(kind: Dataset['kind']): readonly Corruption[] {
  return Object.values(corruptions).filter((corruption) => corruption.kinds.includes(kind));
}
