import { describe, expect, it } from 'vitest';
import { lengthBetween } from '../../../src/engine/attack/closest';
import { normBall } from '../../../src/engine/attack/geometry';
import { movesOf, type Search } from '../../../src/engine/attack/squareMoves';
import { latticeOf } from '../../../src/engine/attack/squareRegion';
import { Random } from '../../../src/engine/random';

/** A search in an image of 8 by 8, in data without bounds: nothing is cut. */
function begun(norm: 'l2' | 'l1', channels: number) {
  const shape = [channels, 8, 8];
  const size = channels * 64;
  const threat = { norm, epsilon: 2, bounds: null } as const;
  const moves = movesOf(latticeOf(shape, size, norm), normBall(threat, size), threat);
  const centre = new Float32Array(size).fill(0.5);
  const search: Search = {
    row: 0,
    centre,
    best: centre.slice(),
    spent: 0,
    margin: 0,
    random: Random.of(1),
    least: new Float32Array(0),
    most: new Float32Array(0),
  };
  moves.begin(search);
  return {
    search,
    moves,
    out: new Float32Array(size),
    length: (point: Float32Array) => lengthBetween(norm, centre, point),
  };
}
const changed = (a: Float32Array, b: Float32Array) => a.filter((v, i) => v !== b[i]).length;

describe.each([
  ['l2', 1],
  ['l2', 3],
  ['l1', 1],
  ['l1', 3],
] as const)('proposals in %s with %i channels', (norm, channels) => {
  it('lie on the sphere, from the first on', () => {
    const { search, moves, out, length } = begun(norm, channels);
    moves.start(search, out);
    expect(length(out)).toBeCloseTo(2, 4);
    // Bumps go up and down, whatever the example is.
    expect(out.filter((v) => v > 0.5).length).toBeGreaterThan(10);
    expect(out.filter((v) => v < 0.5).length).toBeGreaterThan(10);
    const other = new Float32Array(out.length);
    moves.start(search, other);
    expect(other).not.toEqual(out);
    for (let k = 0; k < 20; k++) {
      search.best.set(out);
      moves.accepted(search);
      expect(search.spent).toBeCloseTo(norm === 'l2' ? 4 : 2, 3);
      moves.propose(search, 0.2, out);
      expect(length(out)).toBeCloseTo(2, 4);
    }
  });

  it('put what is not spent yet into one window, as a pattern', () => {
    const { search, moves, out, length } = begun(norm, channels);
    moves.propose(search, 0.2, out);
    expect(length(out)).toBeCloseTo(2, 4);
    // A square of odd side, 5 by 5, in every channel, of more than two values.
    expect(changed(out, search.centre)).toBeLessThanOrEqual(25 * channels);
    expect(new Set(out).size).toBeGreaterThan(3);
  });
});

describe('proposals in l1', () => {
  it('of several channels take more than the windows hold, so that little change elsewhere goes', () => {
    const { search, moves, out } = begun('l1', 3);
    search.best.fill(0.5 + 2 / 192);
    moves.accepted(search);
    moves.propose(search, 0.2, out);
    expect(changed(search.best, search.centre)).toBe(192);
    expect(changed(out, search.centre)).toBeLessThanOrEqual(75);
  });
});

describe('patterns', () => {
  it.each([
    ['l2', (v: number) => v * v],
    ['l1', Math.abs],
  ] as const)('have length 1 in %s', (norm, size) => {
    for (const shape of [[1, 12, 12], [30]]) {
      const lattice = latticeOf(
        shape,
        shape.reduce((a, b) => a * b),
        norm,
      );
      const { pattern } = lattice.draw(0.3, Random.of(2), true);
      expect(pattern.reduce((sum, v) => sum + size(v), 0)).toBeCloseTo(1, 9);
    }
  });
});
