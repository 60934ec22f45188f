import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { floatBox, place } from '../../../src/engine/certify/box';
import { evolve } from '../../../src/engine/certify/evolve';
import { type Network, openNetwork } from '../../../src/engine/certify/network';
import { goalsOf } from '../../../src/engine/certify/slack';
import { type Property, parseVnnlib } from '../../../src/engine/certify/vnnlib';
import { type Walker, walk } from '../../../src/engine/certify/walk';
import { Watch } from '../../../src/engine/certify/watch';
import { Random } from '../../../src/engine/random';
import { bytesOf, TestModel, wave } from '../onnx/model';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'walk-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** x [1, inputs] times weights [inputs, outputs] */
async function linear(name: string, property: Property, weights: Float32Array): Promise<Network> {
  const { inputs, outputs } = property;
  const model = new TestModel([1, inputs]);
  const y = model.op('MatMul', ['x', model.builder.floats(weights, [inputs, outputs])]);
  const path = join(folder, `${name}.onnx`);
  await writeFile(path, bytesOf(model.finish(y, [1, outputs], 18)));
  return openNetwork(path, property, { threads: 1 });
}

function property(
  inputs: number,
  outputs: number,
  bounds: readonly (readonly [number, number])[],
  ...asserts: string[]
) {
  const declare = (kind: string, count: number) =>
    Array.from({ length: count }, (_, i) => `(declare-const ${kind}_${i} Real)`).join('');
  const boxes = bounds.map(([low, high], i) => `(assert (<= ${low} X_${i} ${high}))`).join('');
  return parseVnnlib(
    `${declare('X', inputs)}${declare('Y', outputs)}${boxes}${asserts.map((a) => `(assert ${a})`).join('')}`,
  );
}

/** What the search keeps of the only region, with slacks in their own units; no point is ever confirmed. */
function watching({ regions: [region], inputs, outputs }: Property): Watch {
  const { low, high, conjunctions } = region!;
  // Two points apart by 2: the standard deviation of y is 1.
  const goals = goalsOf(
    conjunctions,
    new Float32Array(2 * inputs),
    Float32Array.from({ length: 2 * outputs }, (_, i) => (i < outputs ? -1 : 1)),
    inputs,
    outputs,
  );
  return new Watch({ box: floatBox(low, high), goals, inputs, outputs, confirm: async () => false });
}

const walker = (given: Partial<Walker> = {}): Walker => ({
  goal: 0,
  climb: 'least',
  step: 'sign',
  first: 1,
  diversify: 0,
  random: Random.of(0, 'walker'),
  ...given,
});

async function best(
  network: Network,
  asked: Property,
  given: Partial<Walker>,
  iterations: number,
): Promise<readonly number[]> {
  const watch = watching(asked);
  const start = new Float32Array(asked.inputs);
  place(watch.box, 'centre', Random.of(0), start);
  await walk(network.oracle, watch, [walker(given)], start, iterations, () => false);
  await network.release();
  return [...watch.pool[0]!.x];
}

describe('a walk', () => {
  it.each(['sign', 'scaled'] as const)('by %s steps ends in the corner that the gradient points to', async (step) => {
    const weights = wave(40);
    const asked = property(
      40,
      1,
      Array.from({ length: 40 }, () => [-1, 1]),
      '(>= Y_0 1000)',
    );
    const x = await best(await linear(`corner-${step}`, asked, weights), asked, { step }, step === 'sign' ? 2 : 100);
    const reached = x.reduce((sum, value, j) => sum + value * weights[j]!, 0);
    const most = weights.reduce((sum, weight) => sum + Math.abs(weight), 0);
    expect(reached).toBeGreaterThan((step === 'sign' ? 0.99999 : 0.9) * most);
  });

  it.each(['sign', 'scaled'] as const)('by %s steps crosses narrow and wide sides alike', async (step) => {
    const asked = property(
      2,
      1,
      [
        [0, 1e-3],
        [-1000, 1000],
      ],
      '(>= Y_0 1e6)',
    );
    const x = await best(await linear(`sides-${step}`, asked, Float32Array.of(1e6, 1)), asked, { step }, 3);
    expect(x).toEqual([Math.fround(1e-3) > 1e-3 ? expect.closeTo(1e-3, 9) : Math.fround(1e-3), 1000]);
  });

  it('takes the inputs of a condition into account', async () => {
    const asked = property(
      2,
      1,
      [
        [-1, 1],
        [-1, 1],
      ],
      '(>= (- (* 0.5 Y_0) (* 2 X_0)) 50)',
    );
    // By the output alone it would go up in X_0.
    const x = await best(await linear('inputs', asked, Float32Array.of(1, 1)), asked, {}, 2);
    expect(x).toEqual([-1, 1]);
  });

  it('goes for all conditions that fail, or for the worst one', async () => {
    const asked = property(
      3,
      2,
      [
        [-1, 1],
        [-1, 1],
        [-1, 1],
      ],
      '(>= Y_0 10)',
      '(>= Y_1 12)',
    );
    // X_2 helps the first and harms the second, which is worse.
    const weights = Float32Array.of(1, 0, 0, 1, 1, -0.5);
    const lacking = await best(await linear('lacking', asked, weights), asked, { climb: 'lacking' }, 1);
    const least = await best(await linear('least', asked, weights), asked, { climb: 'least' }, 1);
    expect(lacking[0]).toBe(1);
    expect(least).toEqual([0, 1, -1]);
  });

  it('halves its steps until it stands on a ridge', async () => {
    const asked = property(
      2,
      2,
      [
        [-1, 1],
        [-1, 1],
      ],
      '(>= Y_0 1)',
      '(>= Y_1 1)',
    );
    // Slacks 3 x0 - x1 and -2 x0 - x1 (less 1): best where x1 = -1 and x0 = 0.
    const x = await best(
      await linear('ridge', asked, Float32Array.of(3, -2, -1, -1)),
      asked,
      { climb: 'least', first: 0.7 },
      100,
    );
    expect(x[1]).toBe(-1);
    expect(Math.abs(x[0]!)).toBeLessThan(0.01);
  });

  it('follows a random direction of the outputs at first where it is told to', async () => {
    const asked = property(
      4,
      4,
      Array.from({ length: 4 }, () => [-1, 1]),
      '(>= Y_0 10)',
    );
    const identity = Float32Array.from({ length: 16 }, (_, i) => (i % 5 === 0 ? 1 : 0));
    const network = await linear('odi', asked, identity);
    const watch = watching(asked);
    const walkers = Array.from({ length: 8 }, (_, i) => walker({ diversify: 2, random: Random.of(i, 'odi') }));
    const x = new Float32Array(32);
    await walk(network.oracle, watch, walkers, x, 1, () => false);
    await network.release();
    const ends = new Set(Array.from({ length: 8 }, (_, i) => String(x.subarray(4 * i + 1, 4 * i + 4))));
    expect(ends.size).toBeGreaterThan(3);
  });
});

describe('evolution', () => {
  it('finds a spot without gradients, and keeps to the box', async () => {
    const asked = property(
      3,
      3,
      [
        [0, 1],
        [-50, 50],
        [1e-4, 2e-4],
      ],
      '(<= -1e-3 (- Y_0 0.7) 1e-3)',
      '(<= -0.1 (- Y_1 33) 0.1)',
      '(<= -1e-6 (- Y_2 1.2e-4) 1e-6)',
    );
    const identity = Float32Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1);
    const network = await linear('spot', asked, identity);
    const { low, high, conjunctions } = asked.regions[0]!;
    const box = floatBox(low, high);
    const random = Random.of(2, 'evolution');
    const x = new Float32Array(64 * 3);
    for (let i = 0; i < 64; i++) place(box, 'uniform', random, x.subarray(3 * i, 3 * i + 3));
    const goals = goalsOf(conjunctions, x, x, 3, 3);
    const watch = new Watch({ box, goals, inputs: 3, outputs: 3, confirm: async () => false });
    await watch.see(x, x);
    const before = watch.pool[0]!.value;
    await evolve(network.oracle, watch, 64, 80, random, () => false);
    await network.release();
    expect(before).toBeLessThan(0);
    expect(watch.pool[0]!.value).toBeGreaterThanOrEqual(0);
    for (const { x: point } of watch.pool) {
      for (let j = 0; j < 3; j++) {
        expect(point[j]).toBeGreaterThanOrEqual(box.low[j]!);
        expect(point[j]).toBeLessThanOrEqual(box.high[j]!);
      }
    }
  });
});
