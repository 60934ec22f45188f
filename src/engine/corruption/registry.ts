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
import { clipping } from './series/clipping';
import { deadChannel } from './series/dead-channel';
import { droppedFrames } from './series/dropped-frames';
import { gain } from './series/gain';
import { magnitudeWarp } from './series/magnitude-warp';
import { missingSpans } from './series/missing-spans';
import { pinkNoise } from './series/pink-noise';
import { quantisation } from './series/quantisation';
import { resampling } from './series/resampling';
import { sensorDrift } from './series/sensor-drift';
import { spikes } from './series/spikes';
import { timeShift } from './series/time-shift';
import { timeWarp } from './series/time-warp';
import { whiteNoise } from './series/white-noise';
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
import { keyboardTypos } from './text/keyboard-typos';
import { letterCase } from './text/letter-case';
import { lookalikeLetters } from './text/lookalike-letters';
import { missingAccents } from './text/missing-accents';
import { missingLetters } from './text/missing-letters';
import { punctuation } from './text/punctuation';
import { repeatedLetters } from './text/repeated-letters';
import { swappedLetters } from './text/swapped-letters';
import { wordSpacing } from './text/word-spacing';
import type { Corruption, Fill } from './types';
import { zoomBlur } from './zoom-blur';

/** In the order of the benchmark: its fifteen, then its four extra ones; then those of tables and of time series. */
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
  white_noise: whiteNoise,
  pink_noise: pinkNoise,
  gain,
  clipping,
  quantisation,
  resampling,
  time_shift: timeShift,
  time_warp: timeWarp,
  magnitude_warp: magnitudeWarp,
  sensor_drift: sensorDrift,
  spikes,
  dropped_frames: droppedFrames,
  missing_spans: missingSpans,
  dead_channel: deadChannel,
  keyboard_typos: keyboardTypos,
  swapped_letters: swappedLetters,
  missing_letters: missingLetters,
  repeated_letters: repeatedLetters,
  letter_case: letterCase,
  punctuation,
  word_spacing: wordSpacing,
  lookalike_letters: lookalikeLetters,
  missing_accents: missingAccents,
};

/** @param missing what stands in the place of values that are missing; what is usual for the corruption if absent */
export function corruptionByName(name: CorruptionName, missing?: Fill): Corruption {
  const corruption = corruptions[name];
  return missing === undefined ? corruption : (corruption.filled?.(missing) ?? corruption);
}

/** The corruptions that make sense for data of this kind, in the order of the report. */
export function corruptionsFor(kind: Dataset['kind']): readonly Corruption[] {
  return Object.values(corruptions).filter((corruption) => corruption.kinds.includes(kind));
}
