import { create } from '@bufbuild/protobuf';
import type { DataGraph } from './dataGraph';
import { GraphProtoSchema, type NodeProto, ValueInfoProtoSchema } from './onnx/generated/onnx_pb';
import { dataInput } from './onnx/preprocess';
import { prunedTo } from './onnx/prune';
import { elementCount } from './onnx/tensor';
import { modelBytes } from './onnx/write';
import { createSession, floats, type SessionOptions } from './runtime';

/** What a model makes of examples just before its last linear layer. */
export interface Embedding {
  /** Numbers an example. */
  readonly size: number;
  /** [n, ...exampleShape] in data space -> [n, size] */
  rows(x: Float32Array): Promise<Float32Array>;
  release(): Promise<void>;
}

/** Wider ones are feature maps, not embeddings. */
const mostNumbers = 16_384;
/** Between the last linear layer and the scores there is little; further back it is not the last one. */
const mostSteps = 6;
const linear = new Set(['Gemm', 'MatMul']);
const batchSize = 32;

/** The embedding of a model, where its scores come from a linear layer of one known input; null elsewhere. */
export async function openEmbedding(data: DataGraph, session: SessionOptions): Promise<Embedding | null> {
  const name = embeddingName(data);
  if (name === null || data.observation.type(name) !== 'float32') return null;
  const shape = data.observation.shape(name);
  if (shape === undefined || shape[0] !== null || shape.slice(1).some((n) => n === null)) return null;
  const size = shape.slice(1).reduce<number>((product, n) => product * (n ?? 0), 1);
  if (size < 1 || size > mostNumbers || !data.batched) return null;
  const output = create(ValueInfoProtoSchema, { name });
  const graph = prunedTo(
    create(GraphProtoSchema, { ...data.graph, output: [...data.graph.output.filter((o) => o.name !== name), output] }),
    name,
  );
  const opened = await createSession(modelBytes(data.model, graph), session);
  const perExample = elementCount(data.plan.from);
  return {
    size,
    async rows(x) {
      const n = x.length / perExample;
      const rows = new Float32Array(n * size);
      for (let at = 0; at < n; at += batchSize) {
        const end = Math.min(n, at + batchSize);
        const fed = floats(x.slice(at * perExample, end * perExample), [end - at, ...data.plan.from]);
        const values = await opened.run({ [dataInput]: fed });
        rows.set(Float32Array.from(values[name]!.data as Float32Array), at * size);
      }
      return rows;
    },
    release: () => opened.release(),
  };
}

/** What goes into the last linear layer before the scores, by way of operators that take one computed tensor each. */
function embeddingName({ graph, head }: DataGraph): string | null {
  const made = new Map<string, NodeProto>(
    graph.node.flatMap((node) => node.output.map((name) => [name, node] as const)),
  );
  const constant = new Set(graph.initializer.map(({ name }) => name));
  let at = head.tensor;
  for (let step = 0; step < mostSteps; step++) {
    const node = made.get(at);
    if (node === undefined) return null;
    const computed = node.input.filter(
      (name) => name !== '' && !constant.has(name) && made.get(name)?.opType !== 'Constant',
    );
    const [only, ...others] = computed;
    if (only === undefined || others.length > 0) return null;
    if (linear.has(node.opType)) return made.has(only) && !isInput(only, made) ? only : null;
    at = only;
  }
  return null;
}

/** Whether a tensor is the input itself, put through what has no weights: that is no embedding. */
function isInput(name: string, made: ReadonlyMap<string, NodeProto>): boolean {
  for (let at = name; ; ) {
    if (at === dataInput) return true;
    const node = made.get(at);
    if (node === undefined) return at === dataInput;
    if (
      !['Identity', 'Flatten', 'Reshape', 'Transpose', 'Sub', 'Div', 'Mul', 'Cast', 'Squeeze', 'Unsqueeze'].includes(
        node.opType,
      )
    )
      return false;
    at = node.input[0] ?? '';
  }
}
