import { readdirSync } from 'node:fs';
import * as path from 'node:path';
import { create } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { buildDataGraph, type DataGraph } from '../../../src/engine/dataGraph';
import { RobustnessError } from '../../../src/engine/error';
import { differentiate } from '../../../src/engine/gradient/differentiate';
import { exampleShape } from '../../../src/engine/onnx/batch';
import { floatValueInfo, GraphBuilder } from '../../../src/engine/onnx/builder';
import { Constants } from '../../../src/engine/onnx/constants';
import { GraphProtoSchema } from '../../../src/engine/onnx/generated/onnx_pb';
import { unitsOf } from '../../../src/engine/onnx/head';
import { prepareModel } from '../../../src/engine/onnx/prepare';
import { dataInput } from '../../../src/engine/onnx/preprocess';
import { modelBytes } from '../../../src/engine/onnx/write';
import { Random } from '../../../src/engine/random';
import { createSession, floats } from '../../../src/engine/runtime';
import { materialAvailable, materialClassifiers, materialRoot } from '../material';

/** Why a model here has no gradient, or cannot be opened: by error code or by what is said to be unavailable. */
const exceptions: Readonly<Record<string, string>> = {};

const known = new Set(materialClassifiers.map((model) => model.path));
const files = materialAvailable
  ? ['', 'acasxu', 'layerzoo']
      .flatMap((folder) =>
        readdirSync(path.join(materialRoot, 'models', folder)).map((name) =>
          path.join(materialRoot, 'models', folder, name),
        ),
      )
      .filter((file) => file.endsWith('.onnx') && !known.has(file))
  : [];

/** Σ weights ⊙ outputs at each of many points, and its gradient at one. */
async function scalarised(data: DataGraph, random: Random) {
  const size = data.plan.from.reduce((a, b) => a * b, 1);
  const units = unitsOf(data.head.tensor, data.observation);
  const weights = Float32Array.from({ length: units }, () => random.normal());
  const graph = create(GraphProtoSchema, {
    ...data.graph,
    node: [...data.graph.node],
    initializer: [...data.graph.initializer],
  });
  const builder = new GraphBuilder(graph);
  const shape = builder.op('Shape', [data.head.tensor]);
  const outputs = builder.op('Reshape', [data.head.tensor, builder.ints([-1, units])]);
  const rows = builder.op('Expand', [builder.floats(weights, [1, units]), builder.op('Shape', [outputs])]);
  builder.named('Identity', [outputs], 'outputs');
  const gradient = differentiate({
    builder,
    observation: data.observation,
    constants: new Constants(graph),
    from: [dataInput],
    arriving: new Map([[data.head.tensor, builder.op('Reshape', [rows, shape])]]),
  }).get(dataInput)!;
  graph.output = [floatValueInfo('outputs', ['N', units]), floatValueInfo(gradient, ['N', ...data.plan.from])];
  const session = await createSession(modelBytes(data.model, graph));
  const point = (x: Float32Array) => ({ [dataInput]: floats(x, [1, ...data.plan.from]) });
  return {
    size,
    async value(x: Float32Array) {
      const out = (await session.run(point(x), ['outputs'])).outputs!.data as Float32Array;
      return out.reduce((sum, v, i) => sum + v * weights[i]!, 0);
    },
    async gradient(x: Float32Array) {
      return (await session.run(point(x), [gradient]))[gradient]!.data as Float32Array;
    },
    release: () => session.release(),
  };
}

describe.skipIf(!materialAvailable)('gradients of networks without data', () => {
  it.each(files.map((file) => [path.basename(file, '.onnx'), file]))(
    '%s',
    async (name, file) => {
      const expected = exceptions[name];
      try {
        const prepared = await prepareModel(file);
        const shape = exampleShape(prepared.input);
        const preprocess = { mean: [0], std: [1], layout: 'flat', channels: 'rgb' } as const;
        const data = await buildDataGraph(prepared, { preprocess, exampleShape: shape, kind: 'vector' });
        if (data.status.unavailable.length > 0) {
          expect(data.status.unavailable.join()).toBe(expected);
          return;
        }
        expect(expected).toBeUndefined();
        await agrees(data, name);
        await prepared.original.release();
      } catch (error) {
        if (!RobustnessError.is(error) || expected === undefined) throw error;
        expect(error.code).toBe(expected);
      }
    },
    300_000,
  );
});

/** Cosine of the slopes by gradient and by differences. */
const enough = 0.999;

async function agrees(data: DataGraph, name: string): Promise<void> {
  const random = Random.of(11, name);
  const f = await scalarised(data, random);
  // Pictures of 224 pixels cost a second each on two cores: one point of a network of millions of weights meets all its layers.
  const large = f.size > 20_000;
  const [inputs, directions] = large ? [1, 4] : [32, 12];
  // Smaller steps drown in the rounding of their sums.
  const steps = large ? [3e-2, 1e-2, 3e-3, 1e-3, 2e-4] : [3e-2, 1e-2, 3e-3, 1e-3, 2e-4, 5e-5];
  for (let i = 0; i < inputs; i++) {
    let best = -1;
    for (let attempt = 0; attempt < 5 && best < enough; attempt++) {
      const x = Float32Array.from({ length: f.size }, () => 0.5 * random.normal());
      const gradient = await f.gradient(x);
      const along = Array.from({ length: directions }, () => Float32Array.from(x, () => random.normal()));
      const slopes = along.map((v) => v.reduce((sum, a, j) => sum + a * gradient[j]!, 0));
      for (const h of steps) {
        const differences: number[] = [];
        for (const v of along) {
          const at = (sign: number) => f.value(x.map((a, j) => a + sign * h * v[j]!));
          differences.push(((await at(1)) - (await at(-1))) / (2 * h));
        }
        best = Math.max(best, cosine(slopes, differences));
        if (best >= enough) break;
      }
    }
    expect(best).toBeGreaterThanOrEqual(enough);
  }
  await f.release();
}

/** 1 where both are exactly zero: a region in which every rectifier is off is flat for both. */
function cosine(a: readonly number[], b: readonly number[]): number {
  const dot = (p: readonly number[], q: readonly number[]) => p.reduce((sum, v, i) => sum + v * q[i]!, 0);
  const [aa, bb] = [dot(a, a), dot(b, b)];
  if (aa === 0 && bb === 0) return 1;
  return aa === 0 || bb === 0 ? 0 : dot(a, b) / Math.sqrt(aa * bb);
}
