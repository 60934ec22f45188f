import type { Figure } from '../report/schema';

/** `49.5 %`: at most one decimal, which is more than the intervals allow anyway. */
export function percent(share: number): string {
  return `${Number((share * 100).toFixed(1))} %`;
}

/** `6.6 points`: a difference of shares. */
export function points(difference: number): string {
  return `${Number((difference * 100).toFixed(1))} points`;
}

/** `49.5 % (46.4 % to 52.6 %, n = 1000)` */
export function figureText({ value, low, high, n }: Figure): string {
  return `${percent(value)} (${percent(low)} to ${percent(high)}, n = ${n})`;
}

/** `a`, `a and b`, `a, b and c` */
export function listed(items: readonly string[]): string {
  return items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;
}

/** `3, 17, 20 …`: the first of a list of positions. */
export function exampleList(indices: readonly number[], most = 10): string {
  return `${indices.slice(0, most).join(', ')}${indices.length >= most ? ' …' : ''}`;
}

/** A number without the digits that binary fractions add. */
export function short(value: number): string {
  return String(Number(value.toPrecision(3)));
}
