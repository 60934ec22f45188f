import type { DataKind } from '../data/types';
import { type DeclaredShape, possibleLayouts } from './modelInput';
import type { Preprocess } from './schema';

/** A pre-processing that models are commonly trained with. */
export interface Candidate {
  readonly title: string;
  readonly preprocess: Preprocess;
}

interface Scaling {
  readonly title: string;
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

const forAll = (unit: number): Scaling[] => [
  { title: 'values from 0 to 1', mean: [0], std: [1] },
  { title: `raw values from 0 to ${unit}`, mean: [0], std: [1 / unit] },
  { title: 'values from -1 to 1 (mean 0.5, std 0.5)', mean: [0.5], std: [0.5] },
];

/** Statistics of training sets, as in the papers' and libraries' code, for values in [0, 1]. */
const imageNet: Scaling = {
  title: 'ImageNet mean and std',
  mean: [0.485, 0.456, 0.406],
  std: [0.229, 0.224, 0.225],
};

const cifar10: readonly Scaling[] = [
  { title: 'CIFAR-10 mean and std', mean: [0.4914, 0.4822, 0.4465], std: [0.2471, 0.2435, 0.2616] },
  { title: 'CIFAR-10 mean, std of the images', mean: [0.4914, 0.4822, 0.4465], std: [0.2023, 0.1994, 0.201] },
  { title: 'ImageNet mean, std 0.225 (provably trained networks)', mean: [0.485, 0.456, 0.406], std: [0.225] },
];

const forGrey: readonly Scaling[] = [{ title: 'MNIST mean and std', mean: [0.1307], std: [0.3081] }];

/**
 * The pre-processings worth trying, the likeliest first.
 * @param example shape in data space, [C, H, W] for images
 * @param unit what stored values were divided by; 1 when they were not
 */
export function candidates(
  input: DeclaredShape,
  kind: DataKind,
  example: readonly number[],
  unit: number,
): readonly Candidate[] {
  if (kind === 'series') {
    return possibleLayouts(input, kind, example).map((layout) => ({
      title: `values as stored, ${layout}`,
      preprocess: { mean: [0], std: [1], layout, channels: 'rgb' },
    }));
  }
  if (kind !== 'image') {
    const title = kind === 'text' ? 'the tokenizer beside the model' : 'values as stored';
    return [{ title, preprocess: { mean: [0], std: [1], layout: 'flat', channels: 'rgb' } }];
  }
  const colour = example[0] === 3;
  // Data in [0, 1] may have been scaled when they were saved; the model may still want 0..255.
  const small = example[1] === 32 && example[2] === 32;
  const forColour = small ? [...cifar10, imageNet] : [imageNet, ...cifar10];
  const scalings = [...forAll(unit === 1 ? 255 : unit), ...(colour ? forColour : example[0] === 1 ? forGrey : [])];
  const orders = colour ? (['rgb', 'bgr'] as const) : (['rgb'] as const);
  return orders.flatMap((channels) =>
    possibleLayouts(input, kind, example).flatMap((layout) =>
      scalings.map(({ title, mean, std }) => ({
        title: `${title}, ${layout}${channels === 'bgr' ? ', channels as BGR' : ''}`,
        preprocess: { mean, std, layout, channels },
      })),
    ),
  );
}
