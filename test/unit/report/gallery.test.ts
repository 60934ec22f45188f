import { PNG } from 'pngjs';
import { describe, expect, it } from 'vitest';
import { imagePictures, vectorValues } from '../../../src/engine/report/gallery';

/** Pixels of a data URI as [r, g, b] rows. */
function pixels(uri: string): { width: number; height: number; rgb: number[][] } {
  const png = PNG.sync.read(Buffer.from(uri.replace('data:image/png;base64,', ''), 'base64'));
  const rgb = Array.from({ length: png.width * png.height }, (_, i) => [...png.data.subarray(4 * i, 4 * i + 3)]);
  return { width: png.width, height: png.height, rgb };
}

describe('imagePictures', () => {
  it('shows grey images as they are, and the difference magnified about mid-grey', () => {
    const original = Float32Array.of(0, 0.5, 1, 0.25, 0.75, 0);
    const adversarial = Float32Array.of(0.1, 0.5, 0.9, 0.25, 0.75, 0.05);
    const {
      original: o,
      adversarial: a,
      difference: d,
      magnification,
    } = imagePictures(original, adversarial, [1, 2, 3], [0, 1]);
    expect(pixels(o)).toMatchObject({ width: 3, height: 2 });
    expect(pixels(o).rgb.map(([r]) => r)).toEqual([0, 128, 255, 64, 191, 0]);
    expect(pixels(a).rgb.map(([r]) => r)).toEqual([26, 128, 229, 64, 191, 13]);
    expect(magnification).toBe(4.9);
    const grey = pixels(d).rgb.map(([r = 0]) => r);
    expect(grey[0]).toBe(Math.round((0.5 + 0.1 * 4.9) * 255));
    expect(grey[1]).toBe(128);
    expect(grey[2]).toBe(Math.round((0.5 - 0.1 * 4.9) * 255));
  });

  it('keeps colours apart: [C, H, W] planes become pixels', () => {
    const image = Float32Array.of(1, 0, 0, 1, 0, 0.5);
    const { original } = imagePictures(image, image, [3, 1, 2], [0, 1]);
    expect(pixels(original).rgb).toEqual([
      [255, 0, 0],
      [0, 255, 128],
    ]);
  });

  it('respects the range of the data, and needs none', () => {
    const image = Float32Array.of(-1, 1);
    expect(pixels(imagePictures(image, image, [1, 1, 2], [-1, 1]).original).rgb.map(([r]) => r)).toEqual([0, 255]);
    expect(pixels(imagePictures(image, image, [1, 1, 2], null).original).rgb.map(([r]) => r)).toEqual([0, 255]);
    const flat = Float32Array.of(3, 3);
    expect(pixels(imagePictures(flat, flat, [1, 1, 2], null).difference).rgb.map(([r]) => r)).toEqual([128, 128]);
  });

  it('does not magnify by nothing where nothing changed', () => {
    const image = Float32Array.of(0, 1);
    expect(imagePictures(image, image, [1, 1, 2], [0, 1]).magnification).toBe(1);
  });
});

describe('vectorValues', () => {
  it('gives the features that changed most, first the largest change', () => {
    const values = vectorValues(Float32Array.of(1, 2, 3), Float32Array.of(1, 4, 2), ['a', 'b', 'c']);
    expect(values.names).toEqual(['b', 'c', 'a']);
    expect(values.adversarial).toEqual([4, 2, 1]);
    expect(vectorValues(new Float32Array(100), new Float32Array(100), null).names).toHaveLength(32);
  });
});
