/** Work of one kind costs about the same a unit of work: a forward pass, or a pass forth and back. */
export type WorkKind = 'scores' | 'gradient';

export interface Work {
  readonly kind: WorkKind;
  /** Passes through the model, nominal: examples × iterations × restarts. */
  readonly passes: number;
}

/** A gradient takes about two forward passes more than the forward pass; used until both were measured. */
const gradientToForward = 3;

/** Learns seconds a pass from finished units, and tells how long the rest will take. */
export class Estimator {
  private readonly measured: Record<WorkKind, { seconds: number; passes: number }> = {
    scores: { seconds: 0, passes: 0 },
    gradient: { seconds: 0, passes: 0 },
  };

  record(work: Work, seconds: number): void {
    const sum = this.measured[work.kind];
    sum.seconds += seconds;
    sum.passes += work.passes;
  }

  /** Seconds; null until something was measured. */
  secondsFor(remaining: readonly Work[]): number | null {
    const rates = this.rates();
    if (rates === null) return null;
    return remaining.reduce((sum, work) => sum + work.passes * rates[work.kind], 0);
  }

  private rates(): Record<WorkKind, number> | null {
    const rate = (kind: WorkKind): number | null => {
      const { seconds, passes } = this.measured[kind];
      return passes > 0 && seconds > 0 ? seconds / passes : null;
    };
    const scores = rate('scores');
    const gradient = rate('gradient');
    if (scores === null && gradient === null) return null;
    return {
      scores: scores ?? (gradient as number) / gradientToForward,
      gradient: gradient ?? (scores as number) * gradientToForward,
    };
  }
}

/** One number for unlike work: passes weighted by what they nominally cost, so that progress does not jitter. */
export function weigh(works: readonly Work[]): number {
  return works.reduce((sum, { kind, passes }) => sum + passes * (kind === 'gradient' ? gradientToForward : 1), 0);
}
