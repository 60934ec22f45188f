import { create } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { differentiate } from '../../../src/engine/gradient/differentiate';
import { float } from '../../../src/engine/onnx/attribute';
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
import { createSession, floats } from '../../../src/engine/runtime';

type Inputs = Readonly<Record<string, readonly number[]>>;
type Graph = (b: GraphBuilder) => string;

interface Outcome {
  readonly y: number[];
  /** Gradients of Σ seed ⊙ y by input. */
  readonly gradients: Readonly<Record<string, number[]>>;
}

/** Differentiates a small graph of vectors (a list of one number is a scalar), with the same seed for each output. */
async function evaluate(inputs: Inputs, build: Graph, seed = 1, opset = 18): Promise<Outcome> {
  const feeds = Object.fromEntries(
    Object.entries(inputs).map(([name, v]) => [name, floats(Float32Array.from(v), v.length === 1 ? [] : [v.length])]),
  );
  const from = Object.keys(feeds);
  const graph = create(GraphProtoSchema, {
    name: 'numerics',
    input: from.map((name) => floatValueInfo(name, feeds[name]!.dims)),
  });
  const builder = new GraphBuilder(graph);
  const y = build(builder);
  const model = create(ModelProtoSchema, {
    irVersion: 10n,
    opsetImport: [create(OperatorSetIdProtoSchema, { version: BigInt(opset) })],
  });
  const observation = await observe(model, graph, () => feeds, [1, 1]);
  const dims = observation.shape(y)!.map((dim) => dim!);
  const count = dims.reduce((a, dim) => a * dim, 1);
  const arriving = new Map([[y, builder.floats(Array<number>(count).fill(seed), dims)]]);
  const gradients = differentiate({ builder, observation, constants: new Constants(graph), from, arriving });
  graph.output = [...new Set([y, ...gradients.values()])].map((name) => create(ValueInfoProtoSchema, { name }));
  const session = await createSession(modelBytes(model, graph), { threads: 1 });
  try {
    const values = await session.run(feeds);
    const read = (name: string) => Array.from(values[name]!.data as Float32Array);
    return {
      y: read(y),
      gradients: Object.fromEntries(from.map((name) => [name, read(gradients.get(name)!)])),
    };
  } finally {
    await session.release();
  }
}

/** One operator of x, with constants after it. */
const op =
  (name: string, attributes: Attributes = {}, ...constants: readonly (readonly number[])[]): Graph =>
  (b) => {
    const rest = constants.map((v) => (v.length === 1 ? b.scalar(v[0]!) : b.floats(v)));
    return b.op(name, ['x', ...rest], attributes);
  };

/** A reduction of the vector x to a scalar. */
const reduce =
  (name: string): Graph =>
  (b) =>
    b.op(name, ['x'], { keepdims: 0 });

function expectClose(actual: readonly number[], expected: readonly number[]) {
  expect(actual).toHaveLength(expected.length);
  actual.forEach((value, i) => {
    const error = Math.abs(value - expected[i]!);
    expect(error, `[${actual}] is not [${expected}] at ${i}`).toBeLessThanOrEqual(1e-6 + 2e-5 * Math.abs(expected[i]!));
  });
}

type Case = readonly [what: string, graph: Graph, x: readonly number[], expected: readonly number[], opset?: number];

/** What torch.autograd (2.15) gives for the same function, but where the name says otherwise. */
const likeTorch: readonly Case[] = [
  ['Relu', op('Relu'), [-1, 0, 1], [0, 0, 1]],
  ['LeakyRelu', op('LeakyRelu', { alpha: 0.1 }), [-1, 0, 1], [0.1, 0.1, 1]],
  ['LeakyRelu of a negative slope', op('LeakyRelu', { alpha: -0.1 }), [-1, 0, 1], [-0.1, -0.1, 1]],
  ['PRelu', op('PRelu', {}, [0.25]), [-1, 0, 1], [0.25, 0.25, 1]],
  ['ThresholdedRelu', op('ThresholdedRelu', { alpha: float(1) }), [1, 1.1], [0, 1]],
  ['Elu', op('Elu'), [-1e4, -1, 0, 1e4], [0, 0.36787944, 1, 1]],
  ['Selu', op('Selu'), [-1e4, 0, 1e4], [0, 1.7580993, 1.050701]],
  ['Celu', op('Celu', { alpha: 0.5 }), [-1e4, -1, 0, 1e4], [0, 0.13533528, 1, 1]],
  ['HardSigmoid', op('HardSigmoid', { alpha: 1 / 6, beta: 0.5 }), [-3, 0, 3], [0, 1 / 6, 0]],
  ['HardSwish', op('HardSwish'), [-3.1, -3, 0, 3, 3.1], [0, 0, 0.5, 1, 1]],
  ['soft shrinkage', op('Shrink', { lambd: 0.5, bias: 0.5 }), [0.5, -0.5, 0.6, 0], [0, 0, 1, 0]],
  ['Clip(0, 6), which is ReLU6', op('Clip', {}, [0], [6]), [-1, 0, 3, 6, 7], [0, 0, 1, 0, 0]],
  ['Abs', op('Abs'), [-2, 0, 2], [-1, 0, 1]],
  ['Softsign', op('Softsign'), [-1, 0, 1e20], [0.25, 1, 0]],
  ['Sigmoid', op('Sigmoid'), [-1e4, 0, 1e4], [0, 0.25, 0]],
  ['Tanh', op('Tanh'), [-1e4, 0, 1e4], [0, 1, 0]],
  ['Softplus', op('Softplus'), [-1e4, 0, 1e4], [0, 0.5, 1]],
  ['Gelu', op('Gelu'), [-1e4, 0, 1e4], [0, 0.5, 1], 20],
  [
    'Gelu by tanh',
    op('Gelu', { approximate: 'tanh' }),
    [-1e20, -1e4, -1, 0, 2, 1e4, 1e20],
    [0, 0, -0.08296409, 0.5, 1.0860993, 1, 1],
    20,
  ],
  ['Mish', op('Mish'), [-1e4, -20, 0, 1, 1e4], [0, -3.9161922e-8, 0.6, 1.0490363, 1]],
  ['Swish', op('Swish'), [-1e4, 0, 1, 1e4], [0, 0.5, 0.92767054, 1], 24],
  ['Erf', op('Erf'), [-1e4, 0, 1e4], [0, 1.1283792, 0]],
  ['x^0', op('Pow', {}, [0]), [-2, 0, 2], [0, 0, 0]],
  ['x^1', op('Pow', {}, [1]), [-2, 0, 2], [1, 1, 1]],
  ['x^2', op('Pow', {}, [2]), [-2, 0, 2], [-4, 0, 4]],
  ['x^3', op('Pow', {}, [3]), [-2, 0, 2], [12, 0, 12]],
  ['x^5', op('Pow', {}, [5]), [-2, 0, 2], [80, 0, 80]],
  ['x^1.5', op('Pow', {}, [1.5]), [0, 4], [0, 3]],
  ['x^-1', op('Pow', {}, [-1]), [-2, 2], [-0.25, -0.25]],
  ['x^p with exponents of their own', op('Pow', {}, [2, 1, 0, 3, 0]), [0, 0, 0, -2, 2], [0, 1, 0, 12, 0]],
  ['fmod', op('Mod', { fmod: 1 }, [2, 2, -3]), [-5.3, 4.2, 7.7], [1, 1, 1]],
  ['Max with ties', op('Max', {}, [1, 2, 3]), [1, 3, 2], [0.5, 1, 0]],
  ['Min with ties', op('Min', {}, [1, 2, 3]), [1, 3, 2], [0.5, 0, 1]],
  ['ReduceMax with ties', reduce('ReduceMax'), [2, 2, 1], [0.5, 0.5, 0]],
  ['ReduceMin with ties', reduce('ReduceMin'), [2, 1, 1, 1], [0, 1 / 3, 1 / 3, 1 / 3]],
  ['ReduceL2 at 0', reduce('ReduceL2'), [0, 0], [0, 0]],
  ['ReduceL1 at 0', reduce('ReduceL1'), [0, -2], [0, -1]],
  ['ReduceProd of no zero', reduce('ReduceProd'), [2, 4, 3], [12, 6, 8]],
  ['ReduceProd of one zero', reduce('ReduceProd'), [2, 0, 3], [0, 6, 0]],
  ['ReduceProd of two zeros', reduce('ReduceProd'), [0, 0, 3], [0, 0, 0]],
  ['ReduceLogSumExp', reduce('ReduceLogSumExp'), [1e4, 1e4, -1e4], [0.5, 0.5, 0]],
  ['CumProd of one zero', (b) => b.op('CumProd', ['x', b.intScalar(0)]), [2, 0, 3, 4], [1, 32, 0, 0], 26],
  ['CumProd of two zeros', (b) => b.op('CumProd', ['x', b.intScalar(0)]), [2, 0, 3, 0, 5], [1, 8, 0, 0, 0], 26],
  [
    'Softmax of large logits',
    (b) => b.op('Gather', [b.op('Softmax', ['x']), b.intScalar(0)]),
    [1e4, 1e4, -1e4],
    [0.25, -0.25, 0],
  ],
  [
    'LogSoftmax of large logits',
    (b) => b.op('Gather', [b.op('LogSoftmax', ['x']), b.intScalar(2)]),
    [1e4, 1e4, -1e4],
    [-0.5, -0.5, 1],
  ],
  [
    'softmax cross-entropy of large logits',
    (b) => {
      const scores = b.op('Reshape', ['x', b.ints([1, 3])]);
      return b.op('SoftmaxCrossEntropyLoss', [scores, b.ints([2])], { reduction: 'sum' });
    },
    [1e4, 1e4, -1e4],
    [0.5, 0.5, -1],
  ],
  ['Acosh', op('Acosh'), [2], [0.57735027]],
  ['Asin next to 1', op('Asin'), [0.9999], [70.70658]],
];

/** Where PyTorch has infinity or NaN, or took another side at a kink. */
const otherThanTorch: readonly Case[] = [
  ['Clip, inclusive at its bounds (PyTorch until 2.14)', op('Clip', {}, [0], [1]), [-1, 0, 0.5, 1, 2], [0, 1, 1, 1, 0]],
  ['Clip whose bounds cross', op('Clip', {}, [1], [0]), [-1, 0, 0.5, 1, 2], [0, 0, 0, 0, 0]],
  ['Clip from below', op('Clip', {}, [0]), [-1, 0, 2], [0, 1, 1]],
  ['Sqrt at 0', op('Sqrt'), [0, 4], [0, 0.25]],
  ['x^0.5 at 0', op('Pow', {}, [0.5]), [0, 4], [0, 0.25]],
  ['x^0.3 at 0', op('Pow', {}, [0.3]), [0, 1], [0, 0.3]],
  ['x^0.3 at 0, with exponents of their own', op('Pow', {}, [0.3, 0.5]), [0, 4], [0, 0.25]],
  ['Asin at its ends', op('Asin'), [-1, 0, 1], [0, 1, 0]],
  ['Acos at its ends', op('Acos'), [-1, 0, 1], [0, -1, 0]],
  ['Acosh at 1', op('Acosh'), [1, 2], [0, 0.57735027]],
  ['LpNormalization at 0', op('LpNormalization', { p: 2 }), [0, 0], [0, 0]],
  ['LpNormalization by the 1-norm at 0', op('LpNormalization', { p: 1 }), [0, 0], [0, 0]],
];

/** Functions that are finite although a part of them is not: PyTorch gives NaN for most. */
const finiteWholes: readonly Case[] = [
  [
    '1/(1 + e^−x) by hand, where e^−x overflows',
    (b) => b.op('Reciprocal', [b.op('Add', [b.op('Exp', [b.op('Neg', ['x'])]), b.scalar(1)])]),
    [-1e3, 0, 1e3],
    [0, 0.25, 0],
  ],
  [
    'x/(1 + e^−x) by hand, where e^−x overflows',
    (b) => b.op('Div', ['x', b.op('Add', [b.op('Exp', [b.op('Neg', ['x'])]), b.scalar(1)])]),
    [-1e3, 0, 1e3],
    [0, 0.5, 1],
  ],
  [
    'x·log x behind a Where',
    (b) => {
      const positive = b.op('Greater', ['x', b.scalar(0)]);
      return b.op('Where', [positive, b.op('Mul', ['x', b.op('Log', ['x'])]), b.scalar(0)]);
    },
    [1, 0.5, 1e-30],
    [1, 0.30685282, -68.077553],
  ],
  [
    'log x behind a Where',
    (b) => b.op('Where', [b.op('Greater', ['x', b.scalar(0)]), b.op('Log', ['x']), b.scalar(0)]),
    [0, -1, 2],
    [0, 0, 0.5],
  ],
  [
    '1/x behind a Where',
    (b) => {
      const zero = b.op('Equal', ['x', b.scalar(0)]);
      return b.op('Where', [zero, b.scalar(0), b.op('Div', [b.scalar(1), 'x'])]);
    },
    [0, 2],
    [0, -0.25],
  ],
  [
    'x/|x| behind a Where',
    (b) => {
      const size = b.op('Abs', ['x']);
      const zero = b.op('Equal', [size, b.scalar(0)]);
      return b.op('Where', [zero, b.scalar(0), b.op('Div', ['x', size])]);
    },
    [0, 2],
    [0, 0],
  ],
  ['√(x²) at 0', (b) => b.op('Sqrt', [b.op('Mul', ['x', 'x'])]), [0, -3], [0, -1]],
  [
    'log of a softmax that underflowed',
    (b) => {
      const chosen = b.op('Gather', [b.op('Softmax', ['x']), b.intScalar(1)]);
      return b.op('Log', [b.op('Add', [chosen, b.scalar(1e-12)])]);
    },
    [0, -1e3],
    [0, 0],
  ],
];

describe('gradients at hard points', () => {
  for (const [group, cases] of Object.entries({ likeTorch, otherThanTorch, finiteWholes })) {
    for (const [what, graph, x, expected, opset] of cases) {
      it(`${group}: ${what}`, async () => {
        const { gradients } = await evaluate({ x }, graph, 1, opset);
        expectClose(gradients.x!, expected);
      });
    }
  }

  it('the bounds of a Clip get the gradient of what they replaced', async () => {
    const clip: Graph = (b) => b.op('Clip', ['x', 'low', 'high']);
    const x = [-2, -1, 0, 0.5, 1, 2];
    const { gradients } = await evaluate({ x, low: [0], high: [1] }, clip);
    expect(gradients).toEqual({ x: [0, 0, 1, 1, 1, 0], low: [2], high: [1] });
    const crossed = await evaluate({ x, low: [1], high: [0] }, clip);
    expect(crossed.gradients).toEqual({ x: [0, 0, 0, 0, 0, 0], low: [0], high: [6] });
  });

  it('a slope of PRelu gets x where x is below zero', async () => {
    const { gradients } = await evaluate({ x: [-2, 0, 3], slope: [0.25] }, (b) => b.op('PRelu', ['x', 'slope']));
    expect(gradients.slope).toEqual([-2]);
  });

  it('an exponent gets y·log x, and nothing at 0 and below', async () => {
    const { gradients } = await evaluate({ x: [0, 0, -2, 2], p: [2, 0, 2, 3] }, (b) => b.op('Pow', ['x', 'p']));
    expectClose(gradients.p!, [0, 0, 0, 5.5451775]);
  });

  it('a divisor of fmod gets minus the truncated quotient', async () => {
    const mod: Graph = (b) => b.op('Mod', ['x', 'd'], { fmod: 1 });
    const { gradients } = await evaluate({ x: [-5.3, 4.2, 7.7], d: [2, 2, -3] }, mod);
    expectClose(gradients.d!, [2, -2, 2]);
  });

  it('a mean of constants has a slope where its deviation is 0', async () => {
    const graph: Graph = (b) => b.op('MeanVarianceNormalization', ['x'], { axes: [0] });
    const { gradients } = await evaluate({ x: [2, 2] }, graph);
    // The seed is constant, and standardising takes constants away.
    expectClose(gradients.x!, [0, 0]);
  });
});

describe('straight-through estimates', () => {
  it.each(['Round', 'Floor', 'Ceil'])('%s passes the gradient as it is', async (name) => {
    const { gradients } = await evaluate({ x: [-1.5, 0, 0.2] }, op(name), 3);
    expect(gradients.x).toEqual([3, 3, 3]);
  });

  it('Sign passes it inside [−1, 1]', async () => {
    const { gradients } = await evaluate({ x: [-2, -1, 0, 0.5, 1.01] }, op('Sign'), 3);
    expect(gradients.x).toEqual([0, 3, 3, 3, 0]);
  });

  it('Hardmax has the gradient of Softmax', async () => {
    const of =
      (name: string): Graph =>
      (b) =>
        b.op('Mul', [b.op(name, ['x']), b.floats([1, -2, 5])]);
    const [hard, soft] = [
      await evaluate({ x: [1, 2, 0] }, of('Hardmax')),
      await evaluate({ x: [1, 2, 0] }, of('Softmax')),
    ];
    expectClose(hard.gradients.x!, soft.gradients.x!);
    expect(Math.abs(soft.gradients.x![0]!)).toBeGreaterThan(0.01);
  });

  it.each(['IsNaN', 'Not', 'Equal'])('%s stops the gradient', async (name) => {
    const { gradients } = await evaluate({ x: [1, 2] }, (b) => {
      const inputs = { IsNaN: ['x'], Not: [b.op('Cast', ['x'], { to: 9 })], Equal: ['x', b.scalar(1)] }[name]!;
      return b.op('Mul', ['x', b.op('Cast', [b.op(name, inputs)], { to: 1 })]);
    });
    expect(gradients.x).toEqual({ IsNaN: [0, 0], Not: [0, 0], Equal: [1, 0] }[name]);
  });
});

const extremes = [0, 1e-45, 1e-39, 1e-30, 1e-10, 0.5, 1, 2, 20, 88, 89.2, 1e4, 1e10, 1e20, 3e38].flatMap((v) => [
  v,
  -v,
]);
const unary: readonly (readonly [string, Attributes?, number?])[] = [
  ...[
    ...['Abs', 'Neg', 'Exp', 'Log', 'Sqrt', 'Reciprocal', 'Erf', 'Sin', 'Cos', 'Tan', 'Asin', 'Acos', 'Atan', 'Sinh'],
    ...['Cosh', 'Asinh', 'Acosh', 'Atanh', 'Relu', 'LeakyRelu', 'ThresholdedRelu', 'Elu', 'Selu', 'Celu', 'Mish'],
    ...['HardSigmoid', 'HardSwish', 'Shrink', 'Sigmoid', 'Tanh', 'Softplus', 'Softsign', 'Sign', 'Round'],
  ].map((name) => [name] as const),
  ['Gelu', {}, 20],
  ['Gelu', { approximate: 'tanh' }, 20],
  ['Swish', {}, 24],
];
const exponents = [-3, -2, -1, -0.5, 0, 0.3, 0.5, 1, 1.5, 2, 3, 7];

describe('over the whole range of floats', () => {
  const expectFinite = ({ y, gradients }: Outcome) => {
    const bad = gradients.x!.flatMap((g, i) =>
      Number.isFinite(y[i]) && !Number.isFinite(g) ? [[extremes[i], g]] : [],
    );
    expect(bad, 'x and its gradient').toEqual([]);
  };

  for (const [name, attributes, opset] of unary) {
    const title = attributes?.approximate ? `${name} by tanh` : name;
    it(`${title}: the gradient is finite where the function is`, async () => {
      expectFinite(await evaluate({ x: extremes }, op(name, attributes), 1, opset));
    });

    it(`${title}: no gradient in, none out, even where the function is infinite`, async () => {
      const { gradients } = await evaluate({ x: extremes }, op(name, attributes), 0, opset);
      expect(gradients.x!.filter((g) => g !== 0)).toEqual([]);
    });
  }

  it.each(exponents)('x^%d: the gradient is finite where the function is', async (p) => {
    expectFinite(await evaluate({ x: extremes }, op('Pow', {}, [p])));
    expectFinite(
      await evaluate(
        { x: extremes },
        op(
          'Pow',
          {},
          extremes.map(() => p),
        ),
      ),
    );
  });

  it('softmax and its kin take logits of any size', async () => {
    for (const name of ['Softmax', 'LogSoftmax', 'ReduceLogSumExp', 'ReduceL2', 'LpNormalization']) {
      for (const x of [
        [1e4, -1e4, 9999],
        [-1e30, 0, 1e30],
        [1e18, 1e18, 1e18],
        [1e-30, -1e-45, 0],
      ]) {
        const { y, gradients } = await evaluate({ x }, op(name));
        if (y.every(Number.isFinite)) expect(gradients.x!.every(Number.isFinite), `${name} of ${x}`).toBe(true);
      }
    }
  });
});
