import { create } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { differentiate } from '../../../src/engine/gradient/differentiate';
import { type Attributes, floatValueInfo, GraphBuilder } from '../../../src/engine/onnx/builder';
import { Constants } from '../../../src/engine/onnx/constants';
import {
  GraphProtoSchema,
  ModelProtoSchema,
  OperatorSetIdProtoSchema,
  ValueInfoProtoSchema,
} from '../../../src/engine/onnx/generated/onnx_pb';
import { observe } from '../../../src/engine/onnx/observe';
import { modelBytes } from '../../../src/engine/onnx/write';
import { Random } from '../../../src/engine/random';
import { createSession, floats } from '../../../src/engine/runtime';

/** Shapes are observed at these batch sizes … */
const observed = [2, 3] as const;
/** … and hold at any other. */
const batches = [1, 5];
/** One example. */
const example = [3, 4];

type Graph = (b: GraphBuilder, op: GraphBuilder['op']) => string;

const weights = (b: GraphBuilder, dims: readonly number[]) =>
  b.floats(
    Float32Array.from({ length: dims.reduce((a, d) => a * d, 1) }, (_, i) => Math.sin(1.3 * i + 0.4)),
    dims,
  );
/** x as [3, N, 4]. */
const second = (op: GraphBuilder['op']) => op('Transpose', ['x'], { perm: [1, 0, 2] });
/** x as [3, 4, N]. */
const last = (op: GraphBuilder['op']) => op('Transpose', ['x'], { perm: [1, 2, 0] });
/** Rows of x that meet all other rows: [N, N], two sizes that move. */
const square = (b: GraphBuilder, op: GraphBuilder['op']) => {
  const rows = op('Reshape', ['x', b.ints([-1, 12])]);
  return op('MatMul', [rows, op('Transpose', [rows], { perm: [1, 0] })]);
};
const batchSize = (op: GraphBuilder['op']) => op('Shape', ['x'], { start: 0, end: 1 });
const table = (b: GraphBuilder, dims: number[], ...v: number[]) =>
  b.constant({ type: 'int64', dims, data: BigInt64Array.from(v, BigInt) });
const sliced =
  (starts: number[], ends: number[], axes: number[], steps: number[]): Graph =>
  (b, op) =>
    op('Slice', [second(op), b.ints(starts), b.ints(ends), b.ints(axes), b.ints(steps)]);
const padded =
  (pads: number[], axes: number[], attributes: Attributes = {}): Graph =>
  (b, op) =>
    op('Pad', [second(op), b.ints(pads), '', b.ints(axes)], attributes);

const graphs: Record<string, Graph> = {
  'time before batch, then a product': (b, op) => op('MatMul', [second(op), weights(b, [4, 2])]),
  'batch and time merged': (b, op) => op('MatMul', [op('Reshape', ['x', b.ints([-1, 4])]), weights(b, [4, 2])]),
  'time and batch merged': (b, op) => op('Tanh', [op('Reshape', [second(op), b.ints([-1, 4])])]),
  'batch merged with what follows it': (b, op) => op('Tanh', [op('Reshape', [second(op), b.ints([3, -1])])]),
  'flattened behind the batch': (_, op) => op('Tanh', [op('Flatten', [second(op)], { axis: 2 })]),
  'an axis in front of the batch': (b, op) =>
    op('Squeeze', [op('Unsqueeze', [second(op), b.ints([0, 2])]), b.ints([2])]),
  'reshape of two sizes that move': (b, op) => op('Tanh', [op('Reshape', [square(b, op), b.ints([-1])])]),
  'reshape by a computed shape': (b, op) =>
    op('Reshape', [second(op), op('Concat', [b.ints([2, 6]), batchSize(op)], { axis: 0 })]),

  'concat along the batch': (b, op) => op('Concat', ['x', op('Tanh', ['x']), weights(b, [2, 3, 4])], { axis: 0 }),
  'concat of batch-sized tensors in the middle': (b, op) =>
    op('Concat', [weights(b, [3, 1, 4]), second(op), op('Tanh', [second(op)])], { axis: 1 }),
  'concat of squares': (b, op) => op('Concat', [square(b, op), op('Tanh', [square(b, op)])], { axis: -1 }),
  'concat beside the batch': (_, op) => op('Concat', [second(op), op('Tanh', [second(op)])], { axis: 0 }),
  'split beside the batch': (b, op) => op('Mul', b.ops('Split', [last(op), b.ints([2, 2])], 2, { axis: 1 })),
  'split of the batch, one part': (b, op) => {
    const rest = op('Sub', [batchSize(op), b.ints([1])]);
    return b.ops('Split', ['x', op('Concat', [b.ints([1]), rest], { axis: 0 })], 2, { axis: 0 })[0]!;
  },

  'all but the first example': sliced([1], [2 ** 31], [1], [1]),
  'all but the last example': sliced([0], [-1], [1], [1]),
  'the last two examples': sliced([-2], [2 ** 62], [1], [1]),
  'every other example': sliced([0], [2 ** 31], [1], [2]),
  'the batch backwards, and a cut beside it': sliced([-1, 1], [-(2 ** 62), 3], [1, 2], [-1, 1]),
  'steps beside the batch': sliced([0, 3], [3, -5], [0, 2], [2, -2]),
  'a slice that begins where a computed number says': (b, op) => {
    const half = op('Div', [batchSize(op), b.ints([2])]);
    return op('Slice', ['x', half, batchSize(op), b.ints([0])]);
  },
  'a slice of a square': (b, op) => op('Slice', [square(b, op), b.ints([0]), b.ints([1]), b.ints([1])]),

  'the first example': (b, op) => op('Gather', [second(op), b.intScalar(0)], { axis: 1 }),
  'the last example, twice': (b, op) => op('Gather', [second(op), b.ints([-1, -1])], { axis: 1 }),
  'examples by a table': (b, op) => op('Gather', [second(op), table(b, [2, 2], 0, -1, 0, 0)], { axis: 1 }),
  'one step of each sequence': (b, op) => op('Gather', [second(op), b.intScalar(-1)], { axis: 0 }),
  'steps by a table, before the batch': (b, op) =>
    op('Gather', [second(op), table(b, [2, 3], 0, 2, 2, 1, 0, 0)], { axis: 0 }),
  'features by a table, behind the batch': (b, op) => op('Gather', [second(op), b.ints([3, 0, 2, 0])], { axis: 2 }),
  'examples by indices that are computed': (b, op) => {
    const order = op('Range', [b.intScalar(0), op('Squeeze', [batchSize(op)]), b.intScalar(1)]);
    return op('Gather', [second(op), op('Mul', [order, b.ints([0])])], { axis: 1 });
  },
  'a table of squares': (b, op) => op('Gather', [square(b, op), table(b, [1, 2], 0, -1)], { axis: 0 }),
  'by the position of the largest': (_, op) => {
    const at = op('ArgMax', ['x'], { axis: 2, keepdims: 1 });
    return op('GatherElements', ['x', at], { axis: 2 });
  },
  'points behind the batch': (b, op) => op('GatherND', [last(op), table(b, [3, 2], 0, 1, 2, 3, 0, 1)]),

  'zeros around the batch': padded([1, 2], [1]),
  'an edge repeated along the batch': padded([1, 2], [1], { mode: 'edge' }),
  'reflection behind the batch': padded([1, 2, 2, 1], [0, 2], { mode: 'reflect' }),
  'the first example cut off': padded([0, -1, 2, 1], [2, 1]),
  'padding by a computed number': (b, op) =>
    op('Pad', ['x', op('Concat', [b.ints([0, 0, 0, 0, 0]), batchSize(op)], { axis: 0 })]),

  'tiled beside the batch': (b, op) => op('Tile', [second(op), b.ints([2, 1, 3])]),
  'tiled along the batch': (b, op) => op('Tile', [second(op), b.ints([2, 2, 1])]),
  'squares tiled': (b, op) => op('Tile', [square(b, op), b.ints([2, 3])]),
  'tiled as often as there are examples': (b, op) => {
    const mean = op('ReduceSum', ['x', b.ints([0])], { keepdims: 1 });
    return op('Mul', [op('Tile', [mean, op('Concat', [batchSize(op), b.ints([1, 2])], { axis: 0 })]), b.scalar(0.5)]);
  },
  'a tensor tiled as often as there are examples': (b, op) =>
    op('Tile', [
      op('Gather', ['x', b.intScalar(0)], { axis: 0 }),
      op('Concat', [batchSize(op), b.ints([1])], { axis: 0 }),
    ]),
  'expanded to the batch': (b, op) =>
    op('Expand', [op('ReduceSum', [second(op), b.ints([1])], { keepdims: 1 }), op('Shape', [second(op)])]),
  'expanded in front of the batch': (b, op) => op('Expand', [second(op), b.ints([2, 1, 1, 1])]),

  'sums along the batch': (b, op) => op('CumSum', [second(op), b.intScalar(1)], { exclusive: 1 }),
  'triangle of squares': (b, op) => op('Trilu', [square(b, op), b.intScalar(-1)], { upper: 0 }),
  'largest beside the batch': (b, op) => b.ops('TopK', [last(op), b.ints([2])], 2, { axis: 1 })[0]!,
  'what a condition keeps beside the batch': (b, op) =>
    op('Compress', [last(op), op('Cast', [b.ints([1, 0, 1])], { to: 9 })], { axis: 0 }),
  'spectrum before the batch': (b, op) =>
    op('DFT', [op('Unsqueeze', [second(op), b.ints([-1])])], { axis: 2, onesided: 1 }),
  'written before the batch': (b, op) =>
    op('ScatterND', [
      second(op),
      b.constant({ type: 'int64', dims: [1, 1], data: BigInt64Array.of(1n) }),
      op('Tanh', [op('Slice', [second(op), b.ints([0]), b.ints([1]), b.ints([0])])]),
    ]),
  'depth to space': (b, op) =>
    op('DepthToSpace', [op('Reshape', ['x', b.ints([-1, 4, 1, 3])])], { blocksize: 2, mode: 'CRD' }),

  'examples against each other': (b, op) => op('Tanh', [square(b, op)]),
  'summed over the batch': (b, op) => {
    const rows = op('Reshape', ['x', b.ints([-1, 12])]);
    return op('MatMul', [op('Transpose', [rows], { perm: [1, 0] }), op('Tanh', [rows])]);
  },
  'stacks that broadcast': (b, op) => op('MatMul', [op('Unsqueeze', ['x', b.ints([1])]), weights(b, [2, 4, 3])]),
  'a matrix on the left': (b, op) => op('MatMul', [weights(b, [2, 3]), 'x']),
  'a matrix on the left of columns': (b, op) =>
    op('Gemm', [weights(b, [2, 12]), op('Reshape', ['x', b.ints([-1, 12])])], { transB: 1 }),
  'a dense layer of columns': (b, op) =>
    op('Gemm', [op('Reshape', [last(op), b.ints([12, -1])]), weights(b, [2, 12]), weights(b, [2])], {
      transA: 1,
      transB: 1,
    }),
  'einsum with the batch moved': (b, op) => op('Einsum', ['x', weights(b, [3, 4, 2])], { equation: 'bij,ijk->kb' }),
  'einsum over the batch': (_, op) => op('Einsum', ['x', op('Tanh', ['x'])], { equation: 'bij,bkj->ik' }),
  'einsum of squares': (_, op) => op('Einsum', ['x', 'x'], { equation: 'bij,cij->cb' }),
  'einsum that forgets the batch': (_, op) => op('Einsum', ['x'], { equation: 'bij->j' }),
};

/** Σ seed ⊙ y and its gradients by the rules; seeds are an input. */
async function prepare(make: Graph, seeds: number | null, seen = (batch: number) => point(batch, batch)) {
  const proto = create(ModelProtoSchema, {
    irVersion: 10n,
    opsetImport: [create(OperatorSetIdProtoSchema, { version: 18n })],
  });
  const graph = create(GraphProtoSchema, { name: 'test', input: [floatValueInfo('x', ['N', ...example])] });
  const builder = new GraphBuilder(graph);
  const y = make(builder, builder.op.bind(builder));
  const observation = await observe(proto, graph, (batch) => ({ x: seen(batch) }), observed);
  const forwardNodes = graph.node.length;
  const rank = observation.shape(y)!.length + (seeds === null ? 0 : 1);
  graph.input.push(
    floatValueInfo(
      'seed',
      Array.from({ length: rank }, (_, i) => `s${i}`),
    ),
  );
  const gradient = differentiate({
    builder,
    observation,
    constants: new Constants(graph),
    from: ['x'],
    arriving: new Map([[y, 'seed']]),
    ...(seeds === null ? {} : { seeds }),
  }).get('x')!;
  const session = async (output: string) => {
    const without = { input: graph.input.slice(0, 1), node: graph.node.slice(0, forwardNodes) };
    const whole = create(GraphProtoSchema, {
      ...graph,
      ...(output === y ? without : {}),
      output: [create(ValueInfoProtoSchema, { name: output })],
    });
    const opened = await createSession(modelBytes(proto, whole), { threads: 1 });
    return {
      run: async (feeds: Parameters<typeof opened.run>[0]) => (await opened.run(feeds))[output]!,
      release: () => opened.release(),
    };
  };
  return { forward: await session(y), backward: await session(gradient) };
}

function point(batch: number, seed: number, dims: readonly number[] = [batch, ...example]) {
  const random = Random.of(seed, 'batch-axis');
  return floats(
    Float32Array.from({ length: dims.reduce((a, d) => a * d, 1) }, () => random.normal()),
    dims,
  );
}

async function compare(
  make: Graph,
  batch: number,
  seeds: number | null,
  x = point(batch, 17),
  seen?: Parameters<typeof prepare>[2],
) {
  const { forward, backward } = await prepare(make, seeds, seen);
  const y = await forward.run({ x });
  const size = y.data.length;
  const seed = point(batch, 23, seeds === null ? y.dims : [seeds, ...y.dims]);
  const gradient = await backward.run({ x, seed });
  expect(gradient.dims).toEqual(seeds === null ? x.dims : [seeds, ...x.dims]);
  const data = x.data as Float32Array;
  const step = 5e-3;
  const along = async (i: number, sign: number) => {
    const moved = data.slice();
    moved[i] = moved[i]! + sign * step;
    return { y: (await forward.run({ x: floats(moved, x.dims) })).data as Float32Array, at: moved[i]! };
  };
  const rows = seeds ?? 1;
  const differences = new Float64Array(rows * data.length);
  for (let i = 0; i < data.length; i++) {
    const [above, below] = [await along(i, 1), await along(i, -1)];
    for (let row = 0; row < rows; row++) {
      const weight = (seed.data as Float32Array).subarray(row * size, (row + 1) * size);
      const change = weight.reduce((sum, w, k) => sum + w * (above.y[k]! - below.y[k]!), 0);
      differences[row * data.length + i] = change / (above.at - below.at);
    }
  }
  await Promise.all([forward.release(), backward.release()]);
  const norm = (v: Iterable<number>) => Math.sqrt(Array.from(v).reduce((sum, a) => sum + a * a, 0));
  const found = Array.from(gradient.data as Float32Array);
  return norm(found.map((g, i) => g - differences[i]!)) / Math.max(norm(found), norm(differences), 1e-6);
}

describe('gradients where the batch is not the first axis', () => {
  it.each(Object.entries(graphs))('%s', async (_, make) => {
    for (const batch of batches) {
      expect(await compare(make, batch, null), `batch ${batch}`).toBeLessThan(0.01);
    }
    expect(await compare(make, 4, 2), 'two seeds').toBeLessThan(0.01);
  });

  it('does not take a position that the data decides for one that is fixed', async () => {
    const largest: Graph = (b, op) => {
      const totals = op('ReduceSum', ['x', b.ints([0, 2])], { keepdims: 0 });
      return op('Gather', ['x', op('ArgMax', [totals], { axis: 0, keepdims: 0 })], { axis: 1 });
    };
    // Step 0 is the largest wherever shapes were observed; step 2 where the gradient is taken.
    const raised = (batch: number, step: number) => {
      const x = point(batch, 5);
      const data = (x.data as Float32Array).map((v, i) => (Math.floor(i / 4) % 3 === step ? v + 9 : v));
      return floats(data, x.dims);
    };
    expect(await compare(largest, 5, null, raised(5, 2), (batch) => raised(batch, 0))).toBeLessThan(0.01);
  });
});
