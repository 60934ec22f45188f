import { RobustnessError } from '../error';
import type { DataSource } from '../spec/schema';
import type { DataKind } from './types';

/** How one stored example becomes one in memory. */
export interface ExampleLayout {
  readonly kind: DataKind;
  /** [C, H, W] for images. */
  readonly shape: readonly number[];
  /** True when the file has the channels last. */
  readonly channelsLast: boolean;
  readonly inferred: readonly string[];
}

const channelCounts = new Set([1, 3, 4]);

/** Pictures that are commonly stored as rows of numbers: MNIST and CIFAR. */
const flatImages = new Map([
  [784, [1, 28, 28]],
  [3072, [3, 32, 32]],
]);

/**
 * Reads the layout of one example off its stored dimensions, unless it is stated.
 * @param maybePixels whether the values could be grey levels, so that 784 numbers may be meant as 28×28
 * @throws RobustnessError `data/layout` when the stated layout cannot hold
 */
export function exampleLayout(
  dimensions: readonly number[],
  stated: DataSource['layout'],
  maybePixels: boolean,
): ExampleLayout {
  const elements = dimensions.reduce((product, dimension) => product * dimension, 1);
  const [first = 1, second = 1, third = 1] = dimensions;
  const image = (shape: readonly number[], channelsLast: boolean, inferred: readonly string[] = []): ExampleLayout => ({
    kind: 'image',
    shape,
    channelsLast,
    inferred,
  });
  if (stated === 'flat') return { kind: 'vector', shape: [elements], channelsLast: false, inferred: [] };
  if (stated !== undefined) {
    // Rows of numbers that are stated to be pictures: square ones.
    const side = Math.sqrt(elements / (stated === 'hw' ? 1 : 3));
    if (dimensions.length === 1 && Number.isInteger(side)) {
      return image([stated === 'hw' ? 1 : 3, side, side], stated === 'hwc');
    }
    if (stated === 'hw' && dimensions.length === 2) return image([1, first, second], false);
    if (stated === 'chw' && dimensions.length === 3) return image([first, second, third], false);
    if (stated === 'hwc' && dimensions.length === 3) return image([third, first, second], true);
    throw new RobustnessError(
      'data/layout',
      `The spec says layout ${stated}, but one example has the shape [${dimensions.join(', ')}].`,
      'Correct `layout` in the data source, or leave it out to have it inferred.',
    );
  }
  const wide = dimensions.filter((dimension) => dimension !== 1);
  if (wide.length <= 1) {
    const pixels = maybePixels ? flatImages.get(elements) : undefined;
    if (pixels === undefined) return { kind: 'vector', shape: [elements], channelsLast: false, inferred: [] };
    return image(pixels, false, [
      `rows of ${elements} grey levels were read as images of shape [${pixels.join(', ')}]`,
    ]);
  }
  if (dimensions.length === 2) return image([1, first, second], false);
  if (dimensions.length === 3) {
    const last = channelCounts.has(third) && !channelCounts.has(first);
    const known = last || channelCounts.has(first);
    if (known) {
      const shape = last ? [third, first, second] : [first, second, third];
      const words = last ? 'channels last (hwc)' : 'channels first (chw)';
      return image(shape, last, [`shape [${dimensions.join(', ')}] was read as an image with the ${words}`]);
    }
  }
  return { kind: 'vector', shape: dimensions, channelsLast: false, inferred: [] };
}

/** [H, W, C] to [C, H, W]; `shape` is the latter. */
export function channelsFirst(
  from: Uint8Array | Float32Array,
  to: Uint8Array | Float32Array,
  shape: readonly number[],
): void {
  const [channels = 1, height = 1, width = 1] = shape;
  const area = height * width;
  for (let i = 0, source = 0; i < area; i++) {
    for (let c = 0; c < channels; c++) to[c * area + i] = from[source++]!;
  }
}
