import { floats } from './scratch';

/** tan 22.5° in 15 bits. */
const TAN_22 = 13573;

/**
 * Edges [height × width], 1 or 0, of an image of whole numbers (Canny 1986, as OpenCV does it: Sobel's gradients, |dx| + |dy|, edges repeated, thinned
 * along the gradient; above `high`, or above `low` and connected to one above `high`).
 */
export function edges(image: Int32Array, height: number, width: number, low: number, high: number): Uint8Array {
  const { dx, dy } = sobel(image, height, width);
  const strength = new Int32Array((height + 2) * (width + 2));
  const stride = width + 2;
  for (let h = 0; h < height; h++) {
    for (let w = 0; w < width; w++)
      strength[(h + 1) * stride + w + 1] = Math.abs(dx[h * width + w]!) + Math.abs(dy[h * width + w]!);
  }
  const weak = new Uint8Array(height * width);
  const found = new Uint8Array(height * width);
  const queue: number[] = [];
  for (let h = 0; h < height; h++) {
    for (let w = 0; w < width; w++) {
      const i = h * width + w;
      const at = (h + 1) * stride + w + 1;
      if (strength[at]! <= low || !isRidge(strength, at, stride, dx[i]!, dy[i]!)) continue;
      weak[i] = 1;
      if (strength[at]! <= high) continue;
      found[i] = 1;
      queue.push(i);
    }
  }
  for (let i = queue.pop(); i !== undefined; i = queue.pop()) {
    const [h, w] = [Math.floor(i / width), i % width];
    for (let y = Math.max(0, h - 1); y <= Math.min(height - 1, h + 1); y++) {
      for (let x = Math.max(0, w - 1); x <= Math.min(width - 1, w + 1); x++) {
        const next = y * width + x;
        if (weak[next] === 0 || found[next] === 1) continue;
        found[next] = 1;
        queue.push(next);
      }
    }
  }
  return found;
}

/** Whether the gradient is stronger here than on both sides along its direction. */
function isRidge(strength: Int32Array, at: number, stride: number, dx: number, dy: number): boolean {
  const own = strength[at]!;
  const across = Math.abs(dx) * TAN_22;
  const down = Math.abs(dy) * 32768;
  if (down < across) return own > strength[at - 1]! && own >= strength[at + 1]!;
  if (down > across + Math.abs(dx) * 65536) return own > strength[at - stride]! && own >= strength[at + stride]!;
  const side = (dx ^ dy) < 0 ? -1 : 1;
  return own > strength[at - stride - side]! && own > strength[at + stride + side]!;
}

function sobel(image: Int32Array, height: number, width: number): { dx: Int32Array; dy: Int32Array } {
  const dx = new Int32Array(image.length);
  const dy = new Int32Array(image.length);
  for (let h = 0; h < height; h++) {
    const up = Math.max(0, h - 1) * width;
    const own = h * width;
    const down = Math.min(height - 1, h + 1) * width;
    for (let w = 0; w < width; w++) {
      const left = w > 0 ? w - 1 : 0;
      const right = w + 1 < width ? w + 1 : w;
      const a = image[up + left]!;
      const b = image[up + w]!;
      const c = image[up + right]!;
      const d = image[own + left]!;
      const f = image[own + right]!;
      const g = image[down + left]!;
      const i = image[down + w]!;
      const j = image[down + right]!;
      dx[own + w] = c + 2 * f + j - a - 2 * d - g;
      dy[own + w] = g + 2 * i + j - a - 2 * b - c;
    }
  }
  return { dx, dy };
}

/** Steps of Borgefors' 5 × 5 chamfer distance: straight, diagonal, knight's move (OpenCV's constants for DIST_L2). */
const STRAIGHT = 1;
const DIAGONAL = 1.4;
const KNIGHT = 2.1969;

/** [height × width] distance to the nearest place that is 1 in `targets`, in pixels, by two passes of a 5 × 5 chamfer (Borgefors 1986); ∞ without any. */
export function distancesTo(targets: Uint8Array, height: number, width: number): Float64Array {
  // Two rows and columns all around that are infinitely far: no step has to ask whether it leaves the image.
  const stride = width + 4;
  const padded = paddedDistance(stride * (height + 4));
  padded.fill(Number.POSITIVE_INFINITY);
  for (let h = 0, i = 0; h < height; h++) {
    const row = (h + 2) * stride + 2;
    for (let w = 0; w < width; w++, i++) if (targets[i] === 1) padded[row + w] = 0;
  }
  for (let h = 0; h < height; h++) relaxRow(padded, (h + 2) * stride + 2, width, stride, 1);
  for (let h = height - 1; h >= 0; h--) relaxRow(padded, (h + 2) * stride + 2, width, stride, -1);
  const distance = new Float64Array(targets.length);
  for (let h = 0; h < height; h++) {
    const row = (h + 2) * stride + 2;
    for (let w = 0; w < width; w++) distance[h * width + w] = padded[row + w]!;
  }
  return distance;
}

const paddedDistance = floats();

/** One row of a pass: from the left with what lies above it (`sign` 1), or from the right with what lies below it (-1). */
function relaxRow(distance: Float64Array, row: number, width: number, stride: number, sign: 1 | -1): void {
  const near = -sign * stride;
  const far = 2 * near;
  for (let k = 0, at = sign === 1 ? row : row + width - 1; k < width; k++, at += sign) {
    let least = distance[at]!;
    let through = distance[at - sign]! + STRAIGHT;
    if (through < least) least = through;
    through = distance[at + near]! + STRAIGHT;
    if (through < least) least = through;
    through = distance[at + near - 1]! + DIAGONAL;
    if (through < least) least = through;
    through = distance[at + near + 1]! + DIAGONAL;
    if (through < least) least = through;
    through = distance[at + near - 2]! + KNIGHT;
    if (through < least) least = through;
    through = distance[at + near + 2]! + KNIGHT;
    if (through < least) least = through;
    through = distance[at + far - 1]! + KNIGHT;
    if (through < least) least = through;
    through = distance[at + far + 1]! + KNIGHT;
    if (through < least) least = through;
    distance[at] = least;
  }
}
