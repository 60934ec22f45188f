import { describe, expect, it } from 'vitest';
import { Estimator, weigh } from '../../../src/engine/evaluate/estimate';
import { Throttle } from '../../../src/engine/evaluate/throttle';

const work = (kind: 'scores' | 'gradient', family: string, passes: number) => ({ kind, family, passes });

describe('Estimator', () => {
  it('knows nothing before anything was measured', () => {
    expect(new Estimator().secondsFor([work('scores', 'clean', 10)])).toBeNull();
    expect(new Estimator().secondsFor([])).toBe(0);
  });

  it('takes the rate of the family, then of the kind, then three forward passes for a gradient', () => {
    const estimator = new Estimator();
    estimator.record(work('scores', 'clean', 100), 1);
    expect(estimator.secondsFor([work('scores', 'corruption', 200)])).toBeCloseTo(2);
    expect(estimator.secondsFor([work('gradient', 'attack/pgd', 100)])).toBeCloseTo(3);
    estimator.record(work('gradient', 'attack/pgd', 100), 5);
    expect(estimator.secondsFor([work('gradient', 'attack/pgd', 100)])).toBeCloseTo(5);
    expect(estimator.secondsFor([work('gradient', 'curve', 100)])).toBeCloseTo(5);
    estimator.record(work('gradient', 'curve', 100), 1);
    expect(estimator.secondsFor([work('gradient', 'curve', 100), work('gradient', 'attack/pgd', 20)])).toBeCloseTo(2);
  });
});

describe('weigh', () => {
  it('counts a gradient as three passes', () => {
    expect(weigh([work('scores', 'a', 5), work('gradient', 'b', 2)])).toBe(11);
  });
});

describe('Throttle', () => {
  it('acts at once, then no oftener than the interval, and no more than a tenth of the time', async () => {
    let now = 0;
    let acts = 0;
    const throttle = new Throttle(500, () => now);
    const act = (takes: number) =>
      throttle.run(async () => {
        acts++;
        now += takes;
      });
    await act(1);
    expect(acts).toBe(1);
    now = 400;
    await act(1);
    expect(acts).toBe(1);
    now = 502;
    await act(200); // ends at 702; a tenth of the time: not before 702 + 1800
    expect(acts).toBe(2);
    now = 2400;
    await act(1);
    expect(acts).toBe(2);
    now = 2503;
    await act(1);
    expect(acts).toBe(3);
  });
});
