import type { DataKind } from '../data/types';
import type { PerturbationName } from '../spec/stability';
import { motionBlur, zoomBlur } from './image/blur';
import { rotate, scale, tilt, translate } from './image/move';
import { gaussianNoise, shotNoise } from './image/noise';
import { brightness, snow } from './image/weather';
import { signalDrift, signalGain, signalNoise, signalShift } from './series/signal';
import { columnDrift, columnGain, columnNoise, columnShift } from './table/columns';
import type { Perturbation } from './types';

/** In the order of the benchmark; then those of tables and of signals. */
const perturbations: Readonly<Record<PerturbationName, Perturbation>> = {
  gaussian_noise: gaussianNoise,
  shot_noise: shotNoise,
  motion_blur: motionBlur,
  zoom_blur: zoomBlur,
  snow,
  brightness,
  translate,
  rotate,
  tilt,
  scale,
  column_noise: columnNoise,
  column_gain: columnGain,
  column_shift: columnShift,
  column_drift: columnDrift,
  signal_noise: signalNoise,
  signal_gain: signalGain,
  signal_shift: signalShift,
  signal_drift: signalDrift,
};

export function perturbationByName(name: PerturbationName): Perturbation {
  return perturbations[name];
}

/** The sequences that make sense for data of this kind, in the order of the report. */
export function perturbationsFor(kind: DataKind): readonly Perturbation[] {
  return Object.values(perturbations).filter((perturbation) => perturbation.kinds.includes(kind));
}
