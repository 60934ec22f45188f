import fc from 'fast-check';
import { Random } from '../../../../src/engine/random';
import type { SingleNode } from '../singleNode';
import { awayFromZero, type Cases, dim, distinct, ints, normal, picture, seed, total, values } from './draw';

export const poolCases: Cases = {};

const axis = fc.record({
  kernel: fc.integer({ min: 1, max: 4 }),
  stride: fc.integer({ min: 1, max: 3 }),
  dilation: fc.integer({ min: 1, max: 2 }),
  before: fc.nat(1),
  after: fc.nat(1),
  extra: fc.nat(4),
});
const window = fc.record({
  axes: fc.oneof(
    { arbitrary: fc.array(axis, { minLength: 2, maxLength: 2 }), weight: 3 },
    { arbitrary: fc.array(axis, { minLength: 1, maxLength: 1 }), weight: 1 },
    { arbitrary: fc.array(axis, { minLength: 3, maxLength: 3 }), weight: 1 },
  ),
  auto: fc.constantFrom('NOTSET', 'NOTSET', 'SAME_UPPER', 'SAME_LOWER', 'VALID'),
  ceil: fc.boolean(),
  flag: fc.boolean(),
  seed,
});
type Window = typeof window extends fc.Arbitrary<infer T> ? T : never;

/** A pooling operator over a random window; `dilated` where ONNX Runtime takes dilations. */
function windowed(w: Window, op: string, dilated: boolean, data: (dims: readonly number[]) => Float32Array) {
  const axes = w.axes.map((a) => ({ ...a, kernel: w.axes.length === 3 ? Math.min(2, a.kernel) : a.kernel }));
  const dilation = (a: (typeof axes)[number]) => (dilated && w.auto === 'NOTSET' ? a.dilation : 1);
  const each = <T>(of: (a: (typeof axes)[number]) => T) => axes.map(of);
  const size = each((a) => (a.kernel - 1) * dilation(a) + 1 + (w.axes.length === 3 ? Math.min(2, a.extra) : a.extra));
  const dims = [w.axes.length === 3 ? 1 : 2, 2, ...size];
  const pads = [...each((a) => Math.min(a.before, a.kernel - 1)), ...each((a) => Math.min(a.after, a.kernel - 1))];
  const single: SingleNode = {
    op,
    x: { dims, data: data(dims) },
    inputs: ['x'],
    attributes: {
      kernel_shape: each((a) => a.kernel),
      // ONNX Runtime refuses SAME where the stride skips elements.
      strides: each((a) => (w.auto.startsWith('SAME') ? Math.min(a.stride, a.kernel) : a.stride)),
      ...(dilated ? { dilations: each(dilation) } : {}),
      ...(w.auto === 'NOTSET' ? { pads, ceil_mode: w.ceil ? 1 : 0 } : { auto_pad: w.auto }),
    },
  };
  return single;
}
/** Windows side by side, with or without a rest; one of them may be over everything. */
const sideBySide = fc.record({
  rows: fc.integer({ min: 1, max: 3 }),
  columns: fc.integer({ min: 1, max: 3 }),
  kernel: fc.integer({ min: 1, max: 3 }),
  wide: fc.integer({ min: 2, max: 3 }),
  rest: fc.nat(1),
  seed,
});
type SideBySide = typeof sideBySide extends fc.Arbitrary<infer T> ? T : never;
function tiles(s: SideBySide, op: string, data: (dims: readonly number[]) => Float32Array): SingleNode {
  const dims = [2, 2, s.rows * s.kernel + Math.min(s.rest, s.kernel - 1), s.columns * s.wide + s.rest];
  return {
    op,
    x: { dims, data: data(dims) },
    inputs: ['x'],
    attributes: { kernel_shape: [s.kernel, s.wide], strides: [s.kernel, s.wide] },
  };
}

const more = (single: SingleNode, attributes: NonNullable<SingleNode['attributes']>): SingleNode => ({
  ...single,
  attributes: { ...single.attributes, ...attributes },
});
const shuffled = (seed: number) => (dims: readonly number[]) => distinct(total(dims), Random.of(seed, 'pool'));

poolCases.MaxPool = fc.oneof(
  window.map((w) => more(windowed(w, 'MaxPool', true, shuffled(w.seed)), { storage_order: w.flag ? 1 : 0 })),
  sideBySide.map((s) => tiles(s, 'MaxPool', shuffled(s.seed))),
);

const average = (opset: number) =>
  window.map((w) => ({
    ...more(
      windowed(w, 'AveragePool', opset >= 19, (dims) => values(dims, w.seed, normal)),
      { count_include_pad: w.flag ? 1 : 0 },
    ),
    opset,
  }));
poolCases.AveragePool = fc.oneof(
  average(18),
  average(19),
  sideBySide.map((s) => tiles(s, 'AveragePool', (dims) => values(dims, s.seed, normal))),
);

poolCases.GlobalAveragePool = picture.map(({ n, c, h, w, seed }) => ({
  op: 'GlobalAveragePool',
  x: { dims: [n, c, h, w], data: values([n, c, h, w], seed, normal) },
  inputs: ['x'],
}));
poolCases.GlobalMaxPool = picture.map(({ n, c, h, w, seed }) => ({
  op: 'GlobalMaxPool',
  x: { dims: [n, c, h, w], data: distinct(n * c * h * w, Random.of(seed, 'gmp')) },
  inputs: ['x'],
}));

poolCases.LpPool = fc.tuple(window, fc.integer({ min: 1, max: 3 })).map(([w, p]) =>
  more(
    windowed(w, 'LpPool', true, (dims) => values(dims, w.seed, awayFromZero)),
    { p },
  ),
);
poolCases.GlobalLpPool = fc.tuple(picture, fc.integer({ min: 1, max: 3 })).map(([{ n, c, h, w, seed }, p]) => ({
  op: 'GlobalLpPool',
  x: { dims: [n, c, h, w], data: values([n, c, h, w], seed, awayFromZero) },
  inputs: ['x'],
  attributes: { p },
}));
/** As MaxPool leaves it: one position in each window. */
poolCases.MaxUnpool = fc
  .record({ n: dim, c: dim, h: dim, w: dim, larger: fc.boolean(), seed })
  .map(({ n, c, h, w, larger, seed }): SingleNode => {
    const dims = [n, c, h, w];
    const random = Random.of(seed, 'unpool');
    const positions = Array.from({ length: total(dims) }, (_, i) => {
      const [plane, row, column] = [Math.floor(i / (h * w)), Math.floor(i / w) % h, i % w];
      return (plane * 2 * h + 2 * row + random.integer(2)) * 2 * w + 2 * column + random.integer(2);
    });
    return {
      op: 'MaxUnpool',
      x: { dims, data: values(dims, seed, normal) },
      inputs: [
        'x',
        { type: 'int64', dims, data: BigInt64Array.from(positions, BigInt) },
        ...(larger ? [ints(n, c, 2 * h + 1, 2 * w)] : []),
      ],
      attributes: { kernel_shape: [2, 2], strides: [2, 2] },
    };
  });
