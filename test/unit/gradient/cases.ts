import fc from 'fast-check';
import { float } from '../../../src/engine/onnx/attribute';
import type { Constant } from '../../../src/engine/onnx/tensor';
import { Random } from '../../../src/engine/random';
import type { SingleNode } from './singleNode';

/** Random single-operator graphs by operator. Inputs keep clear of kinks by more than the step of the differences. */
export const cases: Record<string, fc.Arbitrary<SingleNode>> = {};

const total = (dims: readonly number[]) => dims.reduce((a, d) => a * d, 1);

type Draw = (random: Random) => number;
const normal: Draw = (r) => r.normal();
const positive: Draw = (r) => r.between(0.3, 2);
/** Away from 0 by 0.05. */
const awayFromZero: Draw = (r) => (r.uniform() < 0.5 ? -1 : 1) * r.between(0.05, 2);
const awayFrom =
  (...kinks: number[]): Draw =>
  (r) => {
    for (;;) {
      const v = 2.5 * r.normal();
      if (kinks.every((k) => Math.abs(v - k) > 0.05)) return v;
    }
  };

/** Values that all differ by at least 0.03, so that no maximum is tied or changes hands under the step. */
function distinct(count: number, random: Random): Float32Array {
  const order = Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = random.integer(i + 1);
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return Float32Array.from(order, (rank) => (rank - count / 2) * 0.04);
}

const values = (dims: readonly number[], seed: number, draw: Draw) => {
  const random = Random.of(seed, 'case');
  return Float32Array.from({ length: total(dims) }, () => draw(random));
};
const constant = (dims: readonly number[], seed: number, draw: Draw = normal): Constant => ({
  type: 'float32',
  dims,
  data: values(dims, seed + 1, draw),
});
const ints = (...v: number[]): Constant => ({ type: 'int64', dims: [v.length], data: BigInt64Array.from(v, BigInt) });
const scalarInt = (v: number): Constant => ({ type: 'int64', dims: [], data: BigInt64Array.of(BigInt(v)) });
const scalar = (v: number): Constant => ({ type: 'float32', dims: [], data: Float32Array.of(v) });

const seed = fc.integer({ min: 0, max: 1e6 });
const dim = fc.integer({ min: 1, max: 4 });
const shape = fc.array(dim, { minLength: 1, maxLength: 4 });

function unary(op: string, draw: Draw, attributes: SingleNode['attributes'] = {}) {
  cases[op] = fc.record({ dims: shape, seed }).map(({ dims, seed }) => ({
    op,
    x: { dims, data: values(dims, seed, draw) },
    inputs: ['x'],
    attributes,
  }));
}

unary('Neg', normal);
unary('Identity', normal);
unary('Abs', awayFromZero);
unary('Exp', normal);
unary('Log', positive);
unary('Sqrt', positive);
unary('Reciprocal', positive);
unary('Sin', normal);
unary('Cos', normal);
unary('Erf', normal);
unary('Relu', awayFromZero);
unary('LeakyRelu', awayFromZero, { alpha: 0.1 });
unary('Sigmoid', normal);
unary('Tanh', normal);
unary('Softplus', normal);
unary('Softsign', normal);
unary('Elu', awayFromZero, { alpha: 1.3 });
unary('Selu', awayFromZero);
unary('Celu', awayFromZero, { alpha: 0.7 });
unary('HardSigmoid', awayFrom(-2.5, 2.5));
unary('HardSwish', awayFrom(-3, 3));
unary('ThresholdedRelu', awayFrom(1));
unary('Cast', normal, { to: 1 });
cases.Gelu = fc.record({ dims: shape, seed, tanh: fc.boolean() }).map(({ dims, seed, tanh }) => ({
  op: 'Gelu',
  opset: 20,
  x: { dims, data: values(dims, seed, normal) },
  inputs: ['x'],
  attributes: tanh ? { approximate: 'tanh' } : {},
}));

/** Two broadcasting operands, either of which is differentiated. */
function binary(op: string, draw: Draw, other: Draw = draw) {
  cases[op] = fc
    .record({
      full: shape,
      seed,
      ones: fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
      drop: fc.boolean(),
      side: fc.integer({ min: 0, max: 1 }),
      small: fc.boolean(),
    })
    .map(({ full, seed, ones, drop, side, small }) => {
      const thin = full.map((d, i) => (ones[i] ? 1 : d)).slice(drop && full.length > 1 ? 1 : 0);
      const [dims, others] = small ? [thin, full] : [full, thin];
      const x = { dims, data: values(dims, seed, side === 0 ? draw : other) };
      const fixed = constant(others, seed, side === 0 ? other : draw);
      return { op, x, inputs: side === 0 ? ['x', fixed] : [fixed, 'x'] };
    });
}

binary('Add', normal);
binary('Sub', normal);
binary('Mul', normal);
binary('Div', normal, positive);
binary('Pow', positive, normal);
binary('Sum', normal);
binary('Mean', normal);

for (const op of ['Max', 'Min']) {
  cases[op] = fc.record({ dims: shape, seed, third: fc.boolean() }).map(({ dims, seed, third }) => {
    const n = total(dims);
    const all = distinct(3 * n, Random.of(seed, op));
    const fixed = (k: number): Constant => ({ type: 'float32', dims, data: all.slice(k * n, (k + 1) * n) });
    return { op, x: { dims, data: all.slice(0, n) }, inputs: third ? ['x', fixed(1), fixed(2)] : [fixed(1), 'x'] };
  });
}

cases.PRelu = fc.record({ c: dim, seed }).map(({ c, seed }) => ({
  op: 'PRelu',
  x: { dims: [2, c, 3], data: values([2, c, 3], seed, awayFromZero) },
  inputs: ['x', constant([c, 1], seed, positive)],
}));
cases.Clip = fc
  .record({ dims: shape, seed, low: fc.boolean(), high: fc.boolean() })
  .map(({ dims, seed, low, high }) => ({
    op: 'Clip',
    x: { dims, data: values(dims, seed, awayFrom(-1, 1)) },
    inputs: ['x', low ? scalar(-1) : '', high ? scalar(1) : ''],
  }));
for (const op of ['Softmax', 'LogSoftmax']) {
  cases[op] = fc.record({ dims: shape, seed, axis: fc.nat(3) }).map(({ dims, seed, axis }) => ({
    op,
    x: { dims, data: values(dims, seed, normal) },
    inputs: ['x'],
    attributes: { axis: (axis % dims.length) - (axis % 2 ? dims.length : 0) },
  }));
}
cases.Where = fc.record({ dims: shape, seed, side: fc.boolean() }).map(({ dims, seed, side }) => {
  const r = Random.of(seed, 'where');
  const mask: Constant = {
    type: 'int64',
    dims,
    data: BigInt64Array.from({ length: total(dims) }, () => BigInt(r.integer(2))),
  };
  const other = constant(dims, seed);
  return {
    op: 'Where',
    x: { dims, data: values(dims, seed, normal) },
    inputs: side ? [{ mask }, 'x', other] : [{ mask }, other, 'x'],
  };
});

cases.MatMul = fc
  .record({
    m: dim,
    k: dim,
    n: dim,
    a: fc.constantFrom('1', '2', '3', '4'),
    b: fc.constantFrom('1', '2', '3', '4'),
    batch: dim,
    side: fc.boolean(),
    seed,
  })
  .map(({ m, k, n, a, b, batch, side, seed }) => {
    const left = { '1': [k], '2': [m, k], '3': [batch, m, k], '4': [2, 1, m, k] }[a]!;
    const right = { '1': [k], '2': [k, n], '3': [batch, k, n], '4': [2, batch, k, n] }[b]!;
    const dims = side ? left : right;
    const fixed = constant(side ? right : left, seed);
    return { op: 'MatMul', x: { dims, data: values(dims, seed, normal) }, inputs: side ? ['x', fixed] : [fixed, 'x'] };
  });
cases.Gemm = fc
  .record({
    m: dim,
    k: dim,
    n: dim,
    ta: fc.nat(1),
    tb: fc.nat(1),
    which: fc.nat(2),
    alpha: fc.double({ min: 0.3, max: 2, noNaN: true }),
    seed,
  })
  .map(({ m, k, n, ta, tb, which, alpha, seed }) => {
    const all = [ta ? [k, m] : [m, k], tb ? [n, k] : [k, n], [1, n]];
    const dims = all[which]!;
    return {
      op: 'Gemm',
      x: { dims, data: values(dims, seed, normal) },
      inputs: all.map((d, i) => (i === which ? 'x' : constant(d, seed + i))),
      attributes: { transA: ta, transB: tb, alpha: float(alpha), beta: float(0.7) },
    } as SingleNode;
  });

const windowed = fc.record({
  rank: fc.integer({ min: 1, max: 2 }),
  kernel: fc.integer({ min: 1, max: 3 }),
  stride: fc.integer({ min: 1, max: 3 }),
  dilation: fc.integer({ min: 1, max: 2 }),
  before: fc.nat(1),
  after: fc.nat(1),
  size: fc.integer({ min: 5, max: 7 }),
  auto: fc.constantFrom('NOTSET', 'NOTSET', 'SAME_UPPER', 'SAME_LOWER', 'VALID'),
  flag: fc.boolean(),
  ceil: fc.boolean(),
  seed,
});
type Windowed = typeof windowed extends fc.Arbitrary<infer T> ? T : never;
const each = (w: Windowed, v: number) => Array<number>(w.rank).fill(v);
const padding = (w: Windowed, most: number): NonNullable<SingleNode['attributes']> =>
  w.auto === 'NOTSET'
    ? { pads: [...each(w, Math.min(w.before, most)), ...each(w, Math.min(w.after, most))] }
    : { auto_pad: w.auto };

cases.Conv = fc.tuple(windowed, fc.integer({ min: 1, max: 2 }), dim, dim).map(([w, group, ins, outs]) => {
  const dims = [2, ins * group, ...each(w, w.size)];
  return {
    op: 'Conv',
    x: { dims, data: values(dims, w.seed, normal) },
    inputs: ['x', constant([outs * group, ins, ...each(w, w.kernel)], w.seed)],
    attributes: {
      group,
      strides: each(w, w.stride),
      dilations: each(w, w.auto === 'NOTSET' ? w.dilation : 1),
      ...padding(w, 2),
    },
  };
});
cases.ConvTranspose = fc.tuple(windowed, fc.integer({ min: 1, max: 2 })).map(([w, group]) => {
  const dims = [1, 2 * group, ...each(w, 4)];
  const most = Math.min(1, w.kernel - 1);
  return {
    op: 'ConvTranspose',
    x: { dims, data: values(dims, w.seed, normal) },
    inputs: ['x', constant([2 * group, 3, ...each(w, w.kernel)], w.seed)],
    attributes: {
      group,
      strides: each(w, w.stride),
      dilations: each(w, w.dilation),
      pads: [...each(w, Math.min(w.before, most)), ...each(w, Math.min(w.after, most))],
      ...(w.flag && w.stride > 1 ? { output_padding: each(w, 1) } : {}),
    },
  };
});
cases.MaxPool = windowed.map((w) => {
  const dims = [2, 2, ...each(w, w.size)];
  return {
    op: 'MaxPool',
    x: { dims, data: distinct(total(dims), Random.of(w.seed, 'pool')) },
    inputs: ['x'],
    attributes: {
      kernel_shape: each(w, w.kernel + 1),
      strides: each(w, w.stride),
      ...(w.auto === 'NOTSET' ? { dilations: each(w, w.dilation), ceil_mode: w.ceil ? 1 : 0 } : {}),
      ...padding(w, 1),
    },
  };
});
cases.AveragePool = windowed.map((w) => {
  const dims = [2, 2, ...each(w, w.size)];
  return {
    op: 'AveragePool',
    x: { dims, data: values(dims, w.seed, normal) },
    inputs: ['x'],
    attributes: {
      kernel_shape: each(w, w.kernel + 1),
      strides: each(w, w.stride),
      count_include_pad: w.flag ? 1 : 0,
      ...(w.auto === 'NOTSET' && !w.flag ? { ceil_mode: w.ceil ? 1 : 0 } : {}),
      ...padding(w, 1),
    },
  };
});
const picture = fc.record({ n: dim, c: dim, h: dim, w: dim, seed });
cases.GlobalAveragePool = picture.map(({ n, c, h, w, seed }) => ({
  op: 'GlobalAveragePool',
  x: { dims: [n, c, h, w], data: values([n, c, h, w], seed, normal) },
  inputs: ['x'],
}));
cases.GlobalMaxPool = picture.map(({ n, c, h, w, seed }) => ({
  op: 'GlobalMaxPool',
  x: { dims: [n, c, h, w], data: distinct(n * c * h * w, Random.of(seed, 'gmp')) },
  inputs: ['x'],
}));

cases.BatchNormalization = picture.map(({ n, c, h, w, seed }) => ({
  op: 'BatchNormalization',
  x: { dims: [n, c, h, w], data: values([n, c, h, w], seed, normal) },
  inputs: [
    'x',
    constant([c], seed),
    constant([c], seed + 1),
    constant([c], seed + 2),
    constant([c], seed + 3, positive),
  ],
}));
cases.InstanceNormalization = picture.map(({ n, c, seed }) => ({
  op: 'InstanceNormalization',
  x: { dims: [n, c, 3, 3], data: values([n, c, 3, 3], seed, normal) },
  inputs: ['x', constant([c], seed), constant([c], seed + 1)],
  attributes: { epsilon: 0.01 },
}));
cases.LayerNormalization = fc.record({ a: dim, b: dim, whole: fc.boolean(), seed }).map(({ a, b, whole, seed }) => {
  const dims = [2, a, b + 3];
  const scaled = whole ? [a, b + 3] : [b + 3];
  return {
    op: 'LayerNormalization',
    x: { dims, data: values(dims, seed, normal) },
    inputs: ['x', constant(scaled, seed), constant(scaled, seed + 1)],
    attributes: { axis: whole ? 1 : -1, epsilon: 0.01 },
  };
});
// ONNX Runtime takes odd sizes only.
cases.LRN = fc
  .record({ c: fc.integer({ min: 1, max: 6 }), size: fc.constantFrom(1, 3, 5), seed })
  .map(({ c, size, seed }) => ({
    op: 'LRN',
    x: { dims: [2, c, 2, 3], data: values([2, c, 2, 3], seed, normal) },
    inputs: ['x'],
    attributes: { size, alpha: 0.5, beta: 0.75, bias: 1.5 },
  }));

for (const [op, draw] of [
  ['ReduceSum', normal],
  ['ReduceMean', normal],
  ['ReduceMax', undefined],
  ['ReduceMin', undefined],
  ['ReduceL1', awayFromZero],
  ['ReduceL2', awayFromZero],
  ['ReduceSumSquare', normal],
  ['ReduceLogSumExp', normal],
] as const) {
  cases[op] = fc
    .record({
      dims: shape,
      seed,
      axes: fc.uniqueArray(fc.nat(3), { maxLength: 3 }),
      keep: fc.nat(1),
      negative: fc.boolean(),
    })
    .map(({ dims, seed, axes, keep, negative }) => {
      const used = [...new Set(axes.map((a) => a % dims.length))].map((a) => (negative ? a - dims.length : a));
      const data = draw ? values(dims, seed, draw) : distinct(total(dims), Random.of(seed, op));
      return {
        op,
        x: { dims, data },
        inputs: used.length ? ['x', ints(...used)] : ['x'],
        attributes: { keepdims: keep },
      };
    });
}

const fixedShape = (
  op: string,
  dims: number[],
  rest: SingleNode['inputs'],
  attributes: SingleNode['attributes'] = {},
  outputs = 1,
) => {
  cases[op] = seed.map((s) => ({
    op,
    x: { dims, data: values(dims, s, normal) },
    inputs: ['x', ...rest],
    attributes,
    outputs,
  }));
};
fixedShape('Reshape', [2, 3, 4], [ints(4, -1)]);
fixedShape('Flatten', [2, 3, 4], [], { axis: 1 });
fixedShape('Squeeze', [2, 1, 3, 1], [ints(1, 3)]);
fixedShape('Unsqueeze', [2, 3], [ints(0, 2)]);
fixedShape('Expand', [2, 1, 3], [ints(2, 2, 4, 3)]);
fixedShape('DepthToSpace', [1, 8, 2, 3], [], { blocksize: 2, mode: 'CRD' });
fixedShape('SpaceToDepth', [1, 2, 4, 6], [], { blocksize: 2 });
fixedShape('GatherND', [3, 4, 2], [{ type: 'int64', dims: [2, 2], data: BigInt64Array.of(0n, 3n, 2n, 1n) }]);
fixedShape(
  'GatherElements',
  [3, 4],
  [{ type: 'int64', dims: [2, 4], data: BigInt64Array.of(0n, 2n, 1n, 0n, 2n, 2n, 0n, 0n) }],
  { axis: 0 },
);
cases.Tile = fc
  .record({ dims: shape, seed, r: fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 4, maxLength: 4 }) })
  .map(({ dims, seed, r }) => ({
    op: 'Tile',
    x: { dims, data: values(dims, seed, normal) },
    inputs: ['x', ints(...dims.map((_, i) => r[i]!))],
  }));
cases.Transpose = fc
  .record({ perm: fc.shuffledSubarray([0, 1, 2, 3], { minLength: 4, maxLength: 4 }), seed })
  .map(({ perm, seed }) => ({
    op: 'Transpose',
    x: { dims: [2, 3, 1, 4], data: values([2, 3, 1, 4], seed, normal) },
    inputs: ['x'],
    attributes: { perm },
  }));
cases.Concat = fc.record({ axis: fc.nat(2), seed, first: fc.boolean() }).map(({ axis, seed, first }) => {
  const fixed = constant([2, 3, 2], seed);
  return {
    op: 'Concat',
    x: { dims: [2, 3, 2], data: values([2, 3, 2], seed, normal) },
    inputs: first ? ['x', fixed] : [fixed, 'x', fixed],
    attributes: { axis },
  };
});
cases.Split = fc.record({ seed, which: fc.integer({ min: 1, max: 3 }) }).map(({ seed, which }) => ({
  op: 'Split',
  x: { dims: [2, 6, 2], data: values([2, 6, 2], seed, normal) },
  inputs: ['x', ints(...Array<number>(which).fill(6 / which))],
  attributes: { axis: 1 },
  outputs: which,
}));
cases.Slice = fc
  .record({
    seed,
    start: fc.integer({ min: -5, max: 3 }),
    length: fc.integer({ min: 1, max: 3 }),
    step: fc.constantFrom(1, 1, 2, -1),
    axis: fc.integer({ min: -3, max: 2 }),
  })
  .map(({ seed, start, length, step, axis }) => ({
    op: 'Slice',
    x: { dims: [5, 5, 5], data: values([5, 5, 5], seed, normal) },
    inputs:
      step === -1
        ? ['x', ints(4), ints(0), ints(axis), ints(-1)]
        : ['x', ints(start), ints(start < 0 && start + length >= 0 ? 2 ** 31 : start + length), ints(axis), ints(step)],
  }));
cases.Gather = fc
  .record({ seed, axis: fc.integer({ min: -3, max: 2 }), one: fc.boolean() })
  .map(({ seed, axis, one }) => ({
    op: 'Gather',
    x: { dims: [3, 4, 3], data: values([3, 4, 3], seed, normal) },
    inputs: ['x', one ? scalarInt(1) : { type: 'int64', dims: [2, 2], data: BigInt64Array.of(0n, 2n, 2n, -1n) }],
    attributes: { axis },
  }));
cases.Pad = fc
  .record({
    seed,
    pads: fc.array(fc.integer({ min: -1, max: 2 }), { minLength: 6, maxLength: 6 }),
    mode: fc.constantFrom('constant', 'reflect', 'edge'),
  })
  .map(({ seed, pads, mode }) => ({
    op: 'Pad',
    x: { dims: [3, 4, 3], data: values([3, 4, 3], seed, normal) },
    inputs: ['x', ints(...(mode === 'constant' ? pads : pads.map((p) => Math.max(0, p))))],
    attributes: { mode },
  }));
