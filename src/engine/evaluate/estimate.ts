import type { Attack } from '../attack/types';

/** Work of one kind costs about the same a unit of work: a forward pass, or a pass forth and back. */
export type WorkKind = 'scores' | 'gradient';

/** A label costs what scores cost. */
export const workKind = (needs: Attack['needs']): WorkKind => (needs === 'gradient' ? 'gradient' : 'scores');

export interface Work {
  readonly kind: WorkKind;
  /** What else it has in common with other work: the attack, and what it is run for. Early stops differ by it. */
  readonly family: string;
  /** Passes through the model, nominal: examples × iterations × restarts. */
  readonly passes: number;
}

/** A gradient takes about two forward passes more than the forward pass; used until both were measured. */
const gradientToForward = 3;

/** Learns seconds a nominal pass from finished units, and tells how long the rest will take. */
export class Estimator {
  private readonly measured = new Map<string, { seconds: number; passes: number }>();

  record(work: Work, seconds: number): void {
    for (const key of [work.family, work.kind]) {
      const sum = this.measured.get(key) ?? { seconds: 0, passes: 0 };
      this.measured.set(key, { seconds: sum.seconds + seconds, passes: sum.passes + work.passes });
    }
  }

  /** Seconds; null until something was measured. */
  secondsFor(remaining: readonly Work[]): number | null {
    let total = 0;
    for (const work of remaining) {
      const rate = this.rate(work.family) ?? this.rateOfKind(work.kind);
      if (rate === null) return null;
      total += work.passes * rate;
    }
    return total;
  }

  private rate(key: string): number | null {
    const sum = this.measured.get(key);
    return sum && sum.passes > 0 ? sum.seconds / sum.passes : null;
  }

  private rateOfKind(kind: WorkKind): number | null {
    const own = this.rate(kind);
    if (own !== null) return own;
    const other = this.rate(kind === 'gradient' ? 'scores' : 'gradient');
    return other === null ? null : kind === 'gradient' ? other * gradientToForward : other / gradientToForward;
  }
}

/** One number for unlike work: passes weighted by what they nominally cost, so that progress does not jitter. */
export function weigh(works: readonly Work[]): number {
  return works.reduce((sum, { kind, passes }) => sum + passes * (kind === 'gradient' ? gradientToForward : 1), 0);
}
