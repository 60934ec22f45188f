import type { Conjunction, LinearConstraint } from './property/normalForm';

/** How far a linear constraint is from failing: Σ outputs + Σ inputs + constant; below 0 it does not hold. */
export function slack(
  constraint: LinearConstraint,
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  xAt = 0,
  yAt = 0,
): number {
  const { outputs, outputWeights, inputs, inputWeights } = constraint;
  let sum = constraint.constant;
  for (let k = 0; k < outputs.length; k++) sum += outputWeights[k]! * y[yAt + outputs[k]!]!;
  for (let k = 0; k < inputs.length; k++) sum += inputWeights[k]! * x[xAt + inputs[k]!]!;
  return sum;
}

/** What a walk climbs: the least slack of a conjunction, or the sum of what its constraints lack. */
export type Climb = 'least' | 'lacking';

/** A conjunction with the units of its constraints made alike. */
export class Goal {
  /** @param scales of the constraints' slacks; what one moves by between random points. */
  constructor(
    readonly conjunction: Conjunction,
    private readonly scales: Float64Array,
  ) {}

  /** The least slack, in units of the scales; Infinity where nothing is asked. */
  least(x: Float32Array, y: Float32Array, xAt: number, yAt: number): number {
    let least = Number.POSITIVE_INFINITY;
    for (let k = 0; k < this.conjunction.length; k++) {
      const value = slack(this.conjunction[k]!, x, y, xAt, yAt) / this.scales[k]!;
      // A comparison with NaN fails: a network that returns NaN shows nothing.
      if (!(value >= least)) least = value;
    }
    return least;
  }

  /**
   * Value of what is climbed, with its derivatives: by outputs into `aim`, by inputs added to `inputGradient`.
   *
   * @param aim [outputs] from `yAt` on; overwritten.
   */
  ascend(
    climb: Climb,
    x: Float32Array,
    y: Float32Array,
    xAt: number,
    yAt: number,
    outputs: number,
    aim: Float32Array,
  ): number {
    aim.fill(0, yAt, yAt + outputs);
    let least = Number.POSITIVE_INFINITY;
    let worst = -1;
    let lacking = 0;
    for (let k = 0; k < this.conjunction.length; k++) {
      const value = slack(this.conjunction[k]!, x, y, xAt, yAt) / this.scales[k]!;
      if (!(value >= least)) {
        least = value;
        worst = k;
      }
      if (value < 0) {
        lacking += value;
        if (climb === 'lacking') this.weigh(k, aim, yAt);
      }
    }
    const sum = climb === 'lacking' && least < 0;
    if (!sum && worst >= 0) this.weigh(worst, aim, yAt);
    return sum ? lacking : least;
  }

  private weigh(k: number, aim: Float32Array, yAt: number): void {
    const { outputs, outputWeights } = this.conjunction[k]!;
    const scale = this.scales[k]!;
    for (let i = 0; i < outputs.length; i++) aim[yAt + outputs[i]!]! += outputWeights[i]! / scale;
  }

  /** Adds the derivatives of what is climbed by the inputs themselves. */
  addInputGradient(
    climb: Climb,
    x: Float32Array,
    y: Float32Array,
    xAt: number,
    yAt: number,
    gradient: Float32Array,
  ): void {
    if (this.conjunction.every(({ inputs }) => inputs.length === 0)) return;
    const values = this.conjunction.map((each, k) => slack(each, x, y, xAt, yAt) / this.scales[k]!);
    const least = Math.min(...values);
    for (const [k, value] of values.entries()) {
      const counts = climb === 'lacking' && least < 0 ? value < 0 : k === values.indexOf(least);
      if (!counts) continue;
      const { inputs, inputWeights } = this.conjunction[k]!;
      for (let i = 0; i < inputs.length; i++) gradient[xAt + inputs[i]!]! += inputWeights[i]! / this.scales[k]!;
    }
  }
}

/**
 * Goals of a region, with scales from outputs at random points: the standard deviation of each slack.
 *
 * @param x [n, inputs]
 * @param y [n, outputs]
 */
export function goalsOf(
  conjunctions: readonly Conjunction[],
  x: Float32Array,
  y: Float32Array,
  inputs: number,
  outputs: number,
): Goal[] {
  const n = x.length / inputs;
  return conjunctions.map((conjunction) => {
    const scales = Float64Array.from(conjunction, (constraint) => {
      let [sum, squares, seen] = [0, 0, 0];
      for (let i = 0; i < n; i++) {
        const value = slack(constraint, x, y, i * inputs, i * outputs);
        if (!Number.isFinite(value)) continue;
        sum += value;
        squares += value * value;
        seen++;
      }
      const variance = seen === 0 ? 0 : Math.max(0, squares / seen - (sum / seen) ** 2);
      return Math.max(Math.sqrt(variance), 1e-6 * Math.abs(sum / Math.max(1, seen)), 1e-12);
    });
    return new Goal(conjunction, scales);
  });
}
