import type { Region } from './property/normalForm';
import { slack } from './slack';
import type { Property } from './vnnlib';

/** An input that the property asks for, confirmed on the untouched model file. */
export interface Counterexample {
  /** [inputs], float32 numbers */
  readonly input: Float32Array;
  /** [outputs], as the file returned them */
  readonly output: Float64Array;
  /** By how much the tightest constraint of the conjunction holds, in units of the output; null where it has none. */
  readonly margin: number | null;
  /** Inputs that hold the float32 number nearest to an interval without any. */
  readonly rounded: readonly number[];
}

/**
 * Whether an input is a counterexample, by the property as it was read and the answer of the untouched model. Shares nothing
 * with the search but the sum of a linear constraint.
 *
 * @param original the untouched model: [inputs] in, [outputs] out.
 * @returns null where a value is outside of each box, or not finite, or no conjunction holds.
 */
export async function confirm(
  property: Property,
  input: Float32Array,
  original: (x: Float32Array) => Promise<Float64Array>,
): Promise<Counterexample | null> {
  if (input.length !== property.inputs || !input.every(Number.isFinite)) return null;
  let output: Float64Array | undefined;
  let found: Counterexample | null = null;
  for (const region of property.regions) {
    const rounded = roundedInputs(region, input);
    if (rounded === null) continue;
    output ??= await original(input.slice());
    if (output.length !== property.outputs || !output.every(Number.isFinite)) return null;
    for (const conjunction of region.conjunctions) {
      let margin = Number.POSITIVE_INFINITY;
      for (const constraint of conjunction) {
        const value = slack(constraint, input, output);
        const holds = constraint.strict ? value > 0 : value >= 0;
        margin = holds ? Math.min(margin, value) : Number.NaN;
        if (!holds) break;
      }
      if (Number.isNaN(margin) || (found && margin <= (found.margin ?? Number.POSITIVE_INFINITY))) continue;
      found = { input: input.slice(), output, margin: Number.isFinite(margin) ? margin : null, rounded };
    }
  }
  return found;
}

/** Inputs beside their interval that could not be nearer; null where one is outside without need. */
function roundedInputs({ low, high }: Region, input: Float32Array): number[] | null {
  const rounded: number[] = [];
  for (let i = 0; i < input.length; i++) {
    const value = input[i]!;
    if (value >= low[i]! && value <= high[i]!) continue;
    // The float32 number nearest to the middle is outside only if all are.
    if (value !== Math.fround(low[i]! + (high[i]! - low[i]!) / 2)) return null;
    rounded.push(i);
  }
  return rounded;
}
