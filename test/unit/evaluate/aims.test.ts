import { describe, expect, it } from 'vitest';
import { aimsOf, directionsOf } from '../../../src/engine/evaluate/regression/aims';

describe('directions in which outputs are driven', () => {
  it('of one output are up and down', () => {
    expect(aimsOf(Float32Array.of(3), Float32Array.of(5))).toEqual([[1], [-1]]);
  });

  it('of several are together away from the targets, together the other way, and each by itself both ways', () => {
    expect(aimsOf(Float32Array.of(1, -2), Float32Array.of(0, 4))).toEqual([
      [0.5, -0.5],
      [-0.5, 0.5],
      [1, 0],
      [0, 1],
      [-1, 0],
      [0, -1],
    ]);
  });

  it('of many are all together alone, and as many as is said beforehand', () => {
    for (const outputs of [1, 2, 16, 17, 300]) {
      const values = new Float32Array(outputs);
      expect(aimsOf(values, values)).toHaveLength(directionsOf(outputs));
    }
    expect(directionsOf(16)).toBe(34);
    expect(directionsOf(17)).toBe(2);
  });
});
