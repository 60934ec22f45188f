import fc from 'fast-check';
import { float } from '../../../../src/engine/onnx/attribute';
import type { SingleNode } from '../singleNode';
import { type Cases, constant, dim, normal, seed, values } from './draw';

/** An activation of com.microsoft, with a bias on the last axis where it takes one. */
const activation = (op: string, bias: 'always' | 'sometimes' | 'never', attributes: SingleNode['attributes'] = {}) =>
  fc.record({ n: dim, c: dim, seed, biased: bias === 'sometimes' ? fc.boolean() : fc.constant(bias === 'always') }).map(
    ({ n, c, seed, biased }): SingleNode => ({
      op,
      domain: 'com.microsoft',
      x: { dims: [2, n, c], data: values([2, n, c], seed, (r) => 2 * r.normal()) },
      inputs: biased ? ['x', constant([c], seed)] : ['x'],
      weights: biased ? [1] : [],
      attributes,
    }),
  );

export const fusedCases: Cases = {
  'com.microsoft:Gelu': activation('Gelu', 'never'),
  'com.microsoft:BiasGelu': activation('BiasGelu', 'always'),
  'com.microsoft:FastGelu': activation('FastGelu', 'sometimes'),
  'com.microsoft:QuickGelu': fc.oneof(
    activation('QuickGelu', 'never'),
    activation('QuickGelu', 'never', { alpha: float(1) }),
  ),
  'com.microsoft:Inverse': fc.record({ n: dim, stack: fc.boolean(), seed }).map(({ n, stack, seed }): SingleNode => {
    const dims = stack ? [2, n, n] : [n, n];
    // Diagonally dominant: far from singular.
    const data = values(dims, seed, (r) => 0.2 * r.normal()).map(
      (v, i) => v + (Math.floor(i / n) % n === i % n ? 2 : 0),
    );
    return { op: 'Inverse', domain: 'com.microsoft', x: { dims, data }, inputs: ['x'] };
  }),
  SimplifiedLayerNormalization: fc
    .record({ n: dim, c: dim, seed, axis: fc.constantFrom(-1, 1, 2), scaled: fc.boolean() })
    .map(({ n, c, seed, axis, scaled }): SingleNode => {
      const dims = [2, n, c + 1];
      const scaleDims = axis === 1 ? [n, c + 1] : [c + 1];
      const x = { dims, data: values(dims, seed, (r) => r.normal() + 0.5) };
      const scale = constant(scaleDims, seed, normal);
      return {
        op: 'SimplifiedLayerNormalization',
        x: scaled ? { dims: scaleDims, data: values(scaleDims, seed, normal) } : x,
        inputs: scaled ? [{ type: 'float32', ...x }, 'x'] : ['x', scale],
        weights: scaled ? [] : [1],
        attributes: { axis, epsilon: float(1e-3) },
      };
    }),
};
