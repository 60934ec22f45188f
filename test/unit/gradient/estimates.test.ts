import { describe, expect, it } from 'vitest';
import { quantizedRules } from '../../../src/engine/gradient/derivative/quantized';
import { differentiableOperators, ruleOf } from '../../../src/engine/gradient/table';
import { float } from '../../../src/engine/onnx/attribute';
import { changesOf, notices } from './mutate';
import { disagreement, emittedTypes, gradients, type SingleNode } from './singleNode';

const [rows, columns] = [4, 5];
const dims = [rows, columns];
const vector = (op: string, data: Float32Array, rest: Partial<SingleNode> = {}): SingleNode => ({
  op,
  x: { dims, data },
  inputs: ['x'],
  ...rest,
});
const spread = Float32Array.from({ length: rows * columns }, (_, i) => 1.6 * Math.sin(2.3 * i + 0.4));
const chances = spread.map((v) => 0.5 + v / 4);

/** The gradient that arrives ({@link gradients}, seed 0). */
const seed = Float64Array.from(spread, (_, i) => Math.fround(Math.sin(1.7 * i + 0.3) + 0.2));
const passed = async () => [seed];

interface Estimate {
  readonly single: SingleNode;
  readonly expected: () => Promise<readonly Float64Array[]>;
}

/** Operators with a straight-through estimate, and what it should be; quantised ones are in quantized.test.ts. */
const estimates: Readonly<Record<string, Estimate>> = {
  Round: { single: vector('Round', spread), expected: passed },
  Floor: { single: vector('Floor', spread), expected: passed },
  Ceil: { single: vector('Ceil', spread), expected: passed },
  // The mean of what ONNX Runtime draws is 1 − x (random.test.ts).
  Bernoulli: {
    single: vector('Bernoulli', chances, { attributes: { seed: float(1) } }),
    expected: async () => [seed.map((g) => -g)],
  },
  Sign: {
    single: vector('Sign', spread),
    expected: async () => [seed.map((g, i) => (Math.abs(spread[i]!) <= 1 ? g : 0))],
  },
  Hardmax: {
    single: vector('Hardmax', spread, { attributes: { axis: 0 } }),
    expected: () => gradients(vector('Softmax', spread, { attributes: { axis: 0 } }), dims, 0),
  },
};

describe('straight-through estimates', () => {
  it('have an expectation each', () => {
    const estimated = differentiableOperators.filter((name) => {
      const [domain, opType] = name.includes(':') ? name.split(':') : ['', name];
      return ruleOf({ domain: domain!, opType: opType! })!.kind === 'straight-through' && !(name in quantizedRules);
    });
    expect(estimated.sort()).toEqual(Object.keys(estimates).sort());
  });

  it.each(Object.keys(estimates))('%s has the estimate of the literature', async (name) => {
    const { single, expected } = estimates[name]!;
    const differences = await expected();
    expect(differences[0]!.some((g) => Math.abs(g) > 0.01)).toBe(true);
    expect(disagreement({ gradients: await gradients(single, dims, 0), differences })).toBeLessThan(1e-6);
  });

  it.each(['Sign', 'Hardmax'])('%s: a change of any node that the rule emits is noticed', async (name) => {
    const { single, expected } = estimates[name]!;
    const emitted = await emittedTypes(single, dims);
    expect(emitted.length).toBeGreaterThan(1);
    for (const [i, node] of emitted.entries()) {
      for (const [kind, change] of changesOf(node)) {
        const seen = await notices(single, dims, await expected(), (graph, first) => change(graph, first + i));
        expect(seen, `${kind}${node.opType}`).toBe(true);
      }
    }
  });
});

describe('repeated values of Unique', () => {
  const x = [3, 1, 3, 2, 1, 1];
  const repeated = (sorted: number): SingleNode => ({
    op: 'Unique',
    x: { dims: [x.length], data: Float32Array.from(x) },
    inputs: ['x'],
    attributes: { sorted },
    outputs: 1,
  });

  it.each([
    ['sorted', 1, [1, 2, 3]],
    ['in the order of the input', 0, [3, 1, 2]],
  ] as const)('leave the gradient to the first, %s', async (_, sorted, distinct) => {
    const expected = new Float64Array(x.length);
    for (const [k, value] of distinct.entries()) expected[x.indexOf(value)] = seed[k]!;
    const single = repeated(sorted);
    const [gradient] = await gradients(single, [distinct.length], 0);
    for (const [i, g] of gradient!.entries()) expect(g).toBeCloseTo(expected[i]!, 6);
    // What central differences cannot show, since a step would change the shape of the output.
    for (const [i, node] of (await emittedTypes(single, [distinct.length])).entries()) {
      for (const [kind, change] of changesOf(node)) {
        const seen = await notices(single, [distinct.length], [expected], (graph, first) => change(graph, first + i));
        expect(seen, `${kind}${node.opType}`).toBe(true);
      }
    }
  });
});
