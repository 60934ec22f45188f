import { imageShape } from '../../corruption/image';
import { fromUnit, toUnit } from '../../corruption/range';
import { between } from '../../corruption/severity';
import type { Frames, Scene } from '../types';

export interface Picture {
  /** [channels, height, width] within [0, 1]. */
  readonly unit: Float64Array;
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

/**
 * Frames of an image made where the published constants hold, in [0, 1].
 * @param make of a picture, what it is in each frame; null is the picture itself, bit for bit
 */
export function imageFrames(
  { x, shape, bounds }: Scene,
  make: (picture: Picture) => (index: number) => Float64Array | null,
): Frames {
  const [channels, height, width] = imageShape(shape);
  const frame = make({ unit: toUnit(x, shape, bounds), channels, height, width });
  return (index, out) => {
    const unit = frame(index);
    if (unit === null) out.set(x);
    else fromUnit(unit, bounds, out);
  };
}

/** As {@link between}, for what is a number of pixels or of frames. */
export function wholeBetween(small: number, large: number, shape: readonly number[]): number {
  return Math.round(between(small, large, shape));
}
