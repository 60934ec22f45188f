import { describe, expect, it } from 'vitest';
import type { OutputAttack } from '../../../src/engine/attack/output';
import { type OutputStep, outputStage } from '../../../src/engine/evaluate/regression/attack';
import type { OutputContext } from '../../../src/engine/evaluate/regression/stage';
import { emptyRegression } from '../../../src/engine/evaluate/regression/state';
import type { ResolvedThreatModel } from '../../../src/engine/spec/schema';

const threat = { norm: 'linf', epsilon: 0.5, bounds: null } as const;
const count = 3;

/** An attack that moves every example by so much, up and down alike; the output is twice the only input. */
function stageThatMoves(by: number, attackIndex: number) {
  const attack: OutputAttack = {
    name: 'pgd',
    title: 'Moves',
    needs: 'gradient',
    norms: ['linf'],
    source: 'none',
    run: async ({ x, aim }) => ({
      points: x.map((v, i) => v + by * Math.sign(aim[i]!)),
      values: new Float64Array(x.length),
    }),
  };
  const step: OutputStep = {
    threatIndex: 0,
    attackIndex,
    last: attackIndex === 1,
    threatName: 'box',
    threat,
    attack,
    budget: { iterations: 1, restarts: 1, queries: 0 },
    tolerance: { value: 0.6, relative: false },
    unitSize: 8,
    outputs: 1,
    galleryQuota: 0,
  };
  return outputStage(step);
}

async function after(...moves: readonly number[]) {
  const planned = { name: 'pgd', title: 'Moves', needs: 'gradient' };
  const attacks = moves.map(() => ({ attack: planned, budget: { iterations: 1, restarts: 1, queries: 0 } }));
  const state = emptyRegression([{ name: 'box' } as ResolvedThreatModel], count, 1, [attacks as never]);
  const x = Float32Array.of(0, 1, 2);
  state.predictions.set([0, 2, 4]);
  state.targets.set([0, 2, 4]);
  for (const of of state.threats) {
    of.lowest.set(state.predictions);
    of.highest.set(state.predictions);
    of.within.fill(1);
  }
  const predict = async (points: Float32Array) => points.map((v) => 2 * v);
  const model = { classes: 1, exampleSize: 1, exampleShape: [1], counts: { forwards: 0, backwards: 0 } };
  const context = {
    oracle: { ...model, logits: predict },
    original: { predict, classes: 1, exampleSize: 1 },
    facts: { kind: 'sequence', shape: [1], range: null },
    seed: 0,
    state,
  } as unknown as OutputContext;
  const indices = Int32Array.of(0, 1, 2);
  for (const [k, by] of moves.entries()) {
    const stage = stageThatMoves(by, k);
    stage.apply(state, indices, await stage.run({ indices, x, y: new Int32Array(count) }, context));
  }
  return state.threats[0]!;
}

describe('attacks on outputs, one after another', () => {
  it('count what lies within the ball alone', async () => {
    const outside = await after(0.6);
    expect([...outside.change]).toEqual([0, 0, 0]);
    expect([...outside.within]).toEqual([1, 1, 1]);
    expect(outside.attacks[0]!.refused).toBe(2 * count);
  });

  it('leave the worst of all of them, whichever found it', async () => {
    for (const moves of [
      [0.5, 0.1],
      [0.1, 0.5],
    ]) {
      const found = await after(...moves);
      expect([...found.change]).toEqual([1, 1, 1]);
      expect([...found.absolute]).toEqual([1, 1, 1]);
      expect([...found.lowest]).toEqual([-1, 1, 3]);
      expect([...found.highest]).toEqual([1, 3, 5]);
      // 0.2 is within the tolerance, 1 is not: one attack that leaves it is enough.
      expect([...found.within]).toEqual([0, 0, 0]);
      expect([...found.worstBy]).toEqual(new Array(count).fill(moves.indexOf(0.5)));
    }
  });
});
