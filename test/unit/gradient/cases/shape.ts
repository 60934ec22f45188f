import fc from 'fast-check';
import { type Cases, constant, fixedShape, ints, normal, scalarInt, seed, shape, unary, values } from './draw';

export const shapeCases: Cases = {};

shapeCases.Identity = unary('Identity', normal);
shapeCases.Cast = unary('Cast', normal, { to: 1 });
shapeCases.Reshape = fixedShape('Reshape', [2, 3, 4], [ints(4, -1)]);
shapeCases.Flatten = fixedShape('Flatten', [2, 3, 4], [], { axis: 1 });
shapeCases.Squeeze = fixedShape('Squeeze', [2, 1, 3, 1], [ints(1, 3)]);
shapeCases.Unsqueeze = fixedShape('Unsqueeze', [2, 3], [ints(0, 2)]);
shapeCases.Expand = fixedShape('Expand', [2, 1, 3], [ints(2, 2, 4, 3)]);
shapeCases.DepthToSpace = fixedShape('DepthToSpace', [1, 8, 2, 3], [], { blocksize: 2, mode: 'CRD' });
shapeCases.SpaceToDepth = fixedShape('SpaceToDepth', [1, 2, 4, 6], [], { blocksize: 2 });
shapeCases.GatherND = fixedShape(
  'GatherND',
  [3, 4, 2],
  [{ type: 'int64', dims: [2, 2], data: BigInt64Array.of(0n, 3n, 2n, 1n) }],
);
shapeCases.GatherElements = fixedShape(
  'GatherElements',
  [3, 4],
  [{ type: 'int64', dims: [2, 4], data: BigInt64Array.of(0n, 2n, 1n, 0n, 2n, 2n, 0n, 0n) }],
  { axis: 0 },
);
shapeCases.Tile = fc
  .record({ dims: shape, seed, r: fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 4, maxLength: 4 }) })
  .map(({ dims, seed, r }) => ({
    op: 'Tile',
    x: { dims, data: values(dims, seed, normal) },
    inputs: ['x', ints(...dims.map((_, i) => r[i]!))],
  }));
shapeCases.Transpose = fc
  .record({ perm: fc.shuffledSubarray([0, 1, 2, 3], { minLength: 4, maxLength: 4 }), seed })
  .map(({ perm, seed }) => ({
    op: 'Transpose',
    x: { dims: [2, 3, 1, 4], data: values([2, 3, 1, 4], seed, normal) },
    inputs: ['x'],
    attributes: { perm },
  }));
shapeCases.Concat = fc.record({ axis: fc.nat(2), seed, first: fc.boolean() }).map(({ axis, seed, first }) => {
  const fixed = constant([2, 3, 2], seed);
  return {
    op: 'Concat',
    x: { dims: [2, 3, 2], data: values([2, 3, 2], seed, normal) },
    inputs: first ? ['x', fixed] : [fixed, 'x', fixed],
    attributes: { axis },
  };
});
shapeCases.Split = fc.record({ seed, which: fc.integer({ min: 1, max: 3 }) }).map(({ seed, which }) => ({
  op: 'Split',
  x: { dims: [2, 6, 2], data: values([2, 6, 2], seed, normal) },
  inputs: ['x', ints(...Array<number>(which).fill(6 / which))],
  attributes: { axis: 1 },
  outputs: which,
}));
shapeCases.Slice = fc
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
shapeCases.Gather = fc
  .record({ seed, axis: fc.integer({ min: -3, max: 2 }), one: fc.boolean() })
  .map(({ seed, axis, one }) => ({
    op: 'Gather',
    x: { dims: [3, 4, 3], data: values([3, 4, 3], seed, normal) },
    inputs: ['x', one ? scalarInt(1) : { type: 'int64', dims: [2, 2], data: BigInt64Array.of(0n, 2n, 2n, -1n) }],
    attributes: { axis },
  }));
shapeCases.Pad = fc
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
