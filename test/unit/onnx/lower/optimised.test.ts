import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import * as ort from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type OpenedModel, openModel } from '../../../../src/engine/model';
import { exampleShape } from '../../../../src/engine/onnx/batch';
import { classifierBorder, graphFacts } from '../../../../src/engine/onnx/inspect';
import { readModel } from '../../../../src/engine/onnx/read';
import { Random } from '../../../../src/engine/random';
import { materialAvailable, materialRoot } from '../../material';
import { bytesOf } from '../model';
import { transformer } from './transformer';

/** What ONNX Runtime's optimizer writes down for an exported model must open and differentiate as the model itself does. */
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'optimised-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function optimised(model: string): Promise<string> {
  const file = path.join(folder, `${path.basename(model, '.onnx')}.optimised.onnx`);
  const session = await ort.InferenceSession.create(model, {
    graphOptimizationLevel: 'extended',
    optimizedModelFilePath: file,
    executionProviders: ['cpu'],
    logSeverityLevel: 4,
  });
  await session.release();
  return file;
}

async function open(file: string): Promise<OpenedModel> {
  const { input } = classifierBorder(graphFacts(await readModel(file)));
  const preprocess = { mean: [0], std: [1], layout: 'flat', channels: 'rgb' } as const;
  return openModel(file, { preprocess, exampleShape: exampleShape(input), kind: 'vector', threads: 1 });
}

/** Largest relative distance between the gradients of both, over single examples. */
async function apart(one: OpenedModel, other: OpenedModel): Promise<number> {
  expect(one.facts.gradient).toMatchObject({ available: true, straightThrough: [] });
  expect(other.facts.gradient).toMatchObject({ available: true, straightThrough: [] });
  const { exampleSize } = one.oracle;
  const random = Random.of(3, 'optimised');
  const n = 3;
  const x = Float32Array.from({ length: n * exampleSize }, () => random.uniform());
  const y = Int32Array.from({ length: n }, (_, i) => i % one.oracle.classes);
  const [a, b] = [(await one.oracle.gradient(x, y, 'ce')).gradient, (await other.oracle.gradient(x, y, 'ce')).gradient];
  let worst = 0;
  for (let i = 0; i < n; i++) {
    const norm = (f: (k: number) => number) =>
      Math.sqrt(Array.from({ length: exampleSize }, (_, k) => f(i * exampleSize + k) ** 2).reduce((s, v) => s + v, 0));
    worst = Math.max(worst, norm((k) => a[k]! - b[k]!) / norm((k) => a[k]!));
  }
  return worst;
}

async function compared(model: string): Promise<{ distance: number; operators: string[] }> {
  const [one, other] = [await open(model), await open(await optimised(model))];
  try {
    return { distance: await apart(one, other), operators: Object.keys(other.facts.operators) };
  } finally {
    await one.release();
    await other.release();
  }
}

const fusedConvolutions = ['com.microsoft:FusedConv'];
const fusedProducts = ['com.microsoft:FusedGemm'];

describe('models that ONNX Runtime has optimised', () => {
  it('transformer: residual normalisations, activations with their biases and scaled products', async () => {
    const file = path.join(folder, 'transformer.onnx');
    await writeFile(file, bytesOf(transformer({ length: 6, width: 16, heads: 4, layers: 2, classes: 5 })));
    const { distance, operators } = await compared(file);
    const fused = ['com.microsoft:BiasGelu', 'com.microsoft:FusedMatMul', 'com.microsoft:SkipLayerNormalization'];
    expect(operators).toEqual(expect.arrayContaining(fused));
    expect(distance).toBeLessThan(1e-4);
  });

  it.skipIf(!materialAvailable).each([
    ['vnn2023__pgd_2_3_16', ['com.microsoft:FusedMatMul']],
    ['vnn2021__resnet_2b', [...fusedConvolutions, ...fusedProducts]],
    ['vnn2021__Convnet_maxpool', fusedConvolutions],
    ['vnn2021__cifar10_small', [...fusedConvolutions, ...fusedProducts]],
    ['vnn2021__ffnnSIGMOID__Point_6x200', fusedProducts],
    ['winml__mnist', fusedConvolutions],
  ])('%s', async (name, fused) => {
    const { distance, operators } = await compared(path.join(materialRoot, 'models', `${name}.onnx`));
    expect(operators).toEqual(expect.arrayContaining(fused));
    expect(distance).toBeLessThan(1e-4);
  });

  it.skipIf(!materialAvailable)('winml__SqueezeNet_fp16, whose halves became casts', async () => {
    const { distance, operators } = await compared(path.join(materialRoot, 'models', 'winml__SqueezeNet_fp16.onnx'));
    expect(operators).toContain('Cast');
    expect(distance).toBeLessThan(1e-4);
  });
});
