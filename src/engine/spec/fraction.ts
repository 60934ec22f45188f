import { RobustnessError } from '../error';

/**
 * `0.03`, `"0.03"` or `"8/255"` as a number ≥ 0.
 * @throws RobustnessError `spec/fraction`
 */
export function parseFraction(value: number | string): number {
  const parts = typeof value === 'number' ? [value] : value.split('/').map(decimal);
  const [numerator = Number.NaN, denominator = 1] = parts;
  const number = numerator / denominator;
  if (parts.length > 2 || !Number.isFinite(number) || number < 0) {
    throw new RobustnessError(
      'spec/fraction',
      `“${value}” is not a size of a perturbation.`,
      'Write a number such as 0.03, or a fraction such as 8/255.',
    );
  }
  return number;
}

function decimal(text: string): number {
  return /^\s*(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i.test(text) ? Number(text) : Number.NaN;
}
