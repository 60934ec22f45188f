import type { Random } from '../random';

/** Where a proposal acts: positions within one channel, the same in all channels, with a pattern for l2 proposals. */
export interface Region {
  readonly positions: readonly number[];
  /** One value a position, of Euclidean length 1. */
  readonly pattern: readonly number[];
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
  /** A random region of about `share` of the area; `patterned` ones are of odd side, as l2 proposals want them. */
  draw(share: number, random: Random, patterned: boolean): Region;
  /** Regions that together cover the whole channel, or nearly: where the l2 start puts its mass. */
  tiles(random: Random): Region[];
}

/**
 * Images get squares. A feature vector has no neighbourhoods, so its regions are random subsets with a sign for each
 * feature; images with a side under 5 have no room for squares, and are treated the same way.
 */
export function latticeOf(shape: readonly number[], exampleSize: number): Lattice {
  const [channels, height, width] = shape;
  if (shape.length === 3 && channels && height && width && Math.min(height, width) >= 5) {
    return imageLattice(channels, height, width);
  }
  return vectorLattice(exampleSize);
}

function imageLattice(channels: number, height: number, width: number): Lattice {
  const square = (top: number, left: number, rows: number, columns: number, random: Random | null): Region => {
    const positions: number[] = [];
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < columns; j++) positions.push((top + i) * width + left + j);
    }
    return { positions, pattern: random === null ? [] : twoBumps(rows, random) };
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
    tiles(random) {
      const side = Math.floor(Math.min(height, width) / 5);
      const regions: Region[] = [];
      for (let top = (height % side) >> 1; top + side <= height; top += side) {
        for (let left = (width % side) >> 1; left + side <= width; left += side) {
          regions.push(square(top, left, side, side, random));
        }
      }
      return regions;
    },
  };
}

/** A positive and a negative bump, one in either half of a square, in rows or in columns (paper, §3.3). */
function twoBumps(side: number, random: Random): number[] {
  const upright = random.uniform() < 0.5;
  if (side === 1) return [1];
  const half = Math.floor(side / 2);
  const upper = bump(half, side);
  const lower = bump(side - half, side);
  const stacked = [...upper, ...lower.map((v) => -v)];
  const length = Math.hypot(...stacked);
  return stacked.map((_, k) => {
    const [i, j] = [Math.floor(k / side), k % side];
    return stacked[upright ? k : j * side + i]! / length;
  });
}

/** Concentric rectangles that get lighter outward, of length 1. */
function bump(rows: number, columns: number): number[] {
  const values = new Array<number>(rows * columns).fill(0);
  let top = Math.floor(rows / 2);
  let left = Math.floor(columns / 2);
  for (let ring = 0; ring <= Math.max(Math.floor(rows / 2), Math.floor(columns / 2)); ring++) {
    for (let i = Math.max(top, 0); i < Math.min(top + 2 * ring + 1, rows); i++) {
      for (let j = Math.max(left, 0); j < Math.min(left + 2 * ring + 1, columns); j++) {
        values[i * columns + j]! += 1 / (ring + 1) ** 2;
      }
    }
    top--;
    left--;
  }
  const length = Math.hypot(...values);
  return values.map((v) => v / length);
}

function vectorLattice(area: number): Lattice {
  const subset = (size: number, random: Random): Region => {
    const order = Array.from({ length: area }, (_, i) => i);
    for (let i = 0; i < size; i++) {
      const j = i + random.integer(area - i);
      [order[i], order[j]] = [order[j]!, order[i]!];
    }
    const positions = order.slice(0, size);
    return { positions, pattern: positions.map(() => sign(random) / Math.sqrt(size)) };
  };
  return {
    channels: 1,
    area,
    width: area,
    spatial: false,
    draw: (share, random) => subset(Math.max(1, Math.round(share * area)), random),
    tiles: (random) => [subset(area, random)],
  };
}

/** +1 or -1, each with probability one half. */
export function sign(random: Random): 1 | -1 {
  return random.uniform() < 0.5 ? -1 : 1;
}
