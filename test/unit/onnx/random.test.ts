import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { create } from '@bufbuild/protobuf';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inspectModel, openModel } from '../../../src/engine/model';
import { float } from '../../../src/engine/onnx/attribute';
import { floatValueInfo } from '../../../src/engine/onnx/builder';
import { TensorProtoSchema } from '../../../src/engine/onnx/generated/onnx_pb';
import { randomOperators, withMeans } from '../../../src/engine/onnx/random';
import { upgradeGraph } from '../../../src/engine/onnx/upgrade';
import { modelBytes } from '../../../src/engine/onnx/write';
import { createSession, floats } from '../../../src/engine/runtime';
import { bytesOf, TestModel } from './model';

const width = 6;
const classes = 3;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'random-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

type Layer = (m: TestModel) => string;

const trained: Layer = (m) => {
  m.graph.initializer.push(
    create(TensorProtoSchema, { name: 'training', dataType: 9, dims: [], rawData: Uint8Array.of(1) }),
  );
  return m.op('Dropout', ['x', m.builder.scalar(0.25), 'training']);
};

/** Each shakes the input; a linear classifier follows. */
const layers: Readonly<Record<string, { readonly layer: Layer; readonly names: readonly string[] }>> = {
  'normal noise of the input’s shape': {
    layer: (m) => m.op('Add', ['x', m.op('RandomNormalLike', ['x'], { scale: float(0.5) })]),
    names: ['RandomNormalLike'],
  },
  'normal noise that a batch shares': {
    layer: (m) => m.op('Add', ['x', m.op('RandomNormal', [], { scale: float(0.5), shape: [1, width] })]),
    names: ['RandomNormal'],
  },
  'uniform noise with the file’s own seed': {
    layer: (m) =>
      m.op('Add', ['x', m.op('RandomUniformLike', ['x'], { low: float(-1), high: float(1), seed: float(7) })]),
    names: ['RandomUniformLike'],
  },
  'Bernoulli units': { layer: (m) => m.op('Bernoulli', [m.op('Sigmoid', ['x'])]), names: ['Bernoulli'] },
  'Dropout in training mode': { layer: trained, names: ['Dropout'] },
};

function modelWith(layer: Layer): TestModel {
  const m = new TestModel(['N', width]);
  const weights = m.builder.floats(
    Array.from({ length: width * classes }, (_, i) => Math.sin(2 * i + 1)),
    [width, classes],
  );
  m.builder.named('MatMul', [layer(m), weights], 'scores');
  return m;
}

async function save(name: string, layer: Layer): Promise<string> {
  const file = path.join(folder, `${name.replaceAll(/\W+/g, '-')}.onnx`);
  await writeFile(file, bytesOf(modelWith(layer).finish('scores', ['N', classes], 18)));
  return file;
}

const open = (file: string) =>
  openModel(file, {
    preprocess: { mean: [0], std: [1], layout: 'flat', channels: 'rgb' },
    exampleShape: [width],
    kind: 'vector',
    threads: 1,
  });

const x = Float32Array.from({ length: 2 * width }, (_, i) => Math.cos(i));

describe('a model that draws random numbers', () => {
  it.each(Object.entries(layers))('%s: batched, differentiable, named', async (name, { layer, names }) => {
    const model = await open(await save(name, layer));
    try {
      expect(model.facts.random).toEqual(names);
      expect(model.facts.batch).toBe('dynamic');
      expect(model.oracle.differentiable).toBe(true);
      const draws = [await model.oracle.logits(x), await model.oracle.logits(x)];
      expect(draws[0]).not.toEqual(draws[1]);
      const { gradient } = await model.oracle.gradient(x, Int32Array.of(0, 1), 'ce');
      expect(gradient.some((g) => g !== 0)).toBe(true);
      // What the verifier draws is not what attacks see.
      expect(await model.original.predict(x)).not.toEqual(draws[0]);
    } finally {
      await model.release();
    }
  });

  it.each(Object.entries(layers))('%s: opened twice, it draws the same in both', async (name, { layer }) => {
    const file = await save(name, layer);
    const runs: Float32Array[][] = [];
    for (let turn = 0; turn < 2; turn++) {
      const model = await open(file);
      runs.push([
        await model.oracle.logits(x),
        await model.oracle.logits(x),
        (await model.oracle.gradient(x, Int32Array.of(2, 1), 'margin')).gradient,
        await model.original.predict(x),
        await model.original.predict(x),
      ]);
      await model.release();
    }
    expect(runs[1]).toEqual(runs[0]);
  });

  it('Dropout taken apart keeps three quarters, scaled so that the mean stays, as the file itself does', async () => {
    const m = new TestModel(['N', width]);
    const file = path.join(folder, 'dropout-alone.onnx');
    await writeFile(file, bytesOf(m.finish(trained(m), ['N', width], 18)));
    const model = await open(file);
    try {
      const n = 4000;
      const ones = new Float32Array(n * width).fill(1);
      for (const drawn of [await model.oracle.logits(ones), await model.original.predict(ones)]) {
        const kept = drawn.filter((v) => v !== 0);
        expect(new Set(kept)).toEqual(new Set([Math.fround(1 / 0.75)]));
        // Five standard deviations of a share of 24,000.
        expect(Math.abs(kept.length / drawn.length - 0.75)).toBeLessThan(5 * Math.sqrt(0.1875 / (n * width)));
      }
      const { logits, gradient } = await model.oracle.gradient(
        Float32Array.from({ length: width }, () => 1),
        Int32Array.of(0),
        'margin',
      );
      // What was dropped has no gradient in the same pass.
      logits.forEach((z, i) => {
        if (z === 0) expect(gradient[i]).toBe(0);
      });
    } finally {
      await model.release();
    }
  });

  it('a file without a seed, with its means in the place of draws, is the same in each run', async () => {
    for (const { layer } of Object.values(layers)) {
      const upgraded = upgradeGraph(modelWith(layer).graph, 18);
      expect(randomOperators(upgraded)).toHaveLength(1);
      upgraded.output = [floatValueInfo('scores', ['N', classes])];
      const proto = modelWith(layer).finish('scores', ['N', classes], 18).proto;
      const run = async (graph: typeof upgraded) => {
        const session = await createSession(modelBytes(proto, graph));
        const drawn = [];
        for (let k = 0; k < 2; k++) drawn.push((await session.run({ x: floats(x, [2, width]) })).scores!.data);
        await session.release();
        return drawn;
      };
      const [first, second] = await run(withMeans(upgraded));
      expect(first).toEqual(second);
      const [one, other] = await run(upgraded);
      expect(one).not.toEqual(other);
    }
  });

  it('ONNX Runtime draws Bernoulli the other way round: when it no longer does, its estimate turns its sign', async () => {
    const m = new TestModel(['N', 1]);
    const session = await createSession(bytesOf(m.finish(m.op('Bernoulli', ['x']), ['N', 1], 18)));
    const n = 4000;
    const drawn = await session.run({ x: floats(new Float32Array(n).fill(0.9), [n, 1]) });
    const mean = (drawn.y!.data as Float32Array).reduce((sum, v) => sum + v, 0) / n;
    expect(Math.abs(mean - 0.1)).toBeLessThan(5 * Math.sqrt(0.09 / n));
    await session.release();
  });

  it('Dropout that is not in training mode is none', async () => {
    const file = await save('inference', (m) => m.op('Dropout', ['x', m.builder.scalar(0.25)]));
    const model = await open(file);
    expect(model.facts.random).toBeUndefined();
    expect(await model.oracle.logits(x)).toEqual(await model.oracle.logits(x));
    await model.release();
  });

  it('a spread of 0, or bounds in the wrong order, would end the process: refused by name', async () => {
    const flat = await save('flat', (m) => m.op('Add', ['x', m.op('RandomNormalLike', ['x'], { scale: float(0) })]));
    await expect(inspectModel(flat)).rejects.toMatchObject({ code: 'model/crashes-runtime' });
    const turned = await save('turned', (m) =>
      m.op('Add', ['x', m.op('RandomUniformLike', ['x'], { low: float(1), high: float(0) })]),
    );
    await expect(inspectModel(turned)).rejects.toMatchObject({ code: 'model/crashes-runtime' });
  });
});
