import { RobustnessError } from '../error';

/** Parameters of severities 1 to 5: as published for CIFAR-10-C (32 pixels) and for ImageNet-C (224 pixels). */
export interface SeverityTable {
  readonly small: readonly [number, number, number, number, number];
  readonly large: readonly [number, number, number, number, number];
}

const SMALL_SIDE = 32;
const LARGE_SIDE = 224;

/** Likewise where a corruption has several parameters at each severity. */
export interface SeverityTables<T extends readonly number[]> {
  readonly small: readonly [T, T, T, T, T];
  readonly large: readonly [T, T, T, T, T];
}

/**
 * The parameter at a severity for an example of `shape`. Images of 32 pixels (shorter side) or less take the published
 * value for 32, those of 224 or more the one for 224; between them it is interpolated linearly in the shorter side,
 * which is our own addition. Vectors take the value for 32. Throws `spec/severity`.
 */
export function parameter(table: SeverityTable, severity: number, shape: readonly number[]): number {
  const [small, large] = [table.small[severity - 1], table.large[severity - 1]];
  if (small === undefined || large === undefined) throw noSeverity(severity);
  return between(small, large, shape);
}

/** Likewise, each parameter on its own. */
export function parameters<T extends readonly number[]>(
  table: SeverityTables<T>,
  severity: number,
  shape: readonly number[],
): T {
  const [small, large] = [table.small[severity - 1], table.large[severity - 1]];
  if (small === undefined || large === undefined) throw noSeverity(severity);
  return small.map((value, i) => between(value, large[i]!, shape)) as unknown as T;
}

/** A published constant at the size of an example of `shape`: that for 32 pixels, that for 224, or one between the two (see {@link parameter}). */
export function between(small: number, large: number, shape: readonly number[]): number {
  const side = shape.length === 3 ? Math.min(shape[1]!, shape[2]!) : SMALL_SIDE;
  const way = Math.min(1, Math.max(0, (side - SMALL_SIDE) / (LARGE_SIDE - SMALL_SIDE)));
  // Not small + (large − small): at 224 pixels rounding would turn 12 into 11.999….
  return way === 1 ? large : small + way * (large - small);
}

function noSeverity(severity: number): RobustnessError {
  return new RobustnessError(
    'spec/severity',
    `Severity ${severity} is not one of 1, 2, 3, 4 and 5.`,
    'List severities from 1 to 5 under `corruptions.severities`.',
  );
}

/** A parameter for people: three significant digits, no trailing zeros. */
export function inWords(value: number): string {
  return String(Number(value.toPrecision(3)));
}
