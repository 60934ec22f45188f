import type { EvidenceReport } from '../evidence';
import { overreaching } from './agree';
import { statedCount } from './stated';
import type { ModelSubject, Outcome } from './types';

/** Half-width of a 95 % interval beyond which a report bears out almost any figure: 92 examples at worst. */
const widest = 0.1;

/** How a claim goes beyond the number of examples behind it; null where it does not. */
export function reach(claim: ModelSubject, report: EvidenceReport, { verdict, pointer }: Outcome): Outcome | null {
  if (verdict !== 'supported') return null;
  const stated = statedCount(claim);
  if (stated !== null && stated > report.count)
    return overreaching(
      `This claims ${stated} examples, but the report measured ${report.count}; evaluate on as many, or state n = ${report.count}.`,
      '/data/count',
    );
  const half = worstHalf(report.count);
  if (half > widest && stated === null && claim.nearby.count === null)
    return overreaching(
      `The report rests on ${report.count} examples, which leaves figures uncertain by up to ${Math.round(100 * half)} points either way; state n = ${report.count}, or evaluate on more.`,
      pointer,
    );
  return null;
}

/** Half-width of a 95 % interval of a share of n examples, at its widest. */
const worstHalf = (n: number) => (n > 0 ? 1.96 * Math.sqrt(0.25 / n) : 1);
