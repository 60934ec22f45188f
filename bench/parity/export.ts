/**
 * Writes, for each model of a folder, random inputs, random output weights, and our gradient of Σ weights ⊙ output, for
 * `compare.py` to hold against PyTorch.
 *
 *   npx tsx bench/parity/export.ts MODELS OUT [NAME…]
 *   python bench/parity/compare.py MODELS OUT
 */
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { create } from '@bufbuild/protobuf';
import { buildDataGraph } from '../../src/engine/dataGraph';
import { RobustnessError } from '../../src/engine/error';
import { differentiate } from '../../src/engine/gradient/differentiate';
import { exampleShape } from '../../src/engine/onnx/batch';
import { GraphBuilder } from '../../src/engine/onnx/builder';
import { Constants } from '../../src/engine/onnx/constants';
import { GraphProtoSchema, ValueInfoProtoSchema } from '../../src/engine/onnx/generated/onnx_pb';
import { prepareModel } from '../../src/engine/onnx/prepare';
import { dataInput } from '../../src/engine/onnx/preprocess';
import { elementCount } from '../../src/engine/onnx/tensor';
import { modelBytes } from '../../src/engine/onnx/write';
import { Random } from '../../src/engine/random';
import { createSession, floats } from '../../src/engine/runtime';

const [models, out, ...only] = process.argv.slice(2) as [string, string, ...string[]];
const points = 4;
const preprocess = { mean: [0], std: [1], layout: 'flat', channels: 'rgb' } as const;

function* modelFiles(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const file = path.join(folder, entry.name);
    if (entry.isDirectory()) yield* modelFiles(file);
    else if (entry.name.endsWith('.onnx')) yield file;
  }
}

interface Exported {
  name: string;
  file: string;
  /** [points, ...] as the model takes it; [points, units]. */
  shape?: readonly number[];
  outputs?: readonly number[];
  /** Which tensor of the model is weighted: the scores, or what a bypassed softmax takes. */
  tensor?: string;
  bypassed?: string | null;
  /** The file has no batch dimension. */
  whole?: boolean;
  error?: string;
}

async function exportModel(file: string, name: string): Promise<Exported> {
  const prepared = await prepareModel(file);
  const { input } = prepared;
  const shape = exampleShape(input);
  const data = await buildDataGraph(prepared, { preprocess, exampleShape: shape, kind: 'vector' });
  const { unavailable, reasons } = data.status;
  if (unavailable.length > 0) {
    return { name, file, error: `unavailable: ${unavailable.map((n) => `${n} (${reasons[n]})`).join(', ')}` };
  }
  if (data.status.straightThrough.length > 0) {
    const names = data.status.straightThrough.join(', ');
    return { name, file, error: `estimated: autograd has no derivative of ${names} to compare with` };
  }
  const random = Random.of(5, name);
  const graph = create(GraphProtoSchema, {
    ...data.graph,
    node: [...data.graph.node],
    initializer: [...data.graph.initializer],
  });
  const builder = new GraphBuilder(graph);
  const seed = builder.fresh('seed');
  graph.input = [...graph.input, create(ValueInfoProtoSchema, { ...graph.input[0]!, name: seed })];
  const tensor = data.head.tensor;
  graph.input[1] = create(ValueInfoProtoSchema, {
    name: seed,
    type: { value: { case: 'tensorType', value: { elemType: 1 } } },
  });
  const gradient = differentiate({
    builder,
    observation: data.observation,
    constants: new Constants(graph),
    from: [dataInput],
    arriving: new Map([[tensor, seed]]),
  }).get(dataInput)!;
  graph.output = [tensor, gradient].map((each) => create(ValueInfoProtoSchema, { name: each }));
  const session = await createSession(modelBytes(data.model, graph));
  const count = data.batched ? points : 1;
  const size = elementCount(shape);
  const x = Float32Array.from({ length: points * size }, () => 0.5 * random.normal());
  const gradients = new Float32Array(points * size);
  let weights = new Float32Array(0);
  let values = new Float32Array(0);
  let outputs: readonly number[] = [];
  for (let at = 0; at < points; at += count) {
    const feed = { [dataInput]: floats(x.slice(at * size, (at + count) * size), [count, ...shape]) };
    const zero = await createShape(data, feed);
    outputs = zero.dims;
    const per = zero.data.length;
    if (weights.length === 0) {
      weights = Float32Array.from({ length: (per / count) * points }, () => random.normal());
      values = new Float32Array(weights.length);
    }
    const own = weights.slice((at * per) / count, (at * per) / count + per);
    const result = await session.run({ ...feed, [seed]: floats(own, zero.dims) });
    gradients.set(result[gradient]!.data as Float32Array, at * size);
    values.set(result[tensor]!.data as Float32Array, (at * per) / count);
  }
  await session.release();
  await prepared.original.release();
  for (const [part, array] of Object.entries({ x, weights, gradients, values })) {
    writeFileSync(path.join(out, `${name}.${part}.f32`), new Uint8Array(array.buffer));
  }
  return {
    name,
    file,
    shape,
    outputs,
    tensor,
    bypassed: data.head.bypassed,
    whole: prepared.graph.input[0]?.name === 'ri_whole',
  };
}

/** The weighted tensor at these inputs, for its shape. */
async function createShape(
  data: Awaited<ReturnType<typeof buildDataGraph>>,
  feed: Parameters<Awaited<ReturnType<typeof createSession>>['run']>[0],
) {
  const graph = create(GraphProtoSchema, {
    ...data.graph,
    output: [create(ValueInfoProtoSchema, { name: data.head.tensor })],
  });
  const session = await createSession(modelBytes(data.model, graph));
  const value = (await session.run(feed))[data.head.tensor]!;
  await session.release();
  return { dims: value.dims, data: value.data as Float32Array };
}

mkdirSync(out, { recursive: true });
const exported: Exported[] = [];
for (const file of modelFiles(models)) {
  const name = path
    .relative(models, file)
    .replace(/\.onnx$/, '')
    .replaceAll(path.sep, '__');
  if (only.length > 0 && !only.some((part) => name.includes(part))) continue;
  try {
    exported.push(await exportModel(file, name));
  } catch (error) {
    if (!(error instanceof RobustnessError)) throw error;
    exported.push({ name, file, error: `${error.code}: ${error.message}` });
  }
  console.error(name, exported.at(-1)?.error ?? 'exported');
}
writeFileSync(path.join(out, 'index.json'), JSON.stringify(exported, null, 1));
