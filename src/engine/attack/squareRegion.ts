import type { Random } from '../random';

/**
 * Where a proposal acts: positions within one channel, the same in all channels, with a pattern for l2 and l1 proposals. Both
 * arrays belong to the lattice, which uses them again: they hold until two regions later.
 */
export interface Region {
  readonly positions: Int32Array;
  /** One value a position, of length 1 in the lattice's norm; empty for a region that has no pattern. */
  readonly pattern: Float64Array;
}

/** How an example is divided into channels and regions; images and feature vectors differ in this alone. */
export interface Lattice {
  readonly channels: number;
  /** Positions in a channel. */
  readonly area: number;
  /** Positions in a row: the width of an image. */
  readonly width: number;
  /** Whether neighbouring positions share the sign of a change. */
  readonly spatial: boolean;
  /** A random region of about `share` of the area; `patterned` ones are of odd side, as l2 and l1 proposals want them. */
  draw(share: number, random: Random, patterned: boolean): Region;
  /** Visits regions that together cover the whole channel, or nearly: where the l2 and l1 start puts its mass. */
  tiles(random: Random, visit: (region: Region) => void): void;
}

/** Norm in which patterns have length 1. Bumps are steeper in l1 (AutoAttack). */
export type PatternNorm = 'l2' | 'l1';

/**
 * Images get squares. A feature vector has no neighbourhoods, so its regions are random subsets with a sign for each
 * feature; images with a side under 5 have no room for squares, and are treated the same way.
 */
export function latticeOf(shape: readonly number[], exampleSize: number, norm: PatternNorm = 'l2'): Lattice {
  const [channels, height, width] = shape;
  if (shape.length === 3 && channels && height && width && Math.min(height, width) >= 5) {
    return imageLattice(channels, height, width, norm);
  }
  return vectorLattice(exampleSize, norm);
}

const none = new Float64Array(0);

/** Two buffers of positions, given out in turn. */
function twoBuffers(area: number): (length: number) => Int32Array {
  const buffers = [new Int32Array(area), new Int32Array(area)] as const;
  let next = 0;
  return (length) => {
    next = 1 - next;
    return buffers[next as 0 | 1].subarray(0, length);
  };
}

function imageLattice(channels: number, height: number, width: number, norm: PatternNorm): Lattice {
  const buffer = twoBuffers(height * width);
  const bumps = new Map<number, readonly [Float64Array, Float64Array]>();
  /** Bumps in rows or in columns. */
  const pattern = (side: number, random: Random): Float64Array => {
    const upright = random.uniform() < 0.5;
    const known = bumps.get(side) ?? twoBumps(side, norm);
    bumps.set(side, known);
    return known[upright ? 0 : 1];
  };
  const square = (top: number, left: number, rows: number, columns: number, random: Random | null): Region => {
    const positions = buffer(rows * columns);
    let k = 0;
    for (let i = 0; i < rows; i++) {
      const start = (top + i) * width + left;
      for (let j = 0; j < columns; j++) positions[k++] = start + j;
    }
    return { positions, pattern: random === null ? none : pattern(rows, random) };
  };
  return {
    channels,
    area: height * width,
    width,
    spatial: true,
    draw(share, random, patterned) {
      const target = share * height * width;
      const side = Math.max(1, Math.round(Math.sqrt(target)));
      let [rows, columns] = [side, side];
      if (patterned) {
        const widest = Math.min(height, width);
        const odd = Math.min(Math.max(3, side + 1 - (side % 2)), widest - 1 + (widest % 2));
        [rows, columns] = [odd, odd];
      } else if (side > height) {
        // In an image that is not square the region keeps its area where one side is too short for it.
        [rows, columns] = [height, Math.min(width, Math.round(target / height))];
      } else if (side > width) {
        [rows, columns] = [Math.min(height, Math.round(target / width)), width];
      }
      const top = random.integer(height - rows + 1);
      const left = random.integer(width - columns + 1);
      return square(top, left, rows, columns, patterned ? random : null);
    },
    tiles(random, visit) {
      const side = Math.floor(Math.min(height, width) / 5);
      for (let top = (height % side) >> 1; top + side <= height; top += side) {
        for (let left = (width % side) >> 1; left + side <= width; left += side) {
          visit(square(top, left, side, side, random));
        }
      }
    },
  };
}

function lengthOf(values: Float64Array, norm: PatternNorm): number {
  let sum = 0;
  for (const v of values) sum += norm === 'l2' ? v * v : Math.abs(v);
  return norm === 'l2' ? Math.sqrt(sum) : sum;
}

/** A positive and a negative bump, one in either half of a square: in rows, and in columns (paper, §3.3). */
function twoBumps(side: number, norm: PatternNorm): readonly [Float64Array, Float64Array] {
  if (side === 1) return [Float64Array.of(1), Float64Array.of(1)];
  const half = Math.floor(side / 2);
  const stacked = new Float64Array(side * side);
  stacked.set(bump(half, side, norm));
  stacked.set(
    bump(side - half, side, norm).map((v) => -v),
    half * side,
  );
  const length = lengthOf(stacked, norm);
  const upright = stacked.map((v) => v / length);
  const lying = upright.map((_, k) => upright[(k % side) * side + Math.floor(k / side)]!);
  return [upright, lying];
}

/** Concentric rectangles that get lighter outward, of length 1. */
function bump(rows: number, columns: number, norm: PatternNorm): Float64Array {
  const values = new Float64Array(rows * columns);
  let top = Math.floor(rows / 2);
  let left = Math.floor(columns / 2);
  for (let ring = 0; ring <= Math.max(Math.floor(rows / 2), Math.floor(columns / 2)); ring++) {
    for (let i = Math.max(top, 0); i < Math.min(top + 2 * ring + 1, rows); i++) {
      for (let j = Math.max(left, 0); j < Math.min(left + 2 * ring + 1, columns); j++) {
        values[i * columns + j]! += 1 / (ring + 1) ** (norm === 'l2' ? 2 : 4);
      }
    }
    top--;
    left--;
  }
  const length = lengthOf(values, norm);
  return values.map((v) => v / length);
}

function vectorLattice(area: number, norm: PatternNorm): Lattice {
  const buffer = twoBuffers(area);
  const patterns = [new Float64Array(area), new Float64Array(area)] as const;
  let next = 0;
  const order = Int32Array.from({ length: area }, (_, i) => i);
  const partners = new Int32Array(area);
  const subset = (size: number, random: Random): Region => {
    for (let i = 0; i < size; i++) {
      const j = i + random.integer(area - i);
      partners[i] = j;
      const taken = order[j]!;
      order[j] = order[i]!;
      order[i] = taken;
    }
    const positions = buffer(size);
    positions.set(order.subarray(0, size));
    // Put back, so that what is drawn depends on the stream alone.
    for (let i = size - 1; i >= 0; i--) {
      const j = partners[i]!;
      const taken = order[j]!;
      order[j] = order[i]!;
      order[i] = taken;
    }
    next = 1 - next;
    const pattern = patterns[next as 0 | 1].subarray(0, size);
    const share = norm === 'l2' ? 1 / Math.sqrt(size) : 1 / size;
    for (let k = 0; k < size; k++) pattern[k] = sign(random) * share;
    return { positions, pattern };
  };
  return {
    channels: 1,
    area,
    width: area,
    spatial: false,
    draw: (share, random) => subset(Math.max(1, Math.round(share * area)), random),
    tiles: (random, visit) => visit(subset(area, random)),
  };
}

/** +1 or -1, each with probability one half. */
export function sign(random: Random): 1 | -1 {
  return random.uniform() < 0.5 ? -1 : 1;
}
