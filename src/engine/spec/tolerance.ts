import type { Spec } from './schema';

/** `0.5` in units of the target, or `"10 %"` of its absolute value. */
export function parseTolerance(tolerance: NonNullable<Spec['tolerance']>): { value: number; relative: boolean } {
  if (typeof tolerance === 'number') return { value: tolerance, relative: false };
  return { value: Number.parseFloat(tolerance) / 100, relative: true };
}

/** As a person reads it. */
export function toleranceText({ value, relative }: { readonly value: number; readonly relative: boolean }): string {
  return relative ? `${Number((100 * value).toPrecision(6))} % of the target` : `${value}`;
}
