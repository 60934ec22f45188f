import * as path from 'node:path';
import { describe, expect, it } from 'vitest';
import { buildDataGraph } from '../../../src/engine/dataGraph';
import { exampleShape } from '../../../src/engine/onnx/batch';
import { prepareModel } from '../../../src/engine/onnx/prepare';
import { createWeightGradient, trainableWeights, type WeightTensor } from '../../../src/engine/oracle/weightGradient';
import { Random } from '../../../src/engine/random';
import { materialAvailable, materialRoot } from '../material';

const preprocess = { mean: [0], std: [1], layout: 'flat', channels: 'rgb' } as const;

async function opened(file: string) {
  const prepared = await prepareModel(file);
  const shape = exampleShape(prepared.input);
  const data = await buildDataGraph(prepared, { preprocess, exampleShape: shape, kind: 'vector' });
  return { data, size: shape.reduce((a, b) => a * b, 1), release: () => prepared.release() };
}

/** Slopes of the summed loss along random changes of one weight, by its gradient and by central differences. */
async function cosines(file: string, step: number): Promise<Record<string, number>> {
  const { data, size, release } = await opened(file);
  const random = Random.of(3, 'weights');
  const n = 3;
  const x = Float32Array.from({ length: n * size }, () => random.uniform());
  const y = Int32Array.from({ length: n }, () => random.integer(data.classes));
  const gradient = await createWeightGradient(data, 'ce');
  const base = await gradient.run(x, y);
  const total = async (name: string, values: Float32Array, dims: readonly number[]) => {
    const changed = new Map<string, WeightTensor>([[name, { dims, data: values }]]);
    return (await gradient.run(x, y, changed)).loss.reduce((sum, v) => sum + v, 0);
  };
  const result: Record<string, number> = {};
  for (const [name, { dims, data: values }] of gradient.weights) {
    const found = base.gradients.get(name)!;
    expect(found.dims).toEqual(dims);
    const scale = Math.sqrt(values.reduce((sum, v) => sum + v * v, 0) / values.length) || 1;
    const slopes: [number, number][] = [];
    for (let k = 0; k < 6; k++) {
      const along = Float32Array.from(values, () => scale * random.normal());
      const at = (sign: number) =>
        total(
          name,
          values.map((v, i) => v + sign * step * along[i]!),
          dims,
        );
      slopes.push([
        found.data.reduce((sum, g, i) => sum + g * along[i]!, 0),
        ((await at(1)) - (await at(-1))) / (2 * step),
      ]);
    }
    const sum = (f: (pair: [number, number]) => number) => slopes.reduce((s, pair) => s + f(pair), 0);
    const length = Math.sqrt(sum(([a]) => a * a));
    // What the loss does not depend on (a softmax's keys may all be shifted) has a slope of nothing but rounding.
    if (length > 1e-5) result[name] = sum(([a, b]) => a * b) / (length * Math.sqrt(sum(([, b]) => b * b)));
  }
  await gradient.release();
  await release();
  return result;
}

describe('gradients with respect to weights', () => {
  it('agree with central differences of the loss for every weight of the sample', async () => {
    const file = path.join(import.meta.dirname, '../../../samples/digits/models/plain.onnx');
    const found = await cosines(file, 1e-2);
    expect(Object.keys(found).length).toBeGreaterThan(2);
    for (const [name, cosine] of Object.entries(found)) expect([name, cosine > 0.995]).toEqual([name, true]);
  });

  it.skipIf(!materialAvailable).each(['vnn2021__Convnet_avgpool', 'vnn2021__resnet_2b', 'vnn2023__pgd_2_3_16'])(
    'of %s agree with central differences',
    async (name) => {
      const found = await cosines(path.join(materialRoot, 'models', `${name}.onnx`), 2e-3);
      expect(Object.keys(found).length).toBeGreaterThan(3);
      // Wide steps meet kinks of rectifiers, narrow ones round off: nine in ten weights agree closely, all in direction.
      const values = Object.values(found).sort((a, b) => a - b);
      expect(values[0]).toBeGreaterThan(0.9);
      expect(values[Math.floor(values.length / 10)]).toBeGreaterThan(0.99);
    },
  );

  it('leave out what rewriting added', async () => {
    const file = path.join(import.meta.dirname, '../../../samples/digits/models/plain.onnx');
    const { data, release } = await opened(file);
    const names = trainableWeights(data);
    expect(names.length).toBeGreaterThan(2);
    expect(names.filter((name) => name.startsWith('ri_'))).toEqual([]);
    await release();
  });
});
