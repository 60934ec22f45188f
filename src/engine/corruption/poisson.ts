import type { Random } from '../random';

/** Below this mean, counting arrivals is cheaper than rejection. */
const FEW = 10;

/** A Poisson variate: by multiplication of uniforms (Knuth) for small means, by transformed rejection (Hörmann 1993, PTRS) for others. 0 for a mean of 0 or less. */
export function poisson(mean: number, random: Random): number {
  if (!(mean > 0)) return 0;
  return mean < FEW ? counted(mean, random) : rejected(mean, random);
}

function counted(mean: number, random: Random): number {
  const limit = Math.exp(-mean);
  let product = random.uniform();
  let count = 0;
  while (product > limit) {
    product *= random.uniform();
    count++;
  }
  return count;
}

/** Hörmann 1993, The transformed rejection method for generating Poisson random variables, algorithm PTRS; its constants. */
function rejected(mean: number, random: Random): number {
  const root = Math.sqrt(mean);
  const b = 0.931 + 2.53 * root;
  const a = -0.059 + 0.02483 * b;
  const inverseAlpha = 1.1239 + 1.1328 / (b - 3.4);
  const vr = 0.9277 - 3.6224 / (b - 2);
  for (;;) {
    const u = random.uniform() - 0.5;
    // Uniform in (0, 1]: its logarithm is taken.
    const v = 1 - random.uniform();
    const us = 0.5 - Math.abs(u);
    const k = Math.floor(((2 * a) / us + b) * u + mean + 0.43);
    if (us >= 0.07 && v <= vr) return k;
    if (k < 0 || (us < 0.013 && v > us)) continue;
    if (Math.log((v * inverseAlpha) / (a / (us * us) + b)) <= k * Math.log(mean) - mean - logFactorial(k)) return k;
  }
}

/** ln k! by Stirling's series, exact to 1e-10 from 10 on; below that by the product. */
function logFactorial(k: number): number {
  return k < logFactorials.length ? logFactorials[k]! : stirling(k);
}

function stirling(k: number): number {
  const x = k + 1;
  return (
    (x - 0.5) * Math.log(x) - x + 0.5 * Math.log(2 * Math.PI) + 1 / (12 * x) - 1 / (360 * x ** 3) + 1 / (1260 * x ** 5)
  );
}

/** Of the counts that images give. */
const logFactorials = Float64Array.from({ length: 1024 }, (_, k) => {
  if (k >= 10) return stirling(k);
  let product = 1;
  for (let i = 2; i <= k; i++) product *= i;
  return Math.log(product);
});
