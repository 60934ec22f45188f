import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decode, encode } from '../../../src/engine/evaluate/encode';

describe('encode', () => {
  it('brings typed arrays back bit for bit, NaN and infinities included', () => {
    const value = {
      a: Float32Array.of(0.1, Number.NaN, Number.POSITIVE_INFINITY, -0),
      b: { c: Int32Array.of(-1, 2 ** 31 - 1), d: [Uint8Array.of(0, 255), Float64Array.of(Math.PI)] },
      e: 'text',
      f: null,
    };
    expect(decode(encode(value))).toEqual(value);
  });

  it('is the identity on floats of any value', () => {
    fc.assert(
      fc.property(fc.float32Array(), fc.float64Array(), (single, double) => {
        expect(decode(encode({ single, double }))).toEqual({ single, double });
      }),
    );
  });

  it('gives one line, whatever the text holds', () => {
    expect(encode({ text: 'a\nb\r\u2028' })).not.toMatch(/[\n\r]/);
  });

  it('refuses an array whose bytes were cut', () => {
    expect(() => decode('{"$f32":"AAA="}')).toThrow(RangeError);
  });
});
