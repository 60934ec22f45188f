import { describe, expect, it } from 'vitest';
import { isAtChance, upperTail } from '../../../src/engine/evaluate/chance';

describe('upperTail', () => {
  it.each([
    // Sums of the terms, by Python's math.comb; the last test's by exact fractions.
    [8, 10, 0.5, 0.0546875],
    [20, 100, 0.1, 0.0019785608657712376],
    [3, 3, 0.25, 0.015625],
    [1, 50, 0.02, 0.6358303199128824],
  ])('P(X ≥ %i), n = %i, p = %f', (k, n, p, expected) => {
    expect(upperTail(k, n, p)).toBeCloseTo(expected, 10);
  });

  it('neither underflows nor exceeds 1', () => {
    expect(upperTail(0, 10, 0.1)).toBe(1);
    expect(upperTail(10_000, 10_000, 0.001)).toBe(0);
    expect(upperTail(10, 10_000, 0.001)).toBeCloseTo(0.5421328760209815, 8);
  });
});

describe('isAtChance', () => {
  it('calls a guesser one, and a model that knows something not', () => {
    expect(isAtChance(10, 100, 10)).toBe(true);
    expect(isAtChance(14, 100, 10)).toBe(true);
    expect(isAtChance(30, 100, 10)).toBe(false);
    expect(isAtChance(0, 100, 10)).toBe(true);
    expect(isAtChance(50, 100, 2)).toBe(true);
    expect(isAtChance(70, 100, 2)).toBe(false);
  });

  it('says nothing of few examples, or of a single class', () => {
    expect(isAtChance(1, 10, 10)).toBe(false);
    expect(isAtChance(100, 100, 1)).toBe(false);
  });
});
