import { expect, it } from 'vitest';
import { Random } from '../../../src/engine/random';

it('an array is filled with what single draws give, and the stream goes on after it', () => {
  for (let seed = 0; seed < 20; seed++) {
    const [filled, drawn] = [Random.of(seed, 'fill'), Random.of(seed, 'fill')];
    for (const size of [301, 1, 0, 64]) {
      const values = new Float64Array(size);
      filled.fillBetween(-1, 2, values);
      expect(Array.from(values)).toEqual(Array.from(values, () => drawn.between(-1, 2)));
      expect(filled.uniform()).toBe(drawn.uniform());
    }
  }
});

it('an array is filled with what single normal draws give, and the second of a pair is not lost', () => {
  for (let seed = 0; seed < 20; seed++) {
    const [filled, drawn] = [Random.of(seed, 'fill'), Random.of(seed, 'fill')];
    for (const size of [301, 1, 0, 2, 64, 1]) {
      const values = new Float64Array(size);
      filled.fillNormal(values);
      expect(Array.from(values)).toEqual(Array.from(values, () => drawn.normal()));
    }
    expect(filled.normal()).toBe(drawn.normal());
    expect(filled.uniform()).toBe(drawn.uniform());
  }
});
