import type { FloatBox } from './box';
import type { Goal } from './slack';

/** What the search keeps of a region: the best points seen, and what was tried on the original. */
const poolSize = 32;
/** Points this near to a counterexample, in units of the goals, are tried on the original, which rounds in its own way. */
const near = 1e-5;
/** Points tried of one batch at most. */
const mostTried = 4;

export interface WatchOptions {
  readonly box: FloatBox;
  readonly goals: readonly Goal[];
  readonly inputs: number;
  readonly outputs: number;
  /** Tries a point on the original; true when it is a counterexample. */
  readonly confirm: (x: Float32Array) => Promise<boolean>;
}

/** Sees each point that the search evaluates: has the promising ones confirmed, and keeps the best. */
export class Watch {
  readonly box: FloatBox;
  readonly goals: readonly Goal[];
  readonly inputs: number;
  readonly outputs: number;
  /** Best first: [inputs] each. */
  readonly pool: { readonly value: number; readonly goal: number; readonly x: Float32Array }[] = [];
  private readonly confirm: WatchOptions['confirm'];
  private refusedAt = Number.NEGATIVE_INFINITY;

  constructor(options: WatchOptions) {
    this.box = options.box;
    this.goals = options.goals;
    this.inputs = options.inputs;
    this.outputs = options.outputs;
    this.confirm = options.confirm;
  }

  /**
   * @param x [n, inputs]
   * @param y [n, outputs]
   * @returns true when one of the points is a confirmed counterexample.
   */
  async see(x: Float32Array, y: Float32Array): Promise<boolean> {
    const { inputs, outputs, goals, pool } = this;
    const n = y.length / outputs;
    const candidates: { value: number; at: number }[] = [];
    for (let i = 0; i < n; i++) {
      const goal = this.nearest(x, y, i * inputs, i * outputs);
      const value = goals[goal]!.least(x, y, i * inputs, i * outputs);
      if (value >= -near) candidates.push({ value, at: i * inputs });
      const last = pool.length < poolSize ? Number.NEGATIVE_INFINITY : pool[pool.length - 1]!.value;
      if (!(value > last) || pool.some((kept) => kept.value === value)) continue;
      if (pool.length >= poolSize) pool.pop();
      let to = pool.length;
      while (to > 0 && pool[to - 1]!.value < value) to--;
      pool.splice(to, 0, { value, goal, x: x.slice(i * inputs, (i + 1) * inputs) });
    }
    candidates.sort((a, b) => b.value - a.value);
    for (const { value, at } of candidates.slice(0, mostTried)) {
      // What was refused once is not tried again for less.
      if (value <= this.refusedAt) break;
      if (await this.confirm(x.subarray(at, at + inputs))) return true;
      this.refusedAt = value;
    }
    return false;
  }

  /** The goal that a point is nearest to. */
  nearest(x: Float32Array, y: Float32Array, xAt: number, yAt: number): number {
    let best = 0;
    let most = Number.NEGATIVE_INFINITY;
    for (let k = 0; k < this.goals.length; k++) {
      const value = this.goals[k]!.least(x, y, xAt, yAt);
      if (value > most) {
        most = value;
        best = k;
      }
    }
    return best;
  }
}
