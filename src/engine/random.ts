import { xoroshiro128plus, xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus';

/**
 * A seeded stream of random numbers. Streams are derived from keys (seed, attack, example index), never shared between
 * examples, so that an example's draws do not depend on the batch that it happens to be in.
 */
export class Random {
  private generator: ReturnType<typeof xoroshiro128plus>;
  private spare: number | undefined;

  private constructor(seed: number) {
    this.generator = xoroshiro128plus(seed);
  }

  /** The stream that belongs to `seed` and these keys; the same keys give the same stream on every machine. */
  static of(seed: number, ...keys: readonly (string | number)[]): Random {
    // FNV-1a over the keys' text: well spread, and independent of the platform.
    let hash = 0x811c9dc5 ^ seed;
    for (const character of keys.join('\u0000')) {
      hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193);
    }
    const random = new Random(hash | 0);
    // The first outputs of neighbouring seeds are correlated; step past them.
    for (let i = 0; i < 4; i++) random.generator.next();
    return random;
  }

  /** Uniform in [0, 1) with 32 random bits. */
  uniform(): number {
    return (this.generator.next() >>> 0) / 0x1_0000_0000;
  }

  /** Uniform in [low, high). */
  between(low: number, high: number): number {
    return low + (high - low) * this.uniform();
  }

  /**
   * Fills `out` with what as many calls of {@link between} give: the same steps (xoroshiro128+, as pure-rand writes them), with
   * the generator's state in local integers.
   */
  fillBetween(low: number, high: number, out: Float64Array): void {
    let [b, a, d, c] = this.generator.getState().map((word) => word | 0) as [number, number, number, number];
    const width = high - low;
    for (let i = 0; i < out.length; i++) {
      out[i] = low + width * (((a + c) >>> 0) * 2 ** -32);
      const e = c ^ a;
      const f = d ^ b;
      const a0 = a;
      const b0 = b;
      a = (a0 << 24) ^ (b0 >>> 8) ^ e ^ (e << 16);
      b = (b0 << 24) ^ (a0 >>> 8) ^ f ^ ((f << 16) | (e >>> 16));
      c = (f << 5) ^ (e >>> 27);
      d = (e << 5) ^ (f >>> 27);
    }
    this.generator = xoroshiro128plusFromState([b, a, d, c]);
  }

  /** Fills `out` with what as many calls of {@link normal} give. */
  fillNormal(out: Float64Array): void {
    let i = 0;
    if (this.spare !== undefined && out.length > 0) {
      out[i++] = this.spare;
      this.spare = undefined;
    }
    let [b, a, d, c] = this.generator.getState().map((word) => word | 0) as [number, number, number, number];
    while (i < out.length) {
      const u = 2 * (((a + c) >>> 0) * 2 ** -32) - 1;
      let e = c ^ a;
      let f = d ^ b;
      let a0 = a;
      let b0 = b;
      a = (a0 << 24) ^ (b0 >>> 8) ^ e ^ (e << 16);
      b = (b0 << 24) ^ (a0 >>> 8) ^ f ^ ((f << 16) | (e >>> 16));
      c = (f << 5) ^ (e >>> 27);
      d = (e << 5) ^ (f >>> 27);
      const v = 2 * (((a + c) >>> 0) * 2 ** -32) - 1;
      e = c ^ a;
      f = d ^ b;
      a0 = a;
      b0 = b;
      a = (a0 << 24) ^ (b0 >>> 8) ^ e ^ (e << 16);
      b = (b0 << 24) ^ (a0 >>> 8) ^ f ^ ((f << 16) | (e >>> 16));
      c = (f << 5) ^ (e >>> 27);
      d = (e << 5) ^ (f >>> 27);
      const s = u * u + v * v;
      if (s === 0 || s >= 1) continue;
      const scale = Math.sqrt((-2 * Math.log(s)) / s);
      out[i++] = u * scale;
      if (i < out.length) out[i++] = v * scale;
      else this.spare = v * scale;
    }
    this.generator = xoroshiro128plusFromState([b, a, d, c]);
  }

  /** Uniform integer in [0, below). */
  integer(below: number): number {
    return Math.floor(this.uniform() * below);
  }

  /** Standard normal (Marsaglia's polar method). */
  normal(): number {
    if (this.spare !== undefined) {
      const value = this.spare;
      this.spare = undefined;
      return value;
    }
    for (;;) {
      const u = 2 * this.uniform() - 1;
      const v = 2 * this.uniform() - 1;
      const s = u * u + v * v;
      if (s === 0 || s >= 1) continue;
      const scale = Math.sqrt((-2 * Math.log(s)) / s);
      this.spare = v * scale;
      return u * scale;
    }
  }
}
