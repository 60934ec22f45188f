import type { Closest } from './closest';
import { goalOf } from './goal';
import type { AttackRequest } from './types';

const halvings = 10;

/**
 * Moves each closest point towards its clean example, by bisection of the segment between the two for as long as the
 * prediction stays wrong (the final search of Croce & Hein 2020, §2.3, with halvings in place of their estimates). Points that
 * are within ε already are left alone.
 */
export async function approach(request: AttackRequest, closest: Closest): Promise<void> {
  const { oracle, y, signal } = request;
  const size = oracle.exampleSize;
  const goal = goalOf(request);
  const rows = [...y.keys()].filter((row) => Number.isFinite(closest.distance[row]!) && !closest.within(row));
  if (rows.length === 0) return;
  const ends = new Float32Array(rows.length * size);
  rows.forEach((row, k) => {
    ends.set(closest.point(row), k * size);
  });
  const right = new Float64Array(rows.length);
  const wrong = new Float64Array(rows.length).fill(1);
  const points = new Float32Array(ends.length);
  for (let round = 0; round < halvings; round++) {
    signal?.throwIfAborted();
    rows.forEach((row, k) => {
      const centre = closest.centre(row);
      const share = (right[k]! + wrong[k]!) / 2;
      for (let i = 0; i < size; i++) {
        points[k * size + i] = centre[i]! + share * (ends[k * size + i]! - centre[i]!);
      }
    });
    const logits = await oracle.logits(points);
    rows.forEach((row, k) => {
      const share = (right[k]! + wrong[k]!) / 2;
      if (goal.reached(logits, k, row)) {
        wrong[k] = share;
        closest.offer(row, points.subarray(k * size, (k + 1) * size));
      } else right[k] = share;
    });
  }
}
