import type { DataKind } from '../data/types';
import type { ModelLayout } from './schema';

/** Dimensions as the model declares them, the batch first; names and -1 are unknown sizes. */
export type DeclaredShape = readonly (number | string)[];

export interface ImageInput {
  readonly layout: 'nchw' | 'nhwc';
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

/** The image that a model takes, if its input is one of known size. */
export function imageInput(shape: DeclaredShape): ImageInput | null {
  const [, first, second, third] = shape.map(known);
  if (shape.length !== 4 || first == null || second == null || third == null) return null;
  const isChannels = (size: number) => size === 1 || size === 3 || size === 4;
  if (isChannels(first) && second > 1) return { layout: 'nchw', channels: first, height: second, width: third };
  if (isChannels(third) && second > 1) return { layout: 'nhwc', channels: third, height: first, width: second };
  return null;
}

/**
 * The layouts in which an example can be given to the model, the likeliest first.
 * @param example shape in data space, [C, H, W] for images
 */
export function possibleLayouts(shape: DeclaredShape, kind: DataKind, example: readonly number[]): ModelLayout[] {
  if (kind === 'series') return seriesLayouts(shape, example);
  if (kind !== 'image') return ['flat'];
  const [channels = 1, height = 1, width = 1] = example;
  const declared = shape.slice(1).map(known);
  if (declared.length === 3) {
    const fits = (order: readonly number[]) => order.every((size, i) => declared[i] === null || declared[i] === size);
    const layouts: ModelLayout[] = [];
    if (fits([channels, height, width])) layouts.push('nchw');
    if (fits([height, width, channels])) layouts.push('nhwc');
    if (layouts.length > 0) return layouts;
  }
  // A flat input: the order of its elements is not declared, and matters when there are several channels.
  return channels === 1 ? ['flat'] : ['flat', 'nhwc'];
}

/** Channels and frames in either order; as they are where the model has but one axis for them, or sizes do not tell. */
function seriesLayouts(shape: DeclaredShape, [channels = 1, frames = 1]: readonly number[]): ModelLayout[] {
  const [first, second, ...more] = shape.slice(1).map(known);
  const fits = (a: number, b: number) => (first ?? a) === a && (second ?? b) === b;
  if (channels === 1 || second === undefined || more.length > 0) return ['nct'];
  const layouts: ModelLayout[] = [];
  if (fits(channels, frames)) layouts.push('nct');
  if (fits(frames, channels)) layouts.push('ntc');
  return layouts.length > 0 ? layouts : ['nct'];
}

/** The shape that a model declares, with the sizes of time series where it leaves them open and its layers tell their order. */
export function withSeriesSizes(
  shape: DeclaredShape,
  layout: 'nct' | 'ntc' | 'flat' | undefined,
  [channels = 1, frames = 1]: readonly number[],
): DeclaredShape {
  if (shape.length !== 3 || (layout !== 'nct' && layout !== 'ntc')) return shape;
  const sizes = layout === 'nct' ? [channels, frames] : [frames, channels];
  return shape.map((size, axis) => (axis === 0 || known(size) !== null ? size : sizes[axis - 1]!));
}

function known(size: number | string): number | null {
  return typeof size === 'number' && size > 0 ? size : null;
}
