import type { Trigger } from './types';

/** `8.3 %`: at most one decimal, which is more than the intervals allow anyway. */
export function percent(share: number): string {
  return `${Number((100 * share).toFixed(1))} %`;
}

/** A threshold as a gate states it: two digits, and never tighter than what it stands for. */
export function atLeast(share: number): string {
  return (Math.floor(100 * share) / 100).toFixed(2);
}

export function atMost(share: number): string {
  return (Math.ceil(100 * share - 1e-9) / 100).toFixed(2);
}

/** A share that is too low. */
export function below(pointer: string, label: string, value: number, threshold: number): Trigger {
  const text = `${label}: ${percent(value)}, below ${percent(threshold)}`;
  return { pointer, label, value, relation: '<', threshold, text };
}

/** A share that is too high. */
export function above(pointer: string, label: string, value: number, threshold: number): Trigger {
  const text = `${label}: ${percent(value)}, above ${percent(threshold)}`;
  return { pointer, label, value, relation: '>', threshold, text };
}

/** JSON pointer of the value of a figure. */
export function pointerTo(pointer: string): string {
  return `${pointer}/value`;
}

export function listed(items: readonly string[]): string {
  return items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;
}

export function largest(values: readonly number[]): number {
  let most = 0;
  for (const value of values) if (value > most) most = value;
  return most;
}
