import fc from 'fast-check';
import type { Constant } from '../../../../src/engine/onnx/tensor';
import type { SingleNode } from '../singleNode';
import { type Cases, constant, dim, ints, normal, seed, shape, unary, values } from './draw';

export const shapeCases: Cases = {};

const one = (op: string, dims: readonly number[], seed: number, rest: Partial<SingleNode> = {}): SingleNode => ({
  op,
  x: { dims, data: values(dims, seed, normal) },
  inputs: ['x'],
  ...rest,
});

shapeCases.Identity = unary('Identity', normal);
shapeCases.Cast = unary('Cast', normal, { to: 1 });
shapeCases.CastLike = fc
  .record({ dims: shape, seed })
  .map(({ dims, seed }) => one('CastLike', dims, seed, { inputs: ['x', constant([2], seed)] }));

shapeCases.Reshape = fc
  .record({ dims: shape, order: fc.nat(23), kind: fc.constantFrom('flat', 'open', 'copied', 'written'), seed })
  .map(({ dims, order, kind, seed }) => {
    const written = [...dims].sort((a, b) => ((a * 7 + order) % 5) - ((b * 7 + order) % 5));
    const to = {
      flat: [-1],
      open: [...written.slice(0, -1), -1],
      copied: [0, -1],
      written: [1, ...written],
    }[kind]!;
    return one('Reshape', dims, seed, { inputs: ['x', ints(...to)] });
  });

shapeCases.Flatten = fc
  .record({ dims: shape, axis: fc.integer({ min: 0, max: 4 }), fromEnd: fc.boolean(), seed })
  .map(({ dims, axis, fromEnd, seed }) => {
    const at = axis % (dims.length + 1);
    return one('Flatten', dims, seed, { attributes: { axis: fromEnd && at < dims.length ? at - dims.length : at } });
  });

const inserted = fc.record({
  dims: fc.array(dim, { minLength: 1, maxLength: 3 }),
  at: fc.subarray([0, 1, 2], { minLength: 1 }),
  fromEnd: fc.boolean(),
  seed,
});
const withOnes = (dims: readonly number[], at: readonly number[]) => {
  const result = [...dims];
  for (const axis of at) result.splice(Math.min(axis, result.length), 0, 1);
  return result;
};
const onesAt = (dims: readonly number[], at: readonly number[]) => {
  const full = withOnes(dims, at);
  return full.flatMap((_, axis) => (at.includes(axis) && full[axis] === 1 ? [axis] : []));
};

shapeCases.Unsqueeze = inserted.map(({ dims, at, fromEnd, seed }) => {
  const rank = dims.length + at.length;
  const axes = at.filter((axis) => axis < rank).map((axis) => (fromEnd ? axis - rank : axis));
  return one('Unsqueeze', dims, seed, { inputs: ['x', ints(...axes)] });
});
shapeCases.Squeeze = fc.tuple(inserted, fc.boolean()).map(([{ dims, at, fromEnd, seed }, all]) => {
  const full = withOnes(dims, at);
  const axes = onesAt(dims, at).map((axis) => (fromEnd ? axis - full.length : axis));
  return one('Squeeze', full, seed, { inputs: all ? ['x'] : ['x', ints(...axes)] });
});

shapeCases.Transpose = fc
  .record({
    dims: shape,
    order: fc.shuffledSubarray([0, 1, 2, 3], { minLength: 4, maxLength: 4 }),
    given: fc.boolean(),
    seed,
  })
  .map(({ dims, order, given, seed }) =>
    one('Transpose', dims, seed, given ? { attributes: { perm: order.filter((axis) => axis < dims.length) } } : {}),
  );

shapeCases.Expand = fc
  .record({
    full: shape,
    ones: fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
    drop: fc.nat(2),
    thin: fc.boolean(),
    seed,
  })
  .map(({ full, ones, drop, thin, seed }) => {
    const dims = full.map((d, i) => (ones[i] ? 1 : d)).slice(Math.min(drop, full.length - 1));
    // The shape, too, may have ones where the tensor is longer.
    const to = thin && dims.length === full.length ? full.map((d, i) => (ones[i] ? d : 1)) : full;
    return one('Expand', dims, seed, { inputs: ['x', ints(...to)] });
  });

shapeCases.Tile = fc
  .record({ dims: shape, seed, r: fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 4, maxLength: 4 }) })
  .map(({ dims, seed, r }) => one('Tile', dims, seed, { inputs: ['x', ints(...dims.map((_, i) => r[i]!))] }));

const space = fc.record({ n: dim, c: dim, h: dim, w: dim, blocksize: fc.integer({ min: 1, max: 3 }), seed });
shapeCases.DepthToSpace = fc
  .tuple(space, fc.constantFrom('DCR', 'CRD'))
  .map(([{ n, c, h, w, blocksize, seed }, mode]) =>
    one('DepthToSpace', [n, c * blocksize * blocksize, h, w], seed, { attributes: { blocksize, mode } }),
  );
shapeCases.SpaceToDepth = space.map(({ n, c, h, w, blocksize, seed }) =>
  one('SpaceToDepth', [n, c, h * blocksize, w * blocksize], seed, { attributes: { blocksize } }),
);

shapeCases.Concat = fc
  .record({
    dims: shape,
    axis: fc.nat(3),
    fromEnd: fc.boolean(),
    sizes: fc.array(dim, { minLength: 1, maxLength: 5 }),
    which: fc.nat(4),
    weights: fc.subarray([0, 1, 2, 3, 4]),
    seed,
  })
  .map(({ dims, axis, fromEnd, sizes, which, weights, seed }) => {
    const at = axis % dims.length;
    const x = which % sizes.length;
    const shapes = sizes.map((size) => dims.map((d, i) => (i === at ? size : d)));
    return one('Concat', shapes[x]!, seed, {
      inputs: shapes.map((d, i): 'x' | Constant => (i === x ? 'x' : constant(d, seed + i))),
      weights: weights.filter((i) => i < sizes.length && i !== x),
      attributes: { axis: fromEnd ? at - dims.length : at },
    });
  });

/** Only one part is differentiated; the others' gradients are zero. */
shapeCases.Split = fc
  .record({
    dims: shape,
    axis: fc.nat(3),
    fromEnd: fc.boolean(),
    sizes: fc.array(dim, { minLength: 1, maxLength: 4 }),
    kind: fc.constantFrom('sizes', 'equal', 'uneven'),
    which: fc.nat(3),
    seed,
  })
  .map(({ dims, axis, fromEnd, sizes, kind, which, seed }) => {
    const at = axis % dims.length;
    const parts = sizes.length;
    const each = sizes[0]!;
    // Uneven: the last part is the shorter one.
    const size = { sizes: sizes.reduce((a, b) => a + b, 0), equal: each * parts, uneven: (each + 1) * parts - 1 }[
      kind
    ]!;
    const full = dims.map((d, i) => (i === at ? size : d));
    const atEnd = fromEnd ? at - dims.length : at;
    return one('Split', full, seed, {
      inputs: kind === 'sizes' ? ['x', ints(...sizes)] : ['x'],
      attributes: kind === 'sizes' ? { axis: atEnd } : { axis: atEnd, num_outputs: parts },
      outputs: parts,
      output: which % parts,
    });
  });

const cutAxis = fc.record({
  start: fc.oneof(fc.integer({ min: -7, max: 7 }), fc.constant(-(2 ** 40))),
  end: fc.oneof(fc.integer({ min: -7, max: 7 }), fc.constantFrom(2 ** 31 - 1, 2 ** 62, -(2 ** 62))),
  step: fc.constantFrom(1, 1, 1, 2, 3, -1, -2),
});

/** How many a slice takes, by NumPy's rules. */
function taken(size: number, { start, end, step }: { start: number; end: number; step: number }): number {
  const at = (v: number, low: number, high: number) => Math.min(high, Math.max(low, v < 0 ? v + size : v));
  const span = step > 0 ? at(end, 0, size) - at(start, 0, size) : at(start, 0, size - 1) - at(end, -1, size - 1);
  return Math.max(0, Math.ceil(span / Math.abs(step)));
}

shapeCases.Slice = fc
  .record({
    dims: fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 4 }),
    cuts: fc.array(cutAxis, { minLength: 4, maxLength: 4 }),
    axes: fc.shuffledSubarray([0, 1, 2, 3], { minLength: 1 }),
    fromEnd: fc.boolean(),
    form: fc.constantFrom('all', 'no axes', 'no steps'),
    seed,
  })
  .map(({ dims, cuts, axes, fromEnd, form, seed }) => {
    const chosen = form === 'no axes' ? dims.map((_, i) => i) : axes.filter((axis) => axis < dims.length);
    const used = chosen.length > 0 ? chosen : [0];
    const fitted = used.map((axis, i) => {
      const cut = { ...cuts[i]!, step: form === 'all' ? cuts[i]!.step : 1 };
      // An empty output has nothing to differentiate.
      return taken(dims[axis]!, cut) > 0 ? cut : { start: 0, end: 2 ** 31 - 1, step: 1 };
    });
    const given = ints(...used.map((axis) => (fromEnd ? axis - dims.length : axis)));
    const starts = ints(...fitted.map((cut) => cut.start));
    const ends = ints(...fitted.map((cut) => cut.end));
    const inputs: Record<string, SingleNode['inputs']> = {
      all: ['x', starts, ends, given, ints(...fitted.map((cut) => cut.step))],
      'no axes': ['x', starts, ends],
      'no steps': ['x', starts, ends, given],
    };
    return one('Slice', dims, seed, { inputs: inputs[form]! });
  });

shapeCases.Pad = fc
  .record({
    dims: fc.array(fc.integer({ min: 2, max: 5 }), { minLength: 1, maxLength: 4 }),
    amounts: fc.array(fc.integer({ min: -1, max: 5 }), { minLength: 8, maxLength: 8 }),
    mode: fc.constantFrom('constant', 'constant', 'reflect', 'edge', 'wrap'),
    axes: fc.shuffledSubarray([0, 1, 2, 3], { minLength: 1 }),
    fromEnd: fc.boolean(),
    form: fc.constantFrom('all', 'axes'),
    value: fc.constantFrom('absent', 'scalar', 'vector', 'differentiated'),
    seed,
  })
  .map(({ dims, amounts, mode, axes, fromEnd, form, value, seed }) => {
    const chosen = axes.filter((axis) => axis < dims.length);
    const some = chosen.length > 0 ? chosen : [0];
    const used = form === 'all' ? dims.map((_, i) => i) : some;
    // What ONNX Runtime pads by reflection and wraps correctly is at most the axis; it cuts before it repeats.
    const most = (axis: number) => ({ constant: 3, edge: 5, reflect: dims[axis]! - 1, wrap: dims[axis]! })[mode]!;
    const both = [0, 1].map((end) =>
      used.map((axis, i) =>
        Math.min(most(axis), Math.max(mode === 'constant' || mode === 'edge' ? -1 : 0, amounts[2 * i + end]!)),
      ),
    );
    const pads = both.flat().map((amount, k) => (dims[used[k % used.length]!]! > 2 ? amount : Math.max(0, amount)));
    const filler: Constant = { type: 'float32', dims: value === 'vector' ? [1] : [], data: Float32Array.of(0.7) };
    const withValue = mode === 'constant' && value !== 'absent';
    const inputs: SingleNode['inputs'] = [
      'x',
      ints(...pads),
      withValue ? filler : '',
      ...(form === 'axes' ? [ints(...used.map((axis) => (fromEnd ? axis - dims.length : axis)))] : []),
    ];
    return one('Pad', dims, seed, {
      opset: mode === 'wrap' ? 19 : 18,
      inputs,
      ...(withValue && value === 'differentiated' ? { weights: [2] } : {}),
      attributes: { mode },
    });
  });
