import type { RuleContext } from '../rule';

const largestFloat = 3.4028234663852886e38;

/** No larger than the largest float, so that a gradient of zero times it stays zero. */
export function finite(c: RuleContext, tensor: string): string {
  return c.op('Clip', [tensor, c.builder.scalar(-largestFloat), c.builder.scalar(largestFloat)]);
}

/**
 * factor/t where t > 0, else 0: for slopes that are infinite at the end of the domain (√x at 0, arcsin at ±1). PyTorch has
 * infinity there, and NaN once it is multiplied by a zero; 0 keeps the other coordinates of an attack alive.
 */
export function reciprocalSlope(c: RuleContext, tensor: string, factor = 1): string {
  const b = c.builder;
  const positive = c.op('Greater', [tensor, b.scalar(0)]);
  const safe = c.op('Where', [positive, tensor, b.scalar(Number.POSITIVE_INFINITY)]);
  return c.op('Div', [b.scalar(factor), safe]);
}
