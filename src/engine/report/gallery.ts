import { PNG } from 'pngjs';
import type { GalleryItem } from './schema';

/** At most so many examples are shown, over all threat models: they make up most of a report's size. */
export const galleryLimit = 12;
/** Of a vector with many features only those that changed most are shown. */
const featureLimit = 32;

type Image = NonNullable<GalleryItem['image']>;
type Values = NonNullable<GalleryItem['values']>;

/**
 * Pictures of an example, its adversarial and their difference.
 * @param shape [C, H, W]
 * @param range bounds of a value; the original's own extremes if null
 */
export function imagePictures(
  original: Float32Array,
  adversarial: Float32Array,
  shape: readonly number[],
  range: readonly [number, number] | null,
): Image {
  const [low, high] = range ?? extremes(original);
  const scale = high > low ? high - low : 1;
  const unit = (value: number) => (value - low) / scale;
  const difference = original.map((value, i) => ((adversarial[i] as number) - value) / scale);
  const largest = difference.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
  const exact = largest > 0 ? 0.5 / largest : 1;
  // A round factor reads better; below 10 the loss of contrast would show.
  const magnification = exact >= 10 ? Math.floor(exact) : Math.floor(exact * 10) / 10;
  return {
    original: picture(original.map(unit), shape),
    adversarial: picture(adversarial.map(unit), shape),
    difference: picture(
      difference.map((value) => 0.5 + magnification * value),
      shape,
    ),
    magnification,
  };
}

/** The features of a vector that changed most, largest change first. */
export function vectorValues(
  original: Float32Array,
  adversarial: Float32Array,
  features: readonly string[] | null,
): Values {
  const change = (i: number) => Math.abs((adversarial[i] as number) - (original[i] as number));
  const order = [...original.keys()].sort((a, b) => change(b) - change(a) || a - b).slice(0, featureLimit);
  return {
    names: order.map((i) => features?.[i] ?? `x${i}`),
    original: order.map((i) => original[i] as number),
    adversarial: order.map((i) => adversarial[i] as number),
  };
}

/** PNG data URI of values in [0, 1]; [C, H, W] with C = 3 as colour, else the first channel as grey. */
function picture(values: Float32Array, shape: readonly number[]): string {
  const [channels = 1, height = 1, width = 1] = shape;
  const plane = height * width;
  const png = new PNG({ width, height, colorType: channels >= 3 ? 2 : 0 });
  for (let i = 0; i < plane; i++) {
    for (let channel = 0; channel < 3; channel++) {
      const value = values[(channels >= 3 ? channel * plane : 0) + i] as number;
      png.data[i * 4 + channel] = Math.round(Math.min(Math.max(value, 0), 1) * 255);
    }
    png.data[i * 4 + 3] = 255;
  }
  const bytes = PNG.sync.write(png, { colorType: channels >= 3 ? 2 : 0, inputHasAlpha: true });
  return `data:image/png;base64,${bytes.toString('base64')}`;
}

function extremes(values: Float32Array): [number, number] {
  return values.reduce<[number, number]>(
    ([low, high], value) => [Math.min(low, value), Math.max(high, value)],
    [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  );
}
