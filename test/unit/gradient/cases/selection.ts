import fc from 'fast-check';
import type { Constant } from '../../../../src/engine/onnx/tensor';
import { Random } from '../../../../src/engine/random';
import type { SingleNode } from '../singleNode';
import { type Cases, constant, distinct, ints, normal, seed, total, values } from './draw';
import { dimsOf, distinctIndices, indexTensor } from './gather';

export const selectionCases: Cases = {};

selectionCases.TopK = fc
  .record({
    dims: dimsOf(1, 3),
    k: fc.nat(4),
    axis: fc.nat(2),
    fromEnd: fc.boolean(),
    largest: fc.nat(1),
    sorted: fc.nat(1),
    seed,
  })
  .map(({ dims, k, axis, fromEnd, largest, sorted, seed }): SingleNode => {
    const at = axis % dims.length;
    return {
      op: 'TopK',
      x: { dims, data: distinct(total(dims), Random.of(seed, 'topk')) },
      inputs: ['x', ints(1 + (k % dims[at]!))],
      attributes: { axis: fromEnd ? at - dims.length : at, largest, sorted },
      outputs: 2,
      output: 0,
    };
  });

selectionCases.Unique = fc
  .record({
    dims: dimsOf(1, 3),
    axis: fc.option(fc.nat(2)),
    sorted: fc.nat(1),
    outputs: fc.integer({ min: 1, max: 4 }),
    seed,
  })
  .map(
    ({ dims, axis, sorted, outputs, seed }): SingleNode => ({
      op: 'Unique',
      x: { dims, data: distinct(total(dims), Random.of(seed, 'unique')) },
      inputs: ['x'],
      attributes: { sorted, ...(axis === null ? {} : { axis: axis % dims.length }) },
      outputs,
      output: 0,
    }),
  );

const reductions = fc.constantFrom('none', 'add', 'mul', 'mul', 'max', 'min');

/**
 * Data and updates keep apart by more than the step, so that no extreme changes hands; but in one case of two, the first
 * update is as large as the element that it is written to. A tie of two shares equally, and so do central differences.
 *
 * @param place of the first update, counted over the flattened data.
 */
function scattered(
  op: string,
  dims: number[],
  indices: Constant,
  updateDims: number[],
  place: number,
  o: { side: number; weights: boolean; seed: number; reduction: string; attributes?: Record<string, number> },
): SingleNode {
  const all = distinct(total(dims) + total(updateDims), Random.of(o.seed, 'scatter'));
  const data: Constant = { type: 'float32', dims, data: all.slice(0, total(dims)) };
  const updates: Constant = { type: 'float32', dims: updateDims, data: all.slice(total(dims)) };
  // One update in a case is exactly 0, where the product of the others is the slope.
  if (o.reduction === 'mul' && updates.data.length > 1) updates.data[0] = 0;
  if (['max', 'min'].includes(o.reduction) && o.seed % 2 === 0) updates.data[0] = data.data[place]!;
  const x = o.side === 0 ? data : updates;
  return {
    op,
    x: { dims: x.dims, data: x.data as Float32Array },
    inputs: o.side === 0 ? ['x', indices, updates] : [data, indices, 'x'],
    ...(o.weights ? { weights: [o.side === 0 ? 2 : 0] } : {}),
    attributes: { ...o.attributes, ...(o.reduction === 'none' ? {} : { reduction: o.reduction }) },
  };
}

const common = { side: fc.nat(1), weights: fc.boolean(), seed, reduction: reductions };

selectionCases.ScatterND = fc
  .record({
    ...common,
    dims: dimsOf(1, 3),
    depth: fc.integer({ min: 1, max: 3 }),
    count: fc.integer({ min: 1, max: 6 }),
    twoAxes: fc.boolean(),
  })
  .map(({ dims, depth, count, twoAxes, ...o }) => {
    const reach = Math.min(depth, dims.length);
    const places = total(dims.slice(0, reach));
    // Only a reduction says what happens where an index repeats.
    const at =
      o.reduction === 'none'
        ? distinctIndices(count, places, o.seed)
        : Array.from(indexTensor([count], places, o.seed).data as BigInt64Array, (v) => (Number(v) + places) % places);
    const points = at.flatMap((place) => {
      let rest = place;
      const point: bigint[] = [];
      for (let axis = reach - 1; axis >= 0; axis--) {
        // From either end of an axis.
        point.unshift(BigInt((rest % dims[axis]!) - (o.seed % 3 === 0 ? dims[axis]! : 0)));
        rest = Math.floor(rest / dims[axis]!);
      }
      return point;
    });
    const lead = twoAxes ? [1, at.length] : [at.length];
    const indices: Constant = { type: 'int64', dims: [...lead, reach], data: BigInt64Array.from(points) };
    const place = at[0]! * total(dims.slice(reach));
    return scattered('ScatterND', dims, indices, [...lead, ...dims.slice(reach)], place, o);
  });

selectionCases.ScatterElements = fc
  .record({ ...common, dims: dimsOf(1, 3), smaller: dimsOf(3, 3), axis: fc.nat(2), fromEnd: fc.boolean() })
  .map(({ dims, smaller, axis, fromEnd, ...o }) => {
    const at = axis % dims.length;
    const updateDims = dims.map((dim, i) => Math.min(dim, smaller[i]!));
    const limit = dims[at]!;
    const inner = total(updateDims.slice(at + 1));
    const line = distinctIndices(updateDims[at]!, limit, o.seed);
    const indices: Constant =
      o.reduction === 'none'
        ? {
            type: 'int64',
            dims: updateDims,
            data: BigInt64Array.from({ length: total(updateDims) }, (_, k) =>
              BigInt(line[Math.floor(k / inner) % updateDims[at]!]!),
            ),
          }
        : indexTensor(updateDims, limit, o.seed);
    const first = (Number(indices.data[0]) + limit) % limit;
    return scattered('ScatterElements', dims, indices, updateDims, first * total(dims.slice(at + 1)), {
      ...o,
      attributes: { axis: fromEnd ? at - dims.length : at },
    });
  });

selectionCases.Det = fc
  .record({ lead: dimsOf(0, 2), n: fc.integer({ min: 1, max: 4 }), singular: fc.boolean(), seed })
  .map(({ lead, n, singular, seed }): SingleNode => {
    const dims = [...lead, n, n];
    const x = constant(dims, seed);
    const data = values(dims, seed, normal);
    // Two equal rows: the derivative stands though there is no inverse.
    if (singular && n > 1) data.copyWithin(n, 0, n);
    return { op: 'Det', x: { dims, data: singular ? data : (x.data as Float32Array) }, inputs: ['x'] };
  });
