import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { certifyProperty } from '../../../src/engine/certify/certify';
import { type Falsification, falsify } from '../../../src/engine/certify/falsify';
import { openNetwork } from '../../../src/engine/certify/network';
import { type Property, parseVnnlib } from '../../../src/engine/certify/vnnlib';
import { floatValueInfo } from '../../../src/engine/onnx/builder';
import { bytesOf, TestModel, wave } from '../onnx/model';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'falsify-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** A file of a network with the input x. */
async function written(
  name: string,
  input: readonly (number | string)[],
  output: readonly (number | string)[],
  body: (m: TestModel) => string,
) {
  const model = new TestModel(input);
  const path = join(folder, `${name}.onnx`);
  await writeFile(path, bytesOf(model.finish(body(model), output, 18)));
  return path;
}

function property(inputs: number, outputs: number, ...asserts: string[]): Property {
  const declare = (kind: string, count: number) =>
    Array.from({ length: count }, (_, i) => `(declare-const ${kind}_${i} Real)`).join('');
  return parseVnnlib(`${declare('X', inputs)}${declare('Y', outputs)}${asserts.map((a) => `(assert ${a})`).join('')}`);
}

async function search(path: string, asked: Property, seed = 0, rounds = 3): Promise<Falsification> {
  const network = await openNetwork(path, asked, { threads: 1 });
  try {
    return await falsify(network, asked, { seed, deadline: performance.now() + 20_000, rounds });
  } finally {
    await network.release();
  }
}

/** Relu(x W1 + b1) W2: `units` hidden ones, a fixed batch of 1. */
const layered = (name: string, inputs: number, units: number, outputs: number) =>
  written(name, [1, inputs], [1, outputs], (m) => {
    const hidden = m.op('Add', [
      m.op('MatMul', ['x', m.builder.floats(wave(inputs * units), [inputs, units])]),
      m.builder.floats(wave(units, 2), [units]),
    ]);
    return m.op('MatMul', [m.op('Relu', [hidden]), m.builder.floats(wave(units * outputs, 1), [units, outputs])]);
  });

const bounds = (inputs: number, low: number, high: number) =>
  Array.from({ length: inputs }, (_, i) => `(<= ${low} X_${i} ${high})`);

describe('the search for counterexamples', () => {
  it('climbs to a corner of many inputs that random points never reach', async () => {
    const inputs = 60;
    // The sum of |weights|, and a little less of it than the corner gives.
    const weights = wave(inputs);
    const path = await written('linear', ['n', inputs], ['n', 1], (m) =>
      m.op('MatMul', ['x', m.builder.floats(weights, [inputs, 1])]),
    );
    const most = weights.reduce((sum, weight) => sum + Math.abs(weight), 0);
    const found = await search(path, property(inputs, 1, ...bounds(inputs, -1, 1), `(>= Y_0 ${0.999 * most})`));
    expect(found.counterexample?.output[0]).toBeGreaterThanOrEqual(0.999 * most);
    expect(found.backwards).toBeGreaterThan(0);
    const none = await search(path, property(inputs, 1, ...bounds(inputs, -1, 1), `(>= Y_0 ${1.001 * most})`));
    expect(none).toMatchObject({ counterexample: null, refused: 0 });
  });

  it('measures its steps in sides of the box, which differ by orders of magnitude', async () => {
    const path = await written('scales', [1, 2], [1, 1], (m) => {
      // 1 - |x0 - 3e-4| 1e4 - |x1 - 700| / 100: above 0.9 in a spot of the box.
      const shifted = m.op('Sub', ['x', m.builder.floats(Float32Array.of(3e-4, 700), [2])]);
      const sizes = m.op('Mul', [m.op('Abs', [shifted]), m.builder.floats(Float32Array.of(1e4, 0.01), [2])]);
      return m.op('Sub', [
        m.builder.scalar(1),
        m.op('MatMul', [sizes, m.builder.floats(Float32Array.of(1, 1), [2, 1])]),
      ]);
    });
    const asked = property(2, 1, '(<= 0 X_0 0.001)', '(<= -1000 X_1 1000)', '(>= Y_0 0.999)');
    const { counterexample } = await search(path, asked, 1, 12);
    expect(counterexample?.input[0]).toBeCloseTo(3e-4, 6);
    expect(Math.abs(counterexample!.input[1]! - 700)).toBeLessThan(0.2);
  });

  it('meets several conditions at once', async () => {
    const path = await layered('layered', 3, 8, 3);
    // Outputs at some inner point of the second box: a small window about them.
    const inner = property(3, 3, ...bounds(3, 0.4, 0.4), '(>= Y_0 -1000)');
    const y = (await search(path, inner)).counterexample!.output;
    const window = [...y].map((value, k) => `(<= ${value - 2e-3} Y_${k} ${value + 2e-3})`);
    const { counterexample } = await search(path, property(3, 3, ...bounds(3, -2, 2), ...window), 0, 40);
    expect(counterexample?.margin).toBeGreaterThanOrEqual(0);
    for (const [k, value] of y.entries()) expect(Math.abs(counterexample!.output[k]! - value)).toBeLessThan(2.1e-3);
  });

  it('looks into each box of a disjunction', async () => {
    const path = await written('boxes', [1, 2], [1, 2], (m) => m.op('Mul', ['x', m.builder.scalar(2)]));
    const box = (low: number, high: number) => `(and ${bounds(2, low, high).join(' ')})`;
    const asked = property(
      2,
      2,
      `(or ${box(-2, -1)} ${box(0.25, 0.5)} ${box(-9, -8)})`,
      '(>= Y_0 0.99)',
      '(>= Y_1 0.99)',
    );
    const { counterexample } = await search(path, asked);
    for (const value of counterexample!.input) expect(Math.abs(value - 0.4975)).toBeLessThan(0.003);
  });

  it('follows conditions on inputs too', async () => {
    const path = await written('copy', [1, 2], [1, 2], (m) => m.op('Mul', ['x', m.builder.scalar(1)]));
    // A sliver along the diagonal, which one point in 100,000 lies in.
    const asked = property(2, 2, ...bounds(2, 0, 1), '(>= (- Y_0 X_1) 0.001)', '(<= (- Y_0 X_1) 0.00101)');
    const { counterexample } = await search(path, asked, 0, 40);
    const [x0, x1] = counterexample!.input;
    expect(x0! - x1!).toBeCloseTo(0.001, 4);
  });

  it('is the same with the same seed, and another with another', async () => {
    const path = await layered('seeded', 5, 6, 2);
    const asked = property(5, 2, ...bounds(5, -1, 1), '(<= 0.1 (- Y_0 Y_1) 0.15)');
    const [first, second, other] = [
      await search(path, asked, 4),
      await search(path, asked, 4),
      await search(path, asked, 5),
    ];
    expect(first.counterexample).not.toBeNull();
    expect(second.counterexample).toEqual(first.counterexample);
    expect(other.counterexample?.input).not.toEqual(first.counterexample!.input);
  });

  it('does without gradients where an operator has none', async () => {
    const path = await written('flat', [1, 4], [1, 1], (m) => {
      const whole = m.op('Floor', [m.op('Mul', ['x', m.builder.scalar(5)])]);
      return m.op('ReduceSum', [whole, m.builder.ints([1])], { keepdims: 1 });
    });
    // All four at 5: a corner; the sums below are plateaus.
    const asked = property(4, 1, ...bounds(4, 0, 1), '(>= Y_0 19)');
    const { counterexample } = await search(path, asked, 0, 30);
    expect(counterexample?.output[0]).toBeGreaterThanOrEqual(19);
  });

  it('takes a last sigmoid as what the property speaks of', async () => {
    const path = await written('sigmoid', [1, 1], [1, 1], (m) => m.op('Sigmoid', ['x']));
    const found = await search(path, property(1, 1, '(<= -2 X_0 2)', '(>= Y_0 0.88)'));
    expect(found.counterexample?.output[0]).toBeCloseTo(0.88, 2);
    expect((await search(path, property(1, 1, '(<= -2 X_0 2)', '(>= Y_0 0.89)'))).counterexample).toBeNull();
  });

  it('looks before a saturated softmax, where a property only compares', async () => {
    const inputs = 30;
    const path = await written('softmax', ['n', inputs], ['n', 2], (m) => {
      const weights = new Float32Array(2 * inputs);
      for (let i = 0; i < inputs; i++) weights[2 * i + (i % 2)] = 50;
      const scores = m.op('MatMul', ['x', m.builder.floats(weights, [inputs, 2])]);
      const shifted = m.op('Add', [scores, m.builder.floats(Float32Array.of(0, 1400), [2])]);
      return m.op('Softmax', [shifted], { axis: 1 });
    });
    // Softmax is [0, 1] all over the box but in a corner of it.
    const asked = property(inputs, 2, ...bounds(inputs, -1, 1), '(>= Y_0 Y_1)');
    const { counterexample } = await search(path, asked);
    expect(counterexample?.output[0]).toBeGreaterThanOrEqual(counterexample!.output[1]!);
  });

  it('evaluates a box of one point, and stops there', async () => {
    const path = await layered('point', 2, 3, 1);
    const asked = (sign: string) => property(2, 1, '(= X_0 0.5)', '(= X_1 0.1)', `(${sign} Y_0 1000)`);
    expect((await search(path, asked('<='))).counterexample).toMatchObject({ rounded: [1] });
    expect((await search(path, asked('>='))).counterexample).toBeNull();
  });

  it('ends at the deadline', async () => {
    const path = await layered('late', 5, 6, 2);
    const asked = property(5, 2, ...bounds(5, -1, 1), '(>= Y_0 1000)');
    const network = await openNetwork(path, asked, { threads: 1 });
    const start = performance.now();
    const { counterexample, forwards } = await falsify(network, asked, { seed: 0, deadline: start + 300 });
    await network.release();
    expect(counterexample).toBeNull();
    expect(forwards).toBeGreaterThan(1000);
    expect(performance.now() - start).toBeLessThan(3000);
  });

  it('refuses a property of another network', async () => {
    const path = await layered('other', 3, 3, 2);
    await expect(openNetwork(path, property(3, 1, ...bounds(3, 0, 1)))).rejects.toMatchObject({
      code: 'certify/mismatch',
    });
    await expect(openNetwork(path, property(2, 2, ...bounds(2, 0, 1)))).rejects.toMatchObject({
      code: 'certify/mismatch',
    });
  });

  it('feeds several inputs one after another', async () => {
    const model = new TestModel([1, 2]);
    model.graph.input.push(floatValueInfo('z', [1, 1]));
    const y = model.op('Sub', [model.op('MatMul', ['x', model.builder.floats(Float32Array.of(1, 10), [2, 1])]), 'z']);
    const path = join(folder, 'two.onnx');
    await writeFile(path, bytesOf(model.finish(y, [1, 1], 18)));
    const asked = property(3, 1, '(<= 0 X_0 1)', '(<= 0 X_1 2)', '(<= -5 X_2 3)', '(>= Y_0 26)');
    const { counterexample } = await search(path, asked);
    expect([...counterexample!.input]).toEqual([1, 2, -5]);
    expect([...counterexample!.output]).toEqual([26]);
  });

  it('calls a property robust that no input can break', async () => {
    const model = await layered('empty', 2, 3, 1);
    const file = join(folder, 'empty.vnnlib');
    await writeFile(
      file,
      '(declare-const X_0 Real)(declare-const X_1 Real)(declare-const Y_0 Real)(assert (<= 0 X_0 1 X_1 0.5))',
    );
    const result = await certifyProperty(model, file, { timeout: 10, seed: 0, threads: 1 });
    expect(result).toMatchObject({ verdict: 'robust', method: 'empty', counterexample: null, forwards: 0 });
  });
});
