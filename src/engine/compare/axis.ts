import type { Figure } from '../report/schema';
import type { Axis } from './types';

const steps = [0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.25];

/** An axis of shares that holds the figures and their intervals, with round ticks and some room, never beyond 0 and 1. */
export function axisOf(figures: readonly Figure[]): Axis {
  const low = Math.min(...figures.map((figure) => figure.low));
  const high = Math.max(...figures.map((figure) => figure.high));
  const room = Math.max(0.04 * (high - low), 0.005);
  const [from, to] = [Math.max(0, low - room), Math.min(1, high + room)];
  const step = steps.find((size) => (to - from) / size <= 6) ?? 0.25;
  const grid = (value: number, round: (value: number) => number) => Number((round(value / step) * step).toFixed(6));
  return { min: Math.max(0, grid(from + 1e-9, Math.floor)), max: Math.min(1, grid(to - 1e-9, Math.ceil)), step };
}
