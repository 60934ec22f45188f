import { describe, expect, it } from 'vitest';
import { calibrationError } from '../../../src/engine/metric/calibration';

const ones = (n: number) => new Float64Array(n).fill(1);

describe('calibrationError', () => {
  it('is the gap between confidence and accuracy', () => {
    expect(calibrationError(Float64Array.of(0.9, 0.9), Uint8Array.of(1, 0), ones(2))).toBeCloseTo(0.4, 12);
    expect(calibrationError(Float64Array.of(0.5, 0.5), Uint8Array.of(1, 0), ones(2))).toBeCloseTo(0, 12);
  });

  it('does not let bins make up for each other', () => {
    expect(calibrationError(Float64Array.of(0.95, 0.05), Uint8Array.of(0, 1), ones(2))).toBeCloseTo(0.95, 12);
  });

  it('counts the last bin, and puts an edge into the bin below', () => {
    expect(calibrationError(Float64Array.of(1), Uint8Array.of(0), ones(1))).toBe(1);
    // 0.2 = 3/15 belongs with 0.19, not with 0.21: over- and underconfidence cancel within a bin alone.
    expect(calibrationError(Float64Array.of(0.2, 0.19), Uint8Array.of(1, 0), ones(2))).toBeCloseTo(
      (0.8 - 0.19) / 2,
      12,
    );
  });

  it('weighs examples', () => {
    const confidence = Float64Array.of(0.9, 0.1);
    expect(calibrationError(confidence, Uint8Array.of(1, 1), Float64Array.of(3, 1))).toBeCloseTo(
      (3 * 0.1 + 0.9) / 4,
      12,
    );
  });

  it('is null without examples', () => {
    expect(calibrationError(ones(0), new Uint8Array(0), ones(0))).toBeNull();
  });
});
