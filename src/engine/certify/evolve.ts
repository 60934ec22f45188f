import type { Oracle } from '../attack/types';
import type { Random } from '../random';
import { place } from './box';
import type { Watch } from './watch';

type Change = 'difference' | 'normal' | 'block' | 'fresh';

/**
 * Search without gradients from the best points seen: differences of two good points added to a third (differential
 * evolution, Storn & Price 1997), normal noise at all scales, and runs of inputs set to a bound (as Square Attack changes
 * squares, Andriushchenko et al. 2020). A child that is better than the worst of the pool takes its place there.
 *
 * @param children of a generation, in one batch.
 * @param over asked before each generation.
 * @returns true when a counterexample was confirmed.
 */
export async function evolve(
  oracle: Oracle,
  watch: Watch,
  children: number,
  generations: number,
  random: Random,
  over: () => boolean,
): Promise<boolean> {
  const { inputs, pool } = watch;
  const x = new Float32Array(children * inputs);
  for (let generation = 0; generation < generations; generation++) {
    if (over() || pool.length === 0) return false;
    // Blocks shrink as the search goes on.
    const block = 0.5 * 0.05 ** (generation / Math.max(1, generations - 1));
    for (let i = 0; i < children; i++) change(watch, block, random, x.subarray(i * inputs, (i + 1) * inputs));
    if (await watch.see(x, await oracle.logits(x))) return true;
  }
  return false;
}

function change({ box, pool }: Watch, block: number, random: Random, out: Float32Array): void {
  const { low, high, free } = box;
  const kind = kindOf(random, free.length);
  if (kind === 'fresh') {
    place(box, random.uniform() < 0.5 ? 'edge' : 'uniform', random, out);
    return;
  }
  // Better points have more children.
  const parent = pool[Math.floor(pool.length * random.uniform() ** 2)]!.x;
  out.set(parent);
  if (kind === 'block') {
    const length = Math.max(1, Math.round(block * random.uniform() * free.length));
    const from = random.integer(Math.max(1, free.length - length + 1));
    const mixed = random.uniform() < 0.5;
    let up = random.uniform() < 0.5;
    for (let k = from; k < from + length && k < free.length; k++) {
      if (mixed) up = random.uniform() < 0.5;
      const j = free[k]!;
      out[j] = up ? high[j]! : low[j]!;
    }
    return;
  }
  const sigma = 10 ** random.between(-4, -0.5);
  const factor = random.between(0.2, 1);
  const [a, b] = [pool[random.integer(pool.length)]!.x, pool[random.integer(pool.length)]!.x];
  const rate = random.uniform() < 0.5 ? 1 : Math.max(0.5 / free.length, random.uniform());
  for (let k = 0; k < free.length; k++) {
    if (rate < 1 && random.uniform() >= rate) continue;
    const j = free[k]!;
    const [from, to] = [low[j]!, high[j]!];
    const by = kind === 'difference' ? factor * (a[j]! - b[j]!) : sigma * (to - from) * random.normal();
    const next = parent[j]! + by;
    out[j] = Math.min(Math.max(next, from), to);
  }
}

function kindOf(random: Random, free: number): Change {
  const drawn = random.uniform();
  if (drawn < 0.02) return 'fresh';
  if (free > 200) return drawn < 0.7 ? 'block' : drawn < 0.85 ? 'difference' : 'normal';
  return drawn < 0.5 ? 'difference' : drawn < 0.9 ? 'normal' : 'block';
}
