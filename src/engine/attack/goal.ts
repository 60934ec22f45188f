import { isBroken, margin, reachesTarget } from './scores';
import type { AttackRequest, LossName } from './types';

/** What an attacker wants of each example: any wrong class, or a certain one. Rows are those of the request. */
export interface Goal {
  /** Whether scores in row `k` of [.., classes] are what is wanted of `row`. */
  reached(logits: Float32Array, k: number, row: number): boolean;
  /** How far they are from it: above 0 before it is reached, below 0 beyond. */
  margin(logits: Float32Array, k: number, row: number): number;
  /** What is climbed to get there, where any wrong class would do by this loss. */
  loss(untargeted: LossName): LossName;
  /** Writes the aim [classes] of a row: 1 at its target; null where any wrong class will do. */
  readonly aim: ((row: number, out: Float32Array) => void) | null;
  /** The aims of some rows, [rows, classes]; undefined where any wrong class will do. */
  aims(rows: readonly number[]): Float32Array | undefined;
  /** The targets of some rows; undefined where any wrong class will do. */
  targets(rows: readonly number[]): Int32Array | undefined;
}

/** Of a loss that leads away from the true class, the one that leads to a target (Carlini & Wagner 2017, f6, for margins). */
const toTarget: Readonly<Partial<Record<LossName, LossName>>> = {
  ce: 'ce-targeted',
  margin: 'margin-targeted',
  // Ahead of the true class alone is not ahead of all.
  linear: 'margin-targeted',
};

export function goalOf({ oracle, y, targets }: Pick<AttackRequest, 'y' | 'targets'> & ClassCount): Goal {
  const { classes } = oracle;
  if (targets === undefined) {
    return {
      reached: (logits, k, row) => isBroken(logits, k, classes, y[row]!),
      margin: (logits, k, row) => margin(logits, k, classes, y[row]!),
      loss: (untargeted) => untargeted,
      aim: null,
      aims: () => undefined,
      targets: () => undefined,
    };
  }
  const aim = (row: number, out: Float32Array) => {
    out.fill(0);
    out[targets[row]!] = 1;
  };
  return {
    reached: (logits, k, row) => reachesTarget(logits, k, classes, targets[row]!),
    margin: (logits, k, row) => -margin(logits, k, classes, targets[row]!),
    loss: (untargeted) => toTarget[untargeted] ?? untargeted,
    aim,
    aims(rows) {
      const all = new Float32Array(rows.length * classes);
      rows.forEach((row, k) => {
        all[k * classes + targets[row]!] = 1;
      });
      return all;
    },
    targets: (rows) => Int32Array.from(rows, (row) => targets[row]!),
  };
}

interface ClassCount {
  readonly oracle: { readonly classes: number };
}
