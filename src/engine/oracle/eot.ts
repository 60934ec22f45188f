import type { GradientResult, Oracle } from '../attack/types';

/** Passes that are averaged (AutoAttack's version for randomised defences, Croce & Hein 2020, §7). */
export const defaultPasses = 20;

/** Share of the passes that must be wrong before an attack may take an example for broken and stop. */
const sureShare = 0.75;

/**
 * Expectation over transformation (Athalye et al. 2018): an oracle for a model whose forward pass is random. Losses and
 * gradients are means over `passes` passes, so that an attack climbs the expected loss, not one draw of the noise; the mean of
 * the gradients is an unbiased estimate of the gradient of the expected loss.
 *
 * Logits are means too, but for the true class in `gradient`: there its logit is set so that the margin is the one that a
 * quarter of the passes exceed. An attack thus stops where three quarters of the passes are wrong, which leaves the
 * verifier's majority little to chance. Where a target is to be reached, it is the target's logit that is set so: the target
 * is predicted where three quarters of the passes predict it. Each pass is a run of its own: a draw that a batch shares is drawn anew.
 *
 * Iterations do not run inside the runtime (`segments` is left out).
 *
 * @param passes 1 or more; with 1 nothing is averaged.
 */
export function expectationOver(oracle: Oracle, passes: number): Oracle {
  const { classes } = oracle;
  const averaged: Oracle = {
    classes,
    exampleShape: oracle.exampleShape,
    exampleSize: oracle.exampleSize,
    ...(oracle.free === undefined ? {} : { free: oracle.free }),
    differentiable: oracle.differentiable,
    get batchSize() {
      return oracle.batchSize;
    },
    passes,
    counts: oracle.counts,
    async logits(x) {
      const sum = new Sum();
      for (let pass = 0; pass < passes; pass++) sum.add(await oracle.logits(x));
      return sum.mean(passes);
    },
    async gradient(x, y, loss, aim, targets) {
      const [logits, losses, gradient] = [new Sum(), new Sum(), new Sum()];
      const watched = targets ?? y;
      const margins = new Float64Array(y.length * passes);
      for (let pass = 0; pass < passes; pass++) {
        const drawn: GradientResult = await oracle.gradient(x, y, loss, aim);
        logits.add(drawn.logits);
        losses.add(drawn.loss);
        gradient.add(drawn.gradient);
        for (let i = 0; i < y.length; i++)
          margins[i * passes + pass] = marginOf(drawn.logits, i * classes, classes, watched[i]!);
      }
      const mean = logits.mean(passes);
      // What three quarters of the passes fall below of the true class, and exceed of a target.
      const sure = Math.ceil(sureShare * passes) - 1;
      setMargins(mean, watched, classes, margins, passes, targets ? passes - 1 - sure : sure);
      return { logits: mean, loss: losses.mean(passes), gradient: gradient.mean(passes) };
    },
  };
  const { jacobian } = oracle;
  if (!jacobian) return averaged;
  return {
    ...averaged,
    get batchSize() {
      return oracle.batchSize;
    },
    async jacobian(x, chosen) {
      const [logits, gradient] = [new Sum(), new Sum()];
      for (let pass = 0; pass < passes; pass++) {
        const drawn = await jacobian.call(oracle, x, chosen);
        logits.add(drawn.logits);
        gradient.add(drawn.gradient);
      }
      return { logits: logits.mean(passes), gradient: gradient.mean(passes) };
    },
  };
}

/** Sums in float64: twenty float32 gradients that cancel leave what is wanted. */
class Sum {
  private total: Float64Array | undefined;

  add(values: Float32Array): void {
    this.total ??= new Float64Array(values.length);
    const total = this.total;
    for (let i = 0; i < values.length; i++) total[i]! += values[i]!;
  }

  mean(count: number): Float32Array {
    const total = this.total ?? new Float64Array(0);
    const mean = new Float32Array(total.length);
    for (let i = 0; i < total.length; i++) mean[i] = total[i]! / count;
    return mean;
  }
}

/** The own logit less the largest other one; just below zero where a class before it has the same. */
function marginOf(logits: Float32Array, offset: number, classes: number, label: number): number {
  let other = Number.NEGATIVE_INFINITY;
  let before = false;
  for (let k = 0; k < classes; k++) {
    const score = logits[offset + k]!;
    if (k === label || score < other || (score === other && before)) continue;
    before = k < label;
    other = score;
  }
  const margin = logits[offset + label]! - other;
  return margin === 0 && before ? -Number.MIN_VALUE : margin;
}

/** Gives the class watched of each row the logit by which its margin is that of this rank among the passes, the least first. */
function setMargins(
  logits: Float32Array,
  y: Int32Array,
  classes: number,
  margins: Float64Array,
  passes: number,
  rank: number,
): void {
  for (let i = 0; i < y.length; i++) {
    const margin = margins.subarray(i * passes, (i + 1) * passes).sort()[rank]!;
    let other = Number.NEGATIVE_INFINITY;
    for (let k = 0; k < classes; k++) {
      if (k !== y[i] && logits[i * classes + k]! > other) other = logits[i * classes + k]!;
    }
    // Of equal scores the first class wins, which is not for rounding to decide.
    const own = Math.fround(other + margin);
    const gap = Math.max(Math.abs(other) * 2 ** -23, 2 ** -126);
    logits[i * classes + y[i]!] = margin < 0 ? Math.min(own, other - gap) : Math.max(own, other + gap);
  }
}
