import type { DataKind } from '../data/types';
import { conventionalEdits } from './edits';
import type { ResolvedThreatModel } from './schema';

type Norm = ResolvedThreatModel['norm'];

export interface Radius {
  readonly epsilon: number;
  readonly text: string;
  /** Why this radius, in words. */
  readonly reason: string;
}

type Family = 'mnist' | 'cifar' | 'large';

const familyNames: Record<Family, string> = {
  mnist: 'small grey images (MNIST)',
  cifar: '32×32 colour images (CIFAR)',
  large: 'larger images (ImageNet)',
};

/**
 * The radii that the literature evaluates at, for values in [0, 1]. linf: Madry et al. 2018 (MNIST), RobustBench (CIFAR-10,
 * ImageNet). l2: Croce & Hein 2020 (MNIST), RobustBench (CIFAR-10), Croce & Hein 2022 (ImageNet). l1: Tramèr & Boneh
 * 2019 (MNIST), Croce & Hein 2021 (CIFAR-10), 2022 (ImageNet). l0, in changed pixels: Croce & Hein 2019, Croce et al. 2022.
 */
const conventional: Readonly<Record<Exclude<Norm, 'edits'>, Readonly<Record<Family, string>>>> = {
  linf: { mnist: '0.3', cifar: '8/255', large: '4/255' },
  l2: { mnist: '2', cifar: '0.5', large: '2' },
  l1: { mnist: '10', cifar: '12', large: '255' },
  l0: { mnist: '15', cifar: '24', large: '150' },
};

/** For vectors nothing is conventional: what is small depends on each feature's scale. */
const forVectors: Readonly<Record<Exclude<Norm, 'edits'>, string>> = { linf: '0.1', l2: '0.5', l1: '1', l0: '1' };

/**
 * A radius for data that nobody stated one for.
 * @param shape of one example: [C, H, W] for images; null when the data are not known
 * @param range of a value in data space; conventions are for [0, 1] and scale with its width
 */
export function conventionalRadius(
  norm: Norm,
  kind: DataKind | null,
  shape: readonly number[] | null,
  range: readonly [number, number] | null,
): Radius {
  if (norm === 'edits') {
    const reason = 'the larger of the two that the literature on misspellings evaluates at (Pruthi et al. 2019)';
    return { epsilon: Number(conventionalEdits), text: conventionalEdits, reason };
  }
  if (kind !== 'image') {
    const text = forVectors[norm];
    return {
      epsilon: Number(text),
      text,
      reason:
        'an arbitrary choice: vectors have no conventional radius, so state one that fits the scale of the features',
    };
  }
  const family = familyOf(shape);
  const text = conventional[norm][family];
  const width = range === null || norm === 'l0' ? 1 : range[1] - range[0];
  const [numerator = 0, denominator = 1] = text.split('/').map(Number);
  const epsilon = (numerator / denominator) * width;
  const reason = `the conventional radius for ${familyNames[family]}${width === 1 ? '' : `, scaled to values of range ${width}`}`;
  return { epsilon, text: width === 1 ? text : String(Number(epsilon.toPrecision(6))), reason };
}

function familyOf(shape: readonly number[] | null): Family {
  if (shape === null) return 'cifar';
  const [channels = 1, height = 1, width = 1] = shape;
  if (Math.max(height, width) > 48) return 'large';
  return channels === 1 ? 'mnist' : 'cifar';
}
