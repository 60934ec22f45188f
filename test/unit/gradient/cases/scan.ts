import fc from 'fast-check';
import type { SingleNode } from '../singleNode';
import { type Cases, constant, ints, normal, scalarInt, seed, values } from './draw';
import { dimsOf, size } from './gather';

export const scanCases: Cases = {};

scanCases.CumSum = fc
  .record({
    dims: dimsOf(1, 4),
    axis: fc.nat(3),
    fromEnd: fc.boolean(),
    exclusive: fc.nat(1),
    reverse: fc.nat(1),
    seed,
  })
  .map(({ dims, axis, fromEnd, exclusive, reverse, seed }): SingleNode => {
    const at = axis % dims.length;
    return {
      op: 'CumSum',
      x: { dims, data: values(dims, seed, normal) },
      inputs: ['x', scalarInt(fromEnd ? at - dims.length : at)],
      attributes: { exclusive, reverse },
    };
  });

scanCases.Trilu = fc
  .record({ dims: dimsOf(2, 4), k: fc.option(fc.integer({ min: -3, max: 3 })), upper: fc.nat(1), seed })
  .map(
    ({ dims, k, upper, seed }): SingleNode => ({
      op: 'Trilu',
      x: { dims, data: values(dims, seed, normal) },
      inputs: k === null ? ['x'] : ['x', scalarInt(k)],
      attributes: { upper },
    }),
  );

scanCases.ReverseSequence = fc
  .record({ dims: dimsOf(2, 4), lengths: fc.array(fc.nat(20), { minLength: 5, maxLength: 5 }), time: fc.nat(1), seed })
  .map(
    ({ dims, lengths, time, seed }): SingleNode => ({
      op: 'ReverseSequence',
      x: { dims, data: values(dims, seed, normal) },
      inputs: ['x', ints(...Array.from({ length: dims[1 - time]! }, (_, i) => 1 + (lengths[i]! % dims[time]!)))],
      attributes: { time_axis: time, batch_axis: 1 - time },
    }),
  );

scanCases.DFT = fc
  .record({
    batch: size,
    between: dimsOf(0, 1),
    n: fc.integer({ min: 1, max: 9 }),
    length: fc.option(fc.integer({ min: 1, max: 12 })),
    parts: fc.integer({ min: 1, max: 2 }),
    kind: fc.constantFrom('forward', 'onesided', 'inverse'),
    front: fc.boolean(),
    opset: fc.constantFrom(18, 20),
    seed,
  })
  .map(({ batch, between, n, length, parts, kind, front, opset, seed }): SingleNode => {
    const dims = front ? [batch, n, ...between, parts] : [batch, ...between, n, parts];
    const axis = front ? 1 : dims.length - 2;
    // A spectrum of complex numbers has two sides.
    const onesided = kind === 'onesided' && parts === 1 ? 1 : 0;
    const inverse = kind === 'inverse' && parts === 2 ? 1 : 0;
    const given = length === null ? '' : scalarInt(length);
    return {
      op: 'DFT',
      opset,
      x: { dims, data: values(dims, seed, normal) },
      inputs: opset === 20 ? ['x', given, scalarInt(front ? axis : axis - dims.length)] : ['x', given],
      attributes: { onesided, inverse, ...(opset === 20 ? {} : { axis }) },
    };
  });

scanCases.STFT = fc
  .record({
    batch: size,
    n: fc.integer({ min: 1, max: 5 }),
    step: fc.integer({ min: 1, max: 4 }),
    frames: fc.integer({ min: 1, max: 4 }),
    rest: fc.nat(2),
    form: fc.constantFrom('flat', 'real', 'complex'),
    window: fc.boolean(),
    sided: fc.nat(1),
    seed,
  })
  .map(({ batch, n, step, frames, rest, form, window, sided, seed }): SingleNode => {
    const length = (frames - 1) * step + n + Math.min(rest, step - 1);
    const dims = [batch, length, ...{ flat: [], real: [1], complex: [2] }[form]!];
    return {
      op: 'STFT',
      x: { dims, data: values(dims, seed, normal) },
      inputs: [
        'x',
        scalarInt(step),
        ...(window && form !== 'complex' ? [constant([n], seed)] : (['', scalarInt(n)] as const)),
      ],
      attributes: { onesided: form === 'complex' ? 0 : sided },
    };
  });
