import { create } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { expect } from 'vitest';
import { differentiate } from '../../../../src/engine/gradient/differentiate';
import { type Attributes, floatValueInfo, GraphBuilder } from '../../../../src/engine/onnx/builder';
import { Constants } from '../../../../src/engine/onnx/constants';
import {
  type GraphProto,
  GraphProtoSchema,
  ModelProtoSchema,
  OperatorSetIdProtoSchema,
  TensorProto_DataType,
  TensorProtoSchema,
  ValueInfoProtoSchema,
} from '../../../../src/engine/onnx/generated/onnx_pb';
import { type Observation, observe } from '../../../../src/engine/onnx/observe';
import { modelBytes } from '../../../../src/engine/onnx/write';
import { Random } from '../../../../src/engine/random';
import { createSession, floats } from '../../../../src/engine/runtime';

export type Type = 'uint8' | 'int8';
export const middle = { uint8: 128, int8: 0 } as const;
export const least = { uint8: 0, int8: -128 } as const;
const total = (dims: readonly number[]) => dims.reduce((a, d) => a * d, 1);

/** Builds a graph on "x" and returns the tensor that is its result. */
type Build = (b: QuantisedBuilder) => string;

class QuantisedBuilder {
  readonly b: GraphBuilder;
  constructor(readonly graph: GraphProto) {
    this.b = new GraphBuilder(graph);
  }

  integers(type: Type, values: readonly number[], dims: readonly number[]): string {
    const name = this.b.fresh('q');
    const rawData = Uint8Array.from(values, (v) => v & 255);
    const dataType = type === 'int8' ? TensorProto_DataType.INT8 : TensorProto_DataType.UINT8;
    this.graph.initializer.push(create(TensorProtoSchema, { name, dataType, dims: dims.map(BigInt), rawData }));
    return name;
  }

  zero(type: Type, point: number): string {
    return this.integers(type, [point], []);
  }

  quantised(x: string, scale: number, type: Type, point: number): string {
    return this.b.op('QuantizeLinear', [x, this.b.scalar(scale), this.zero(type, point)]);
  }

  real(q: string, scale: number, type: Type, point: number): string {
    return this.b.op('DequantizeLinear', [q, this.b.scalar(scale), this.zero(type, point)]);
  }

  /** One node of com.microsoft, or of the standard. */
  node(operator: string, inputs: readonly string[], attributes: Attributes = {}): string {
    const [domain, opType] = operator.includes(':') ? (operator.split(':') as [string, string]) : ['', operator];
    const output = this.b.op(opType, inputs, attributes);
    this.graph.node.at(-1)!.domain = domain;
    return output;
  }
}

interface Run {
  readonly y: Float32Array;
  readonly gradient: Float32Array;
}

const proto = create(ModelProtoSchema, {
  irVersion: 10n,
  opsetImport: [
    create(OperatorSetIdProtoSchema, { version: 21n }),
    create(OperatorSetIdProtoSchema, { domain: 'com.microsoft', version: 1n }),
  ],
});

/** Looks at or changes a graph behind which the gradient's nodes were put, before it is run. */
export type Change = (
  graph: GraphProto,
  emittedFrom: number,
  observed: (graph: GraphProto) => Promise<Observation>,
) => Promise<void> | void;

/** The graph's result at x, and the gradient of Σ seed ⊙ result (of both seeds, where they come at once). */
export async function run(
  build: Build,
  x: Float32Array,
  dims: readonly number[],
  seeds: 1 | 2 = 1,
  change?: Change,
): Promise<Run> {
  const graph = create(GraphProtoSchema, { name: 'test', input: [floatValueInfo('x', dims)] });
  const builder = new QuantisedBuilder(graph);
  const to = build(builder);
  const feeds = { x: floats(x, dims) };
  const observation = await observe(proto, graph, () => feeds, [1, 1]);
  const shape = observation.shape(to)!.map(Number);
  const seed = Float32Array.from({ length: seeds * total(shape) }, (_, i) => Math.sin(1.7 * i + 0.3) + 0.2);
  const emittedFrom = graph.node.length;
  const gradient = differentiate({
    builder: builder.b,
    observation,
    constants: new Constants(graph),
    from: ['x'],
    arriving: new Map([[to, builder.b.floats(seed, seeds === 2 ? [2, ...shape] : shape)]]),
    ...(seeds === 2 ? { seeds: 2 } : {}),
  }).get('x')!;
  graph.output = [to, gradient].map((name) => create(ValueInfoProtoSchema, { name }));
  await change?.(graph, emittedFrom, (whole) => observe(proto, whole, () => feeds, [1, 1]));
  const session = await createSession(modelBytes(proto, graph), { threads: 1 });
  try {
    const out = await session.run(feeds);
    expect(out[gradient]!.dims).toEqual([...(seeds === 2 ? [2] : []), ...dims]);
    return { y: out[to]!.data as Float32Array, gradient: out[gradient]!.data as Float32Array };
  } finally {
    await session.release();
  }
}

/** Integers well inside the range, so that nothing is clipped, and the real numbers that they stand for. */
export function grid(count: number, random: Random, scale: number, from = -40, to = 40): Float32Array {
  return Float32Array.from({ length: count }, () => scale * (from + random.integer(to - from)));
}

/** A quantised operator on x, and the operator on real numbers at the same values. */
interface Pair {
  readonly dims: readonly number[];
  readonly x: Float32Array;
  readonly quantised: Build;
  readonly real: Build;
  /** How far one step of the output is from the real result. */
  readonly step: number;
}

const xScale = 0.02;
const yScale = 0.1;

/** Weights as integers with a scale for each of `channels` (one for all if 1), and as real numbers. */
function weightsOf(type: Type, dims: readonly number[], channels: number, axis: number, random: Random) {
  const scales = Array.from({ length: channels }, () => random.between(0.005, 0.02));
  const points = Array.from({ length: channels }, () => middle[type] + random.integer(5) - (channels > 1 ? 2 : 0));
  // ONNX Runtime wants one zero point for all channels.
  const point = type === 'int8' ? 0 : points[0]!;
  const behind = total(dims.slice(axis + 1));
  const channelOf = (i: number) => (channels === 1 ? 0 : Math.floor(i / behind) % dims[axis]!);
  const integers = Array.from({ length: total(dims) }, () => point + random.integer(81) - 40);
  const reals = integers.map((q, i) => (q - point) * scales[channelOf(i)]!);
  return {
    real: (q: QuantisedBuilder) => q.b.floats(reals, dims),
    inputs: (q: QuantisedBuilder) => [
      q.integers(type, integers, dims),
      q.b.floats(scales, channels === 1 ? [] : [channels]),
      q.integers(type, Array<number>(channels).fill(point), channels === 1 ? [] : [channels]),
    ],
  };
}

export const types = fc.record({
  x: fc.constantFrom<Type>('uint8', 'int8'),
  w: fc.constantFrom<Type>('uint8', 'int8'),
  seed: fc.integer({ min: 0, max: 1e6 }),
  perChannel: fc.boolean(),
});
type Types = typeof types extends fc.Arbitrary<infer T> ? T : never;

function layer(operator: string, real: string, dims: readonly number[], attributes: Attributes = {}, step = yScale) {
  return ({ x: type, seed }: Types): Pair => ({
    dims,
    x: grid(total(dims), Random.of(seed, 'x'), xScale),
    quantised: (q) => {
      const [qx, z] = [q.quantised('x', xScale, type, middle[type]), q.zero(type, middle[type])];
      const y = q.node(operator, [qx, q.b.scalar(xScale), z, q.b.scalar(step), z], attributes);
      return q.real(y, step, type, middle[type]);
    },
    real: (q) => q.node(real, ['x'], attributes),
    step,
  });
}

function elementwise(operator: string, real: string) {
  return ({ x: type, seed }: Types): Pair => {
    const random = Random.of(seed, 'x');
    const other = grid(3, random, xScale);
    return {
      dims: [2, 4, 3],
      x: grid(24, random, xScale),
      quantised: (q) => {
        const [qx, z] = [q.quantised('x', xScale, type, middle[type]), q.zero(type, middle[type])];
        const qo = q.quantised(q.b.floats(other), xScale, type, middle[type]);
        const s = q.b.scalar(xScale);
        const y = q.node(operator, [qx, s, z, qo, s, z, q.b.scalar(yScale), z]);
        return q.real(y, yScale, type, middle[type]);
      },
      real: (q) => q.node(real, ['x', q.b.floats(other)]),
      step: yScale,
    };
  };
}

const convolution = { pads: [1, 0, 1, 2], strides: [2, 1], kernel_shape: [3, 2], group: 2 };

export const pairs: Record<string, (types: Types) => Pair> = {
  QLinearConv: ({ x: type, w: wType, seed, perChannel }) => {
    const random = Random.of(seed, 'x');
    // Kernels of int8 activations take int8 weights alone.
    const w = weightsOf(type === 'int8' ? 'int8' : wType, [6, 2, 3, 2], perChannel ? 6 : 1, 0, random);
    return {
      dims: [2, 4, 5, 4],
      x: grid(160, random, xScale),
      quantised: (q) => {
        const [qx, z] = [q.quantised('x', xScale, type, middle[type]), q.zero(type, middle[type])];
        const inputs = [qx, q.b.scalar(xScale), z, ...w.inputs(q), q.b.scalar(yScale), z];
        return q.real(q.node('QLinearConv', inputs, convolution), yScale, type, middle[type]);
      },
      real: (q) => q.node('Conv', ['x', w.real(q)], convolution),
      step: yScale,
    };
  },
  QLinearMatMul: ({ x: type, w: wType, seed, perChannel }) => {
    const random = Random.of(seed, 'x');
    const w = weightsOf(type === 'int8' ? 'int8' : wType, [5, 4], perChannel ? 4 : 1, 1, random);
    return {
      dims: [2, 3, 5],
      x: grid(30, random, xScale),
      quantised: (q) => {
        const [qx, z] = [q.quantised('x', xScale, type, middle[type]), q.zero(type, middle[type])];
        const inputs = [qx, q.b.scalar(xScale), z, ...w.inputs(q), q.b.scalar(yScale), z];
        return q.real(q.node('QLinearMatMul', inputs), yScale, type, middle[type]);
      },
      real: (q) => q.node('MatMul', ['x', w.real(q)]),
      step: yScale,
    };
  },
  'com.microsoft:QGemm': ({ x: type, w: wType, seed, perChannel }) => {
    const random = Random.of(seed, 'x');
    const w = weightsOf(type === 'int8' ? 'int8' : wType, [4, 5], perChannel ? 4 : 1, 0, random);
    return {
      dims: [3, 5],
      x: grid(15, random, xScale),
      quantised: (q) => {
        const [qx, z] = [q.quantised('x', xScale, type, middle[type]), q.zero(type, middle[type])];
        const inputs = [qx, q.b.scalar(xScale), z, ...w.inputs(q), '', q.b.scalar(yScale), z];
        return q.real(q.node('com.microsoft:QGemm', inputs, { transB: 1 }), yScale, type, middle[type]);
      },
      real: (q) => q.node('Gemm', ['x', w.real(q)], { transB: 1 }),
      step: yScale,
    };
  },
  MatMulInteger: ({ seed, perChannel }) => {
    const random = Random.of(seed, 'x');
    const w = weightsOf('int8', [5, 4], perChannel ? 4 : 1, 1, random);
    return {
      dims: [3, 5],
      x: grid(15, random, xScale),
      quantised: (q) => {
        const [wq, ws, wz] = w.inputs(q);
        const [qx, xs, xz] = q.b.ops('DynamicQuantizeLinear', ['x'], 3);
        const sum = q.b.op('Cast', [q.node('MatMulInteger', [qx!, wq!, xz!, wz!])], { to: 1 });
        return q.b.op('Mul', [sum, q.b.op('Mul', [xs!, ws!])]);
      },
      real: (q) => q.node('MatMul', ['x', w.real(q)]),
      step: yScale,
    };
  },
  ConvInteger: ({ seed }) => {
    const random = Random.of(seed, 'x');
    const w = weightsOf('uint8', [6, 2, 3, 2], 1, 0, random);
    return {
      dims: [2, 4, 5, 4],
      x: grid(160, random, xScale),
      quantised: (q) => {
        const [wq, ws, wz] = w.inputs(q);
        const [qx, xs, xz] = q.b.ops('DynamicQuantizeLinear', ['x'], 3);
        const sum = q.b.op('Cast', [q.node('ConvInteger', [qx!, wq!, xz!, wz!], convolution)], { to: 1 });
        return q.b.op('Mul', [sum, q.b.op('Mul', [xs!, ws!])]);
      },
      real: (q) => q.node('Conv', ['x', w.real(q)], convolution),
      step: yScale,
    };
  },
  'com.microsoft:MatMulIntegerToFloat': ({ seed, perChannel }) => {
    const random = Random.of(seed, 'x');
    const w = weightsOf('int8', [5, 4], perChannel ? 4 : 1, 1, random);
    return {
      dims: [3, 5],
      x: grid(15, random, xScale),
      quantised: (q) => {
        const [wq, ws, wz] = w.inputs(q);
        const qx = q.quantised('x', xScale, 'uint8', 128);
        const inputs = [qx, wq!, q.b.scalar(xScale), ws!, q.zero('uint8', 128), wz!];
        return q.node('com.microsoft:MatMulIntegerToFloat', inputs);
      },
      real: (q) => q.node('MatMul', ['x', w.real(q)]),
      step: 1e-4,
    };
  },
  'com.microsoft:DynamicQuantizeMatMul': ({ seed, perChannel }) => {
    const random = Random.of(seed, 'x');
    const w = weightsOf('int8', [5, 4], perChannel ? 4 : 1, 1, random);
    return {
      dims: [3, 5],
      x: grid(15, random, xScale),
      quantised: (q) => q.node('com.microsoft:DynamicQuantizeMatMul', ['x', ...w.inputs(q)]),
      real: (q) => q.node('MatMul', ['x', w.real(q)]),
      step: yScale,
    };
  },
  'com.microsoft:QLinearAdd': elementwise('com.microsoft:QLinearAdd', 'Add'),
  'com.microsoft:QLinearMul': elementwise('com.microsoft:QLinearMul', 'Mul'),
  'com.microsoft:QLinearLeakyRelu': layer('com.microsoft:QLinearLeakyRelu', 'LeakyRelu', [2, 7], { alpha: 0.2 }),
  'com.microsoft:QLinearSigmoid': layer('com.microsoft:QLinearSigmoid', 'Sigmoid', [2, 7], {}, 1 / 100),
  'com.microsoft:QLinearSoftmax': (t) => {
    const { dims, x, real } = layer('', 'Softmax', [2, 5], { axis: -1 })(t);
    return {
      dims,
      x,
      real,
      quantised: (q) => {
        const [qx, z] = [q.quantised('x', xScale, 'uint8', 128), q.zero('uint8', 128)];
        const attributes = { axis: -1, opset: 13 };
        const inputs = [qx, q.b.scalar(xScale), z, q.b.scalar(1 / 256), q.zero('uint8', 0)];
        return q.real(q.node('com.microsoft:QLinearSoftmax', inputs, attributes), 1 / 256, 'uint8', 0);
      },
      step: 1 / 256,
    };
  },
  'com.microsoft:QLinearAveragePool': layer('com.microsoft:QLinearAveragePool', 'AveragePool', [2, 3, 5, 5], {
    kernel_shape: [3, 2],
    strides: [2, 1],
    pads: [1, 0, 0, 1],
  }),
  'com.microsoft:QLinearGlobalAveragePool': layer(
    'com.microsoft:QLinearGlobalAveragePool',
    'GlobalAveragePool',
    [2, 3, 4, 2],
  ),
  'com.microsoft:QLinearConcat': ({ x: type, seed }) => ({
    dims: [2, 3],
    x: grid(6, Random.of(seed, 'x'), xScale),
    quantised: (q) => {
      const [qx, z] = [q.quantised('x', xScale, type, middle[type]), q.zero(type, middle[type])];
      const [fine, coarse] = [q.b.scalar(xScale), q.b.scalar(0.05)];
      const other = q.quantised('x', 0.05, type, middle[type]);
      const inputs = [q.b.scalar(yScale), z, qx, fine, z, other, coarse, z];
      return q.real(q.node('com.microsoft:QLinearConcat', inputs, { axis: 1 }), yScale, type, middle[type]);
    },
    real: (q) => q.node('Concat', ['x', 'x'], { axis: 1 }),
    step: yScale,
  }),
  'com.microsoft:QLinearWhere': ({ x: type, seed }) => {
    const chosen = (q: QuantisedBuilder) => q.b.op('Cast', [q.b.ints([1, 0, 1])], { to: TensorProto_DataType.BOOL });
    return {
      dims: [4, 3],
      x: grid(12, Random.of(seed, 'x'), xScale),
      quantised: (q) => {
        const [qx, z] = [q.quantised('x', xScale, type, middle[type]), q.zero(type, middle[type])];
        const [fine, coarse] = [q.b.scalar(xScale), q.b.scalar(0.05)];
        const doubled = q.quantised(q.b.op('Mul', ['x', q.b.scalar(2)]), 0.05, type, middle[type]);
        const inputs = [chosen(q), qx, fine, z, doubled, coarse, z, q.b.scalar(yScale), z];
        return q.real(q.node('com.microsoft:QLinearWhere', inputs), yScale, type, middle[type]);
      },
      real: (q) => q.b.op('Where', [chosen(q), 'x', q.b.op('Mul', ['x', q.b.scalar(2)])]),
      step: yScale,
    };
  },
  'com.microsoft:QuantizeLinear, com.microsoft:DequantizeLinear': ({ x: type, seed }) => ({
    dims: [4, 3],
    x: grid(12, Random.of(seed, 'x'), xScale),
    quantised: (q) => {
      const parameters = [q.b.scalar(xScale), q.zero(type, middle[type])];
      const quantised = q.node('com.microsoft:QuantizeLinear', ['x', ...parameters]);
      return q.node('com.microsoft:DequantizeLinear', [quantised, ...parameters]);
    },
    real: (q) => q.b.op('Identity', ['x']),
    step: xScale,
  }),
  // Integers between quantising and dequantising, in operators that have no quantised form of their own.
  'MaxPool, Reshape, Transpose and Clip on integers': ({ x: type, seed }) => ({
    dims: [1, 2, 4, 4],
    x: Float32Array.from(shuffled(32, Random.of(seed, 'x')), (rank) => xScale * (2 * rank - 32)),
    quantised: (q) => {
      const pooled = q.b.op('MaxPool', [q.quantised('x', xScale, type, middle[type])], {
        kernel_shape: [2, 2],
        strides: [1, 1],
      });
      const turned = q.b.op('Transpose', [q.b.op('Reshape', [pooled, q.b.ints([2, 9])])], { perm: [1, 0] });
      const bounds = [-15, 15].map((bound) => q.zero(type, middle[type] + bound));
      return q.real(q.b.op('Clip', [turned, ...bounds]), xScale, type, middle[type]);
    },
    real: (q) => {
      const pooled = q.b.op('MaxPool', ['x'], { kernel_shape: [2, 2], strides: [1, 1] });
      const turned = q.b.op('Transpose', [q.b.op('Reshape', [pooled, q.b.ints([2, 9])])], { perm: [1, 0] });
      return q.b.op('Clip', [turned, q.b.scalar(-15 * xScale), q.b.scalar(15 * xScale)]);
    },
    step: xScale,
  }),
};

function shuffled(count: number, random: Random): number[] {
  const order = Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = random.integer(i + 1);
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}

export function apart(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const norm = (v: ArrayLike<number>) => Math.hypot(...Array.from(v));
  return norm(Array.from(a, (v, i) => v - b[i]!)) / Math.max(norm(a), norm(b), 1e-6);
}
