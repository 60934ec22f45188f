import { RobustnessError } from '../error';

/**
 * Applies `change` to a copy of `x` scaled from `bounds` to [0, 1], where the published constants hold; clips the result
 * to [0, 1] and scales it back. Throws as {@link toUnit}.
 */
export function withinUnitRange(
  x: Float32Array,
  shape: readonly number[],
  bounds: readonly [number, number],
  change: (unit: Float64Array) => Float64Array,
): Float32Array {
  const changed = change(toUnit(x, shape, bounds));
  const result = new Float32Array(x.length);
  fromUnit(changed, bounds, result);
  return result;
}

/** A copy of `x` scaled from `bounds` to [0, 1]. Throws `data/range` for bounds that enclose nothing, `data/shape` if `x` is not one example of `shape`. */
export function toUnit(
  x: Float32Array,
  shape: readonly number[],
  [low, high]: readonly [number, number],
): Float64Array {
  if (!(Number.isFinite(low) && Number.isFinite(high) && high > low)) {
    throw new RobustnessError(
      'data/range',
      `A corruption needs a range of values, and [${low}, ${high}] is none.`,
      'Give the range of the stored values as `data.range`, smaller bound first.',
    );
  }
  if (shape.reduce((product, extent) => product * extent, 1) !== x.length) {
    throw new RobustnessError(
      'data/shape',
      `An example of ${x.length} values cannot have the shape [${shape.join(', ')}].`,
      'Check `layout` and `resize` of the data.',
    );
  }
  const width = high - low;
  // Plain loops: `from` with a function goes through an iterator, ten times slower, over millions of pixels.
  const unit = new Float64Array(x.length);
  for (let i = 0; i < x.length; i++) unit[i] = (x[i]! - low) / width;
  return unit;
}

/** Values of [0, 1], clipped to it, scaled back to `bounds` into `out`. */
export function fromUnit(unit: Float64Array, [low, high]: readonly [number, number], out: Float32Array): void {
  const width = high - low;
  for (let i = 0; i < unit.length; i++) out[i] = low + width * Math.min(1, Math.max(0, unit[i]!));
}
