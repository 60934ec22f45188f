import type { Dataset } from '../data/types';
import type { CorruptionName } from '../spec/schema';
import { brightness } from './brightness';
import { contrast } from './contrast';
import { gaussianBlur } from './gaussian-blur';
import { gaussianNoise } from './gaussian-noise';
import type { Corruption } from './types';

const corruptions: Readonly<Record<CorruptionName, Corruption>> = {
  gaussian_noise: gaussianNoise,
  gaussian_blur: gaussianBlur,
  brightness,
  contrast,
};

export function corruptionByName(name: CorruptionName): Corruption {
  return corruptions[name];
}

/** The corruptions that make sense for data of this kind, in the order of the report. */
export function corruptionsFor(kind: Dataset['kind']): readonly Corruption[] {
  return Object.values(corruptions).filter((corruption) => corruption.kinds.includes(kind));
}
