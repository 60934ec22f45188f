/**
 * What a JPEG file of a given quality leaves of an image, without the file: entropy coding loses nothing, so that only the colour conversion, the halved
 * resolution of the colours, and the rounding of the cosine transform need doing (ITU-T T.81; tables of annex K; the integer transforms and
 * the scaling of quality of the Independent JPEG Group's library, `jfdctint`, `jidctint`, `jcparam`).
 */

import { remembered } from './scratch';

/** Quantisation of brightness and of colour, row by row (T.81, tables K.1 and K.2). */
const brightnessTable = [
  16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29, 51,
  87, 80, 62, 18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92, 49, 64, 78, 87, 103, 121, 120, 101,
  72, 92, 95, 98, 112, 100, 103, 99,
];
const colourTable = [
  17, 18, 24, 47, 99, 99, 99, 99, 18, 21, 26, 66, 99, 99, 99, 99, 24, 26, 56, 99, 99, 99, 99, 99, 47, 66, 99, 99, 99,
  99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
  99, 99, 99, 99, 99, 99,
];

/** One plane of whole numbers 0..255. */
interface Plane {
  readonly values: Int32Array;
  readonly height: number;
  readonly width: number;
}

/** A colour image after compression: three planes [height × width] of whole numbers 0..255, in place. */
export function compressColour(
  planes: readonly [Int32Array, Int32Array, Int32Array],
  height: number,
  width: number,
  quality: number,
): void {
  const [r, g, b] = planes;
  const n = height * width;
  const y = new Int32Array(n);
  const cb = new Int32Array(n);
  const cr = new Int32Array(n);
  for (let i = 0; i < n; i++) {
    const red = r[i]!;
    const green = g[i]!;
    const blue = b[i]!;
    y[i] = (19595 * red + 38470 * green + 7471 * blue + 32768) >> 16;
    cb[i] = (-11059 * red - 21709 * green + 32768 * blue + 8388608 + 32767) >> 16;
    cr[i] = (32768 * red - 27439 * green - 5329 * blue + 8388608 + 32767) >> 16;
  }
  const brightness = coded({ values: y, height, width }, brightnessSteps(quality));
  const table = colourSteps(quality);
  const blueness = enlarged(coded(halved({ values: cb, height, width }), table), height, width);
  const redness = enlarged(coded(halved({ values: cr, height, width }), table), height, width);
  for (let i = 0; i < n; i++) {
    const own = brightness.values[i]!;
    const blue = blueness[i]! - 128;
    const red = redness[i]! - 128;
    r[i] = limited(own + ((91881 * red + 32768) >> 16));
    g[i] = limited(own + ((-22554 * blue - 46802 * red + 32768) >> 16));
    b[i] = limited(own + ((116130 * blue + 32768) >> 16));
  }
}

/** A grey image after compression, in place. */
export function compressGrey(values: Int32Array, height: number, width: number, quality: number): void {
  values.set(coded({ values, height, width }, brightnessSteps(quality)).values);
}

const limited = (value: number) => (value < 0 ? 0 : Math.min(255, value));

/** A table at a quality of 1 to 100 (jpeg_quality_scaling; tables of 8 bits). */
function scaled(table: readonly number[], quality: number): Int32Array {
  const percent = quality < 50 ? Math.floor(5000 / quality) : 200 - 2 * quality;
  return Int32Array.from(table, (value) => Math.min(255, Math.max(1, Math.floor((value * percent + 50) / 100))));
}

const brightnessSteps = remembered((quality: number) => scaled(brightnessTable, quality));
const colourSteps = remembered((quality: number) => scaled(colourTable, quality));

/**
 * Means of two by two, rounded up and down by turns; edges are repeated. The result is as wide as its blocks are: what lies beyond the image
 * is made of its repeated edge, not repeated itself, and rounds differently.
 */
function halved({ values, height, width }: Plane): Plane {
  const rows = (height + 1) >> 1;
  const columns = 8 * Math.ceil(width / 16);
  const result = new Int32Array(rows * columns);
  for (let h = 0; h < rows; h++) {
    const top = 2 * h * width;
    const bottom = Math.min(height - 1, 2 * h + 1) * width;
    for (let w = 0; w < columns; w++) {
      const left = Math.min(width - 1, 2 * w);
      const right = Math.min(width - 1, 2 * w + 1);
      const sum = values[top + left]! + values[top + right]! + values[bottom + left]! + values[bottom + right]!;
      result[h * columns + w] = (sum + 1 + (w & 1)) >> 2;
    }
  }
  return { values: result, height: rows, width: columns };
}

/** Twice the size by weights 3 and 1 of the nearest values in each direction (jdsample, h2v2_fancy_upsample). */
function enlarged({ values, height: rows, width: stored }: Plane, height: number, width: number): Int32Array {
  const result = new Int32Array(height * width);
  const columns = (width + 1) >> 1;
  const sums = new Int32Array(columns);
  for (let h = 0; h < height; h++) {
    const near = h >> 1;
    const far = Math.min(rows - 1, Math.max(0, near + (h & 1 ? 1 : -1)));
    for (let w = 0; w < columns; w++) sums[w] = 3 * values[near * stored + w]! + values[far * stored + w]!;
    for (let w = 0; w < width; w++) {
      const at = w >> 1;
      const beside = w & 1 ? at + 1 : at - 1;
      const edge = beside < 0 || beside >= columns;
      const sum = edge ? 4 * sums[at]! : 3 * sums[at]! + sums[beside]!;
      result[h * width + w] = (sum + (w & 1 ? 7 : 8)) >> 4;
    }
  }
  return result;
}

const block = new Int32Array(64);

/** A plane after transform, quantisation and back; blocks at the edge are filled by repeating the edge. */
function coded({ values, height, width }: Plane, table: Int32Array): Plane {
  const result = new Int32Array(height * width);
  for (let top = 0; top < height; top += 8) {
    for (let left = 0; left < width; left += 8) {
      for (let y = 0, i = 0; y < 8; y++) {
        const row = (top + y < height ? top + y : height - 1) * width;
        for (let x = 0; x < 8; x++, i++) block[i] = values[row + (left + x < width ? left + x : width - 1)]! - 128;
      }
      forward(block);
      // The forward transform is 8 times too large.
      for (let i = 0; i < 64; i++) {
        const coefficient = block[i]!;
        const quantum = table[i]!;
        const size = coefficient < 0 ? -coefficient : coefficient;
        const count = ((size + 4 * quantum) / (8 * quantum)) | 0;
        block[i] = (coefficient < 0 ? -count : count) * quantum;
      }
      inverse(block);
      const rows = Math.min(8, height - top);
      const columns = Math.min(8, width - left);
      for (let y = 0; y < rows; y++) {
        const to = (top + y) * width + left;
        for (let x = 0; x < columns; x++) {
          const value = block[8 * y + x]! + 128;
          result[to + x] = limited(value);
        }
      }
    }
  }
  return { values: result, height, width };
}

/** Constants of Loeffler, Ligtenberg & Moschytz 1989 in 13 bits. */
const f0298 = 2446;
const f0390 = 3196;
const f0541 = 4433;
const f0765 = 6270;
const f0899 = 7373;
const f1175 = 9633;
const f1501 = 12299;
const f1847 = 15137;
const f1961 = 16069;
const f2053 = 16819;
const f2562 = 20995;
const f3072 = 25172;

/** Cosine transform of a block, in place, 8 times too large: rows, then columns. */
function forward(block: Int32Array): void {
  for (let pass = 0; pass < 2; pass++) {
    const step = pass === 0 ? 1 : 8;
    const next = pass === 0 ? 8 : 1;
    const bits = pass === 0 ? 11 : 15;
    const half = 1 << (bits - 1);
    for (let line = 0; line < 8; line++) {
      const i0 = line * next;
      const i1 = i0 + step;
      const i2 = i1 + step;
      const i3 = i2 + step;
      const i4 = i3 + step;
      const i5 = i4 + step;
      const i6 = i5 + step;
      const i7 = i6 + step;
      const s07 = block[i0]! + block[i7]!;
      const s16 = block[i1]! + block[i6]!;
      const s25 = block[i2]! + block[i5]!;
      const s34 = block[i3]! + block[i4]!;
      const d07 = block[i0]! - block[i7]!;
      const d16 = block[i1]! - block[i6]!;
      const d25 = block[i2]! - block[i5]!;
      const d34 = block[i3]! - block[i4]!;
      const t10 = s07 + s34;
      const t13 = s07 - s34;
      const t11 = s16 + s25;
      const t12 = s16 - s25;
      block[i0] = pass === 0 ? (t10 + t11) << 2 : (t10 + t11 + 2) >> 2;
      block[i4] = pass === 0 ? (t10 - t11) << 2 : (t10 - t11 + 2) >> 2;
      const z1 = Math.imul(t12 + t13, f0541);
      block[i2] = (z1 + Math.imul(t13, f0765) + half) >> bits;
      block[i6] = (z1 - Math.imul(t12, f1847) + half) >> bits;
      const a5 = Math.imul(d34 + d16 + d25 + d07, f1175);
      const m1 = Math.imul(d34 + d07, -f0899);
      const m2 = Math.imul(d25 + d16, -f2562);
      const m3 = Math.imul(d34 + d16, -f1961) + a5;
      const m4 = Math.imul(d25 + d07, -f0390) + a5;
      block[i7] = (Math.imul(d34, f0298) + m1 + m3 + half) >> bits;
      block[i5] = (Math.imul(d25, f2053) + m2 + m4 + half) >> bits;
      block[i3] = (Math.imul(d16, f3072) + m2 + m3 + half) >> bits;
      block[i1] = (Math.imul(d07, f1501) + m1 + m4 + half) >> bits;
    }
  }
}

/** Inverse cosine transform of a block, in place: columns, then rows. */
function inverse(block: Int32Array): void {
  for (let pass = 0; pass < 2; pass++) {
    const step = pass === 0 ? 8 : 1;
    const next = pass === 0 ? 1 : 8;
    const bits = pass === 0 ? 11 : 18;
    const half = 1 << (bits - 1);
    for (let line = 0; line < 8; line++) {
      const i0 = line * next;
      const i1 = i0 + step;
      const i2 = i1 + step;
      const i3 = i2 + step;
      const i4 = i3 + step;
      const i5 = i4 + step;
      const i6 = i5 + step;
      const i7 = i6 + step;
      const v0 = block[i0]!;
      const v2 = block[i2]!;
      const v4 = block[i4]!;
      const v6 = block[i6]!;
      const z1 = Math.imul(v2 + v6, f0541);
      const t2 = z1 - Math.imul(v6, f1847);
      const t3 = z1 + Math.imul(v2, f0765);
      const t0 = (v0 + v4) << 13;
      const t1 = (v0 - v4) << 13;
      const e0 = t0 + t3 + half;
      const e3 = t0 - t3 + half;
      const e1 = t1 + t2 + half;
      const e2 = t1 - t2 + half;
      const b0 = block[i7]!;
      const b1 = block[i5]!;
      const b2 = block[i3]!;
      const b3 = block[i1]!;
      const a5 = Math.imul(b0 + b2 + b1 + b3, f1175);
      const m1 = Math.imul(b0 + b3, -f0899);
      const m2 = Math.imul(b1 + b2, -f2562);
      const m3 = Math.imul(b0 + b2, -f1961) + a5;
      const m4 = Math.imul(b1 + b3, -f0390) + a5;
      const o0 = Math.imul(b0, f0298) + m1 + m3;
      const o1 = Math.imul(b1, f2053) + m2 + m4;
      const o2 = Math.imul(b2, f3072) + m2 + m3;
      const o3 = Math.imul(b3, f1501) + m1 + m4;
      block[i0] = (e0 + o3) >> bits;
      block[i7] = (e0 - o3) >> bits;
      block[i1] = (e1 + o2) >> bits;
      block[i6] = (e1 - o2) >> bits;
      block[i2] = (e2 + o1) >> bits;
      block[i5] = (e2 - o1) >> bits;
      block[i3] = (e3 + o0) >> bits;
      block[i4] = (e3 - o0) >> bits;
    }
  }
}
