import fc from 'fast-check';
import type { Constant } from '../../../../src/engine/onnx/tensor';
import { Random } from '../../../../src/engine/random';
import type { SingleNode } from '../singleNode';
import { type Cases, constant, ints, normal, scalarInt, seed, total, values } from './draw';

export const gatherCases: Cases = {};

export const size = fc.integer({ min: 1, max: 5 });
export const dimsOf = (min: number, max: number) => fc.array(size, { minLength: min, maxLength: max });

/** Indices into an axis, from either end. */
export const indexTensor = (dims: readonly number[], limit: number, seed: number): Constant => {
  const random = Random.of(seed, 'index');
  const data = BigInt64Array.from({ length: total(dims) }, () => BigInt(random.integer(2 * limit) - limit));
  return { type: 'int64', dims, data };
};

/** `n` of `limit` positions, each once. */
export const distinctIndices = (n: number, limit: number, seed: number): number[] => {
  const random = Random.of(seed, 'distinct');
  const all = Array.from({ length: limit }, (_, i) => i);
  return Array.from({ length: Math.min(n, limit) }, () => all.splice(random.integer(all.length), 1)[0]!);
};

gatherCases.Gather = fc
  .record({
    dims: dimsOf(1, 4),
    axis: fc.nat(3),
    fromEnd: fc.boolean(),
    indices: fc.oneof(
      dimsOf(0, 2).map((dims) => ({ kind: 'any' as const, dims })),
      fc.record({
        kind: fc.constantFrom('run' as const, 'distinct' as const, 'same' as const),
        n: fc.integer({ min: 1, max: 12 }),
      }),
    ),
    seed,
  })
  .map(({ dims, axis, fromEnd, indices, seed }): SingleNode => {
    const at = axis % dims.length;
    const limit = dims[at]!;
    const make = (): Constant => {
      if (indices.kind === 'any') return indexTensor(indices.dims, limit, seed);
      if (indices.kind === 'same') return ints(...Array<number>(indices.n).fill(seed % limit));
      if (indices.kind === 'distinct') return ints(...distinctIndices(indices.n, limit, seed));
      const first = seed % limit;
      return ints(...Array.from({ length: Math.min(indices.n, limit - first) }, (_, k) => first + k));
    };
    return {
      op: 'Gather',
      x: { dims, data: values(dims, seed, normal) },
      inputs: ['x', make()],
      attributes: { axis: fromEnd ? at - dims.length : at },
    };
  });

gatherCases.GatherElements = fc
  .record({ dims: dimsOf(1, 4), smaller: dimsOf(4, 4), axis: fc.nat(3), fromEnd: fc.boolean(), seed })
  .map(({ dims, smaller, axis, fromEnd, seed }): SingleNode => {
    const at = axis % dims.length;
    const indices = dims.map((dim, i) => (i === at ? smaller[i]! : Math.min(dim, smaller[i]!)));
    return {
      op: 'GatherElements',
      x: { dims, data: values(dims, seed, normal) },
      inputs: ['x', indexTensor(indices, dims[at]!, seed)],
      attributes: { axis: fromEnd ? at - dims.length : at },
    };
  });

gatherCases.GatherND = fc
  .record({ dims: dimsOf(2, 4), batch: fc.nat(1), depth: fc.integer({ min: 1, max: 4 }), points: dimsOf(1, 2), seed })
  .map(({ dims, batch, depth, points, seed }): SingleNode => {
    const reach = Math.min(depth, dims.length - batch);
    const lead = [...dims.slice(0, batch), ...points];
    const random = Random.of(seed, 'nd');
    const data = BigInt64Array.from({ length: total(lead) * reach }, (_, k) => {
      const limit = dims[batch + (k % reach)]!;
      return BigInt(random.integer(2 * limit) - limit);
    });
    return {
      op: 'GatherND',
      x: { dims, data: values(dims, seed, normal) },
      inputs: ['x', { type: 'int64', dims: [...lead, reach], data }],
      attributes: { batch_dims: batch },
    };
  });

gatherCases.Compress = fc
  .record({ dims: dimsOf(1, 3), axis: fc.option(fc.nat(2)), fromEnd: fc.boolean(), shorter: fc.boolean(), seed })
  .map(({ dims, axis, fromEnd, shorter, seed }): SingleNode => {
    const at = axis === null ? undefined : axis % dims.length;
    const length = at === undefined ? total(dims) : dims[at]!;
    const random = Random.of(seed, 'compress');
    // At least one is kept: ONNX Runtime's differences want an output.
    const keep = Array.from({ length: shorter ? Math.ceil(length / 2) : length }, (_, k) =>
      k === 0 ? 1 : random.integer(2),
    );
    return {
      op: 'Compress',
      x: { dims, data: values(dims, seed, normal) },
      inputs: ['x', { mask: ints(...keep) }],
      ...(at === undefined ? {} : { attributes: { axis: fromEnd ? at - dims.length : at } }),
    };
  });

gatherCases.OneHot = fc
  .record({ dims: dimsOf(1, 2), depth: fc.integer({ min: 2, max: 4 }), axis: fc.constantFrom(-1, 0, 1), seed })
  .map(
    ({ dims, depth, axis, seed }): SingleNode => ({
      op: 'OneHot',
      x: { dims: [2], data: values([2], seed, normal) },
      inputs: [indexTensor(dims, depth + 1, seed), scalarInt(depth), 'x'],
      attributes: { axis },
    }),
  );

gatherCases.TensorScatter = fc
  .record({
    batch: fc.integer({ min: 1, max: 3 }),
    heads: dimsOf(0, 2),
    length: fc.integer({ min: 2, max: 5 }),
    written: fc.integer({ min: 1, max: 5 }),
    width: size,
    mode: fc.constantFrom('linear', 'circular'),
    last: fc.boolean(),
    side: fc.nat(1),
    starts: fc.boolean(),
    weights: fc.boolean(),
    seed,
  })
  .map(({ batch, heads, length, written, width, mode, last, side, starts, weights, seed }): SingleNode => {
    const steps = Math.min(written, length);
    const shape = (time: number) => (last ? [batch, ...heads, width, time] : [batch, ...heads, time, width]);
    const random = Random.of(seed, 'cache');
    // Around the end where that is allowed.
    const [earliest, latest] = mode === 'circular' ? [length - steps, length - 1] : [0, length - steps];
    const at = Array.from({ length: batch }, () => earliest + random.integer(latest - earliest + 1));
    const dims = shape(side === 0 ? length : steps);
    const other = constant(shape(side === 0 ? steps : length), seed);
    return {
      op: 'TensorScatter',
      opset: 24,
      x: { dims, data: values(dims, seed, normal) },
      inputs: [...(side === 0 ? (['x', other] as const) : ([other, 'x'] as const)), ...(starts ? [ints(...at)] : [])],
      ...(weights ? { weights: [1 - side] } : {}),
      attributes: { axis: last ? -1 : -2, mode },
    };
  });
