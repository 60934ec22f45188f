import { describe, expect, it } from 'vitest';
import type { AttackThreat } from '../../../src/engine/attack/types';
import { createVerifier, type VerifierModel } from '../../../src/engine/attack/verify';
import { RobustnessError } from '../../../src/engine/error';

/** Scores of one example: its own first `classes` values, so that a test writes down what the model says. */
const echo: VerifierModel = { classes: 3, exampleSize: 4, predict: async (x) => pick(x, 3) };

function pick(x: Float32Array, classes: number): Float32Array {
  return Float32Array.from(
    { length: (x.length / 4) * classes },
    (_, i) => x[Math.floor(i / classes) * 4 + (i % classes)]!,
  );
}

const clean = [0.5, 0.4, 0.3, 0.5];
const linf: AttackThreat = { norm: 'linf', epsilon: 0.25, bounds: [0, 1] };

async function verdict(adversarial: number[], threat: AttackThreat = linf, x: number[] = clean, label = 0) {
  const result = await createVerifier(echo).confirm({
    x: Float32Array.from(x),
    adversarial: Float32Array.from(adversarial),
    y: Int32Array.from([label]),
    threat,
  });
  expect(result.confirmed[0]).toBe(result.reasons[0] === null ? 1 : 0);
  return { confirmed: result.confirmed[0], reason: result.reasons[0], distance: result.distance[0]! };
}

describe('the verifier confirms', () => {
  it('an admissible example that another class wins', async () => {
    const { confirmed, distance } = await verdict([0.4, 0.6, 0.3, 0.5]);
    expect(confirmed).toBe(1);
    expect(distance).toBeCloseTo(0.2, 6);
  });

  it('a point on the edge of the ball, as float32 has it', async () => {
    expect((await verdict([0.25, 0.65, 0.3, 0.5])).confirmed).toBe(1);
  });

  it('what rounding to float32 adds: a millionth, and a millionth of what is larger than 1', async () => {
    const radius = Math.fround(0.65) - Math.fround(0.4);
    expect((await verdict([0.5, 0.65, 0.3, 0.5], { ...linf, epsilon: radius - 9e-7 })).confirmed).toBe(1);
    expect((await verdict([0.5, 0.65, 0.3, 0.5], { ...linf, epsilon: radius - 2e-6 })).confirmed).toBe(0);
    const wide = { norm: 'linf', epsilon: 1000, bounds: [0, 2000] } as const;
    expect((await verdict([0, 1000.9, 0, 0], wide, [1, 0.8999, 0, 0])).confirmed).toBe(1);
    expect((await verdict([0, 1000.9, 0, 0], wide, [1, 0.89, 0, 0])).confirmed).toBe(0);
  });

  it('an example under an unbounded threat', async () => {
    const threat = { norm: 'l2', epsilon: Number.POSITIVE_INFINITY, bounds: null } as const;
    expect((await verdict([-1e6, 1e6, 0, 0], threat)).confirmed).toBe(1);
  });

  it('row by row, with the prediction and the scores of the original model', async () => {
    const result = await createVerifier(echo).confirm({
      x: Float32Array.from([...clean, ...clean, ...clean]),
      adversarial: Float32Array.from([0.4, 0.6, 0.3, 0.5, ...clean, 0.4, 0.35, 0.45, 0.5]),
      y: Int32Array.from([0, 0, 0]),
      threat: linf,
    });
    expect(Array.from(result.confirmed)).toEqual([1, 0, 1]);
    expect(Array.from(result.prediction)).toEqual([1, 0, 2]);
    expect(result.scores).toHaveLength(9);
  });
});

describe('the verifier refuses', () => {
  // Each line stands for one check; a verifier without it lets the line through.
  it.each<[string, number[], AttackThreat, RegExp]>([
    ['what leaves the linf ball', [0.2, 0.6, 0.3, 0.5], linf, /linf distance/],
    ['what leaves the ball by little', [0.4, 0.6, 0.3, 0.75001], linf, /linf distance/],
    [
      'what leaves the l2 ball though no value does',
      [0.4, 0.6, 0.3, 0.6],
      { ...linf, norm: 'l2', epsilon: 0.24 },
      /l2/,
    ],
    ['what leaves the l1 ball', [0.4, 0.6, 0.3, 0.5], { ...linf, norm: 'l1', epsilon: 0.29 }, /l1 distance/],
    ['more changed values than l0 allows', [0.4, 0.6, 0.3, 0.5], { ...linf, norm: 'l0', epsilon: 1 }, /l0 distance/],
    ['a value below the bounds', [0.4, 0.6, 0.3, -0.01], { ...linf, epsilon: 1 }, /outside the bounds/],
    ['a value above the bounds', [0.4, 1.01, 0.3, 0.5], { ...linf, epsilon: 1 }, /outside the bounds/],
    ['NaN', [0.4, 0.6, Number.NaN, 0.5], { ...linf, epsilon: Number.POSITIVE_INFINITY }, /not finite/],
    [
      'infinity',
      [0.4, 0.6, 0.3, Number.POSITIVE_INFINITY],
      { ...linf, epsilon: Number.POSITIVE_INFINITY, bounds: null },
      /not finite/,
    ],
    ['what the model still gets right', [0.5, 0.45, 0.3, 0.5], linf, /true class/],
    ['a tie that the true class wins by coming first', [0.4, 0.4, 0.3, 0.5], linf, /true class/],
  ])('%s', async (_, adversarial, threat, why) => {
    const { confirmed, reason } = await verdict(adversarial, threat);
    expect(confirmed).toBe(0);
    expect(reason).toMatch(why);
  });

  it('a change of what is passed through, however small', async () => {
    const held = createVerifier({ ...echo, free: 3 });
    const request = { x: Float32Array.from(clean), y: Int32Array.of(0), threat: linf };
    const confirm = async (last: number) =>
      (await held.confirm({ ...request, adversarial: Float32Array.of(0.4, 0.6, 0.3, last) })).reasons[0];
    expect(await confirm(0.5)).toBeNull();
    expect(await confirm(0.5000001)).toMatch(/passed through/);
  });

  it('NaN without calling its distance a number', async () => {
    const { distance } = await verdict([0.4, 0.6, Number.NaN, 0.5]);
    expect(distance).toBeNaN();
  });

  it('scores that are not numbers', async () => {
    const broken = createVerifier({ ...echo, predict: async () => Float32Array.from([0.1, Number.NaN, 0.9]) });
    const request = { x: Float32Array.from(clean), adversarial: Float32Array.from(clean), y: Int32Array.from([0]) };
    const result = await broken.confirm({ ...request, threat: linf });
    expect(result.confirmed[0]).toBe(0);
    expect(result.reasons[0]).toMatch(/not finite/);
  });
});

describe('the verifier confirms', () => {
  it('a tie that another class wins by coming first, as clean accuracy is counted', async () => {
    const { confirmed } = await verdict([0.4, 0.4, 0.3, 0.5], linf, clean, 1);
    expect(confirmed).toBe(1);
  });
});

describe('the verifier stops at', () => {
  it.each([
    ['a model with the wrong number of scores', { ...echo, predict: async () => new Float32Array(2) }, 4, /returned 2/],
    ['arrays that do not fit', echo, 3, /4 clean and 3 adversarial/],
  ])('%s', async (_, model, length, why) => {
    const error = await createVerifier(model)
      .confirm({
        x: Float32Array.from(clean),
        adversarial: Float32Array.from(clean.slice(0, length)),
        y: Int32Array.from([0]),
        threat: linf,
      })
      .catch((caught: unknown) => caught);
    expect(RobustnessError.is(error, 'attack/verify')).toBe(true);
    expect(String(error)).toMatch(why);
  });
});

describe('a random model', () => {
  /** Wrong in the runs of each example that `wrong` counts, right in the others; four values an example, as above. */
  const drawing = (wrong: readonly number[], draws: number): VerifierModel => {
    let run = 0;
    return {
      classes: 3,
      exampleSize: 4,
      draws,
      async predict() {
        run++;
        return Float32Array.from(wrong.flatMap((times) => (run <= times ? [0, 0, 1] : [1, 0, 0])));
      },
    };
  };
  const confirm = (wrong: readonly number[], draws: number) => {
    const x = Float32Array.from(wrong.flatMap(() => clean));
    return createVerifier(drawing(wrong, draws)).confirm({
      x,
      adversarial: x.slice(),
      y: new Int32Array(wrong.length),
      threat: linf,
    });
  };

  it('must be wrong in most of its runs, whatever the first one says', async () => {
    const { confirmed, prediction, reasons } = await confirm([0, 1, 10, 11, 21], 21);
    expect([...confirmed]).toEqual([0, 0, 0, 1, 1]);
    expect([...prediction]).toEqual([0, 0, 0, 2, 2]);
    expect(reasons[2]).toContain('in 11 of 21 runs');
    expect(reasons[0]).toBe('the original model still predicts the true class');
  });

  it('is run once where nothing is said of it', async () => {
    const { draws: _, ...once } = drawing([1], 1);
    const x = Float32Array.from(clean);
    const { confirmed } = await createVerifier(once).confirm({ x, adversarial: x, y: new Int32Array(1), threat: linf });
    expect(confirmed[0]).toBe(1);
  });
});

describe('the verifier of a target', () => {
  const x = Float32Array.from([...clean, ...clean, ...clean, ...clean]);
  // Wrong in favour of class 1, of class 2, right, and of both classes alike.
  const adversarial = Float32Array.from([0.4, 0.6, 0.3, 0.5, 0.4, 0.35, 0.45, 0.5, ...clean, 0.42, 0.44, 0.44, 0.5]);
  const y = Int32Array.of(0, 0, 0, 0);

  it('confirms where that class is predicted, and no other', async () => {
    const confirm = (target: number) =>
      createVerifier(echo).confirm({ x, adversarial, y, targets: new Int32Array(4).fill(target), threat: linf });
    expect([...(await confirm(1)).confirmed]).toEqual([1, 0, 0, 1]);
    const { confirmed, reasons } = await confirm(2);
    expect([...confirmed]).toEqual([0, 1, 0, 0]);
    expect(reasons[0]).toMatch(/another class than the target 2/);
    expect(reasons[2]).toMatch(/still predicts the true class/);
  });

  it('asks for the ball and the bounds as ever', async () => {
    const targets = Int32Array.of(1, 1, 1, 1);
    const { confirmed } = await createVerifier(echo).confirm({
      x,
      adversarial,
      y,
      targets,
      threat: { ...linf, epsilon: 0.15 },
    });
    expect([...confirmed]).toEqual([0, 0, 0, 1]);
  });

  it.each([0, -1, 3])('refuses the target %i, which is not another class', async (target) => {
    const targets = new Int32Array(4).fill(target);
    const { confirmed } = await createVerifier(echo).confirm({ x, adversarial, y, targets, threat: linf });
    expect([...confirmed]).toEqual([0, 0, 0, 0]);
  });

  it('refuses another number of targets than of examples', async () => {
    const request = { x, adversarial, y, targets: Int32Array.of(1), threat: linf };
    await expect(createVerifier(echo).confirm(request)).rejects.toMatchObject({ code: 'attack/verify' });
  });

  it('wants it in most runs of a random model: to be wrong in most is not enough', async () => {
    let run = 0;
    const turns = (winners: readonly number[]): VerifierModel => ({
      classes: 3,
      exampleSize: 4,
      draws: winners.length,
      predict: async () => {
        const winner = winners[run++ % winners.length];
        return Float32Array.from([0, 1, 2], (k) => (k === winner ? 1 : 0));
      },
    });
    const one = { x: x.slice(0, 4), adversarial: adversarial.slice(0, 4), y: Int32Array.of(0), threat: linf };
    const confirmed = async (winners: readonly number[]) => {
      run = 0;
      return (await createVerifier(turns(winners)).confirm({ ...one, targets: Int32Array.of(1) })).confirmed[0];
    };
    expect(await confirmed([1, 1, 0, 1, 2])).toBe(1);
    expect(await confirmed([1, 1, 2, 2, 0])).toBe(0);
    expect(await confirmed([2, 2, 2, 2, 1])).toBe(0);
  });
});
