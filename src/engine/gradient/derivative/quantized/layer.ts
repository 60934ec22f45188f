import { intAttribute } from '../../../onnx/attribute';
import type { RuleContext, RuleTable } from '../../rule';
import { asReal, type Realisation } from './asReal';

const pool = ['auto_pad', 'ceil_mode', 'count_include_pad', 'dilations', 'kernel_shape', 'pads', 'strides'];

/** x, its scale and zero point, then those of y. */
const ofOne =
  (op: string, rest: Pick<Realisation, 'rectifies' | 'attributes'>) =>
  (c: RuleContext): Realisation => {
    if (intAttribute(c.node, 'channels_last', 0) !== 0) c.unavailable('its channels come last');
    return { op, operands: [{ at: 0, scale: 1, zero: 2 }], output: { scale: 3, zero: 4 }, ...rest };
  };

const ofTwo = (op: string, rest: Pick<Realisation, 'rectifies'>) => (): Realisation => ({
  op,
  operands: [
    { at: 0, scale: 1, zero: 2 },
    { at: 3, scale: 4, zero: 5 },
  ],
  output: { scale: 6, zero: 7 },
  ...rest,
});

/** Before opset 13 a softmax ran over all axes from its own to the last. */
function softmax(c: RuleContext): Realisation {
  const axis = intAttribute(c.node, 'axis', -1);
  const last = axis === -1 || axis === c.shapeOf(0).length - 1;
  if (intAttribute(c.node, 'opset', 13) < 13 && !last) c.unavailable('it runs over several axes');
  return ofOne('Softmax', { attributes: ['axis'] })(c);
}

/** Layers of com.microsoft between quantised tensors. */
export const quantizedLayerRules: RuleTable = {
  'com.microsoft:QLinearAdd': asReal(ofTwo('Add', { rectifies: true })),
  'com.microsoft:QLinearMul': asReal(ofTwo('Mul', {})),
  'com.microsoft:QLinearLeakyRelu': asReal(ofOne('LeakyRelu', { attributes: ['alpha'] })),
  'com.microsoft:QLinearSigmoid': asReal(ofOne('Sigmoid', {})),
  'com.microsoft:QLinearSoftmax': asReal(softmax),
  'com.microsoft:QLinearAveragePool': asReal(ofOne('AveragePool', { attributes: pool })),
  'com.microsoft:QLinearGlobalAveragePool': asReal(ofOne('GlobalAveragePool', {})),
  // Scale and zero point of the output first, then those of each input behind it.
  'com.microsoft:QLinearConcat': asReal((c) => ({
    op: 'Concat',
    operands: Array.from({ length: Math.floor((c.node.input.length - 2) / 3) }, (_, i) => ({
      at: 2 + 3 * i,
      scale: 3 + 3 * i,
      zero: 4 + 3 * i,
    })),
    output: { scale: 0, zero: 1 },
    attributes: ['axis'],
  })),
  'com.microsoft:QLinearWhere': asReal(() => ({
    op: 'Where',
    operands: [{ at: 0 }, { at: 1, scale: 2, zero: 3 }, { at: 4, scale: 5, zero: 6 }],
    output: { scale: 7, zero: 8 },
  })),
};
