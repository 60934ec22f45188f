import type { Random } from '../../random';

/** In place, of a length that is a power of two: Σ (re + i·im)[t] exp(−2πi k t / n), by Cooley and Tukey's radix 2. */
export function fourier(re: Float64Array, im: Float64Array): void {
  const n = re.length;
  for (let i = 1, j = 0; i < n; i++) {
    let bit = n >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i >= j) continue;
    const [r, m] = [re[i]!, im[i]!];
    re[i] = re[j]!;
    im[i] = im[j]!;
    re[j] = r;
    im[j] = m;
  }
  for (let size = 2; size <= n; size *= 2) {
    const half = size / 2;
    for (let k = 0; k < half; k++) {
      const angle = (-2 * Math.PI * k) / size;
      const [c, s] = [Math.cos(angle), Math.sin(angle)];
      for (let start = k; start < n; start += size) {
        const other = start + half;
        const r = c * re[other]! - s * im[other]!;
        const m = c * im[other]! + s * re[other]!;
        re[other] = re[start]! - r;
        im[other] = im[start]! - m;
        re[start]! += r;
        im[start]! += m;
      }
    }
  }
}

/**
 * Fills `out` with Gaussian noise whose power falls as 1 / f (Timmer and König 1995): normal amplitudes at every
 * frequency but 0, and back. The length is filled up to a power of two and cut, so that the ends do not meet.
 */
export function pink(out: Float64Array, random: Random): void {
  let n = 2;
  while (n < 2 * out.length) n *= 2;
  const re = new Float64Array(n);
  const im = new Float64Array(n);
  for (let k = 1; k <= n / 2; k++) {
    const amplitude = 1 / Math.sqrt(k);
    re[k] = amplitude * random.normal();
    im[k] = amplitude * random.normal();
  }
  // The real part of one half of a spectrum is the series of the whole one.
  fourier(re, im);
  let sum = 0;
  for (let i = 0; i < out.length; i++) sum += re[i]!;
  for (let i = 0; i < out.length; i++) out[i] = re[i]! - sum / out.length;
}
