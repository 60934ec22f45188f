import type { FeatureConstraints } from './constraint';

/**
 * Why the declared constraints do not allow a changed example, in words; null where they do. Like the rest of the verifier it
 * shares no code with what makes examples: every rule is checked in data units, by its own words.
 */
export function infeasibility(
  clean: Float32Array,
  changed: Float32Array,
  { scale, low, high, held, direction, integer, groups }: FeatureConstraints,
): string | null {
  for (const [i, value] of changed.entries()) {
    const unit = scale[i]!;
    const slack = rounding(value * unit) / unit;
    if (held[i] && value !== clean[i]) return `feature ${i} was changed and is immutable`;
    if (direction[i] === 1 && value < clean[i]! - slack) return `feature ${i} fell and may only grow`;
    if (direction[i] === -1 && value > clean[i]! + slack) return `feature ${i} grew and may only fall`;
    if (value < low[i]! - slack || value > high[i]! + slack) {
      return `feature ${i} is ${value * unit}, outside of ${low[i]! * unit} to ${high[i]! * unit}`;
    }
    if (integer[i] && !near(value * unit, Math.round(value * unit)))
      return `feature ${i} is ${value * unit}, not whole`;
  }
  for (const group of groups) {
    const values = group.map((i) => changed[i]! * scale[i]!);
    const ones = values.filter((value) => near(value, 1)).length;
    const zeros = values.filter((value) => near(value, 0)).length;
    if (ones !== 1 || zeros !== group.length - 1) return `features ${group.join(', ')} are not one-hot`;
  }
  return null;
}

/** What division by the scale and multiplication by it may do to a float32. */
function rounding(value: number): number {
  return 1e-6 * Math.max(1, Math.abs(value));
}

function near(value: number, whole: number): boolean {
  return Math.abs(value - whole) <= rounding(whole);
}
