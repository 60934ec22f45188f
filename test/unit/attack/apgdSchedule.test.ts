import { describe, expect, it } from 'vitest';
import { checkpoints, StepSchedule } from '../../../src/engine/attack/apgdSchedule';

describe('checkpoints', () => {
  it("are the paper's for 100 iterations", () => {
    expect(checkpoints(100)).toEqual([22, 41, 57, 70, 80, 87, 93, 99]);
  });

  it('exist for any number of iterations, and never stand still', () => {
    for (let iterations = 1; iterations <= 300; iterations++) {
      const points = checkpoints(iterations);
      expect(points[0]).toBe(Math.max(1, Math.trunc((22 * iterations) / 100)));
      expect(points.every((p, i) => p <= iterations && p > (points[i - 1] ?? 0))).toBe(true);
    }
  });
});

describe('step size', () => {
  /** Iterations after which the step was halved, for the loss after each of 100 iterations. */
  const halvings = (loss: (iteration: number) => number) => {
    const schedule = new StepSchedule(100, 2);
    const halved: number[] = [];
    for (let i = 0; i <= 100; i++) if (schedule.observe(loss(i))) halved.push(i);
    expect(schedule.step).toBe(2 / 2 ** halved.length);
    return halved;
  };

  it('stays while the loss keeps growing', () => {
    expect(halvings((i) => i)).toEqual([]);
  });

  it('is halved at every checkpoint while the loss oscillates', () => {
    expect(halvings((i) => i % 2)).toEqual(checkpoints(100));
  });

  it('allows a quarter of the steps to go down', () => {
    // 17 rises of 22 are more than three quarters, 16 are not.
    const rises = (n: number) => (i: number) => (i <= n ? i : n - i);
    expect(halvings(rises(17))[0]).toBe(41);
    expect(halvings(rises(16))[0]).toBe(22);
  });

  it('is halved where the loss grows but never beats the best, though not twice in a row for that', () => {
    // Falls deep at 23 and climbs from there: no oscillation after that, and no new best either.
    const climb = (i: number) => (i <= 22 ? i : i - 1000);
    expect(halvings(climb)).toEqual([41, 70, 87, 99]);
  });
});
