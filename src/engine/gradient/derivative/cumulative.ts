import { intAttribute } from '../../onnx/attribute';
import { TensorProto_DataType } from '../../onnx/generated/onnx_pb';
import { fromEnd } from '../emit';
import type { Rule } from '../rule';

/**
 * y_k = Π_{j ≤ k} x_j: dx_i = Σ_{k ≥ i} g_k·y_k/x_i, exact with zeros: what comes after the first zero has no slope, and the
 * zero itself sees the products with a one in its place.
 */
export const cumulativeProduct: Rule = (c) => {
  const b = c.builder;
  const given = c.integers(1)?.[0] ?? c.unavailable('its axis is not constant');
  const axis = b.intScalar(fromEnd([given], c.shapeOf(0).length)[0]!);
  const [exclusive, reverse] = [intAttribute(c.node, 'exclusive', 0), intAttribute(c.node, 'reverse', 0)];
  const isZero = c.op('Equal', [c.x(), b.scalar(0)]);
  const zeros = c.op('CumSum', [c.op('Cast', [isZero], { to: TensorProto_DataType.FLOAT }), axis], { reverse });
  const first = c.op('And', [isZero, c.op('Equal', [zeros, b.scalar(1)])]);
  const withoutFirst = c.op('Where', [first, b.scalar(1), c.x()]);
  const products = c.op('CumProd', [withoutFirst, axis], { exclusive, reverse });
  const gather = (y: string) => c.op('CumSum', [c.op('Mul', [c.g(), y]), axis], { exclusive, reverse: 1 - reverse });
  const safe = c.op('Where', [isZero, b.scalar(1), c.x()]);
  // Past the first zero all products are zero, and so is what is gathered there.
  return [c.op('Where', [first, gather(products), c.op('Div', [gather(c.y()), safe])])];
};
