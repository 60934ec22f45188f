import { floatAttribute, intAttribute } from '../../onnx/attribute';
import { gradientLike, scale } from '../emit';
import type { Rule } from '../rule';

/**
 * Local response: y = x·s^−β with s = bias + α/n·Σ_window x².
 * dx_j = g_j·s_j^−β − 2αβ/n·x_j·Σ_{i: j in window(i)} g_i·x_i·s_i^(−β−1).
 */
export const localResponse: Rule = (c) => {
  const b = c.builder;
  const size = intAttribute(c.node, 'size', 1);
  const alpha = floatAttribute(c.node, 'alpha', 1e-4);
  const beta = floatAttribute(c.node, 'beta', 0.75);
  const bias = floatAttribute(c.node, 'bias', 1);
  const before = Math.floor((size - 1) / 2);
  const after = size - 1 - before;
  const [, channels, ...space] = c.shapeOf(0).map((dim, i) => (i === 0 ? 1 : (dim ?? c.unavailable('a size moves'))));
  const area = space.reduce((a, dim) => a * dim, 1);
  const windowSum = (tensor: string, padBegin: number, padEnd: number) => {
    // [N, C, …], with or without seeds, as one-channel pictures whose rows are channels.
    const picture = c.op('Reshape', [tensor, b.ints([-1, 1, channels!, area])]);
    const attributes = { kernel_shape: [size, 1], pads: [padBegin, 0, padEnd, 0], count_include_pad: 1 };
    return scale(b, c.op('AveragePool', [picture], attributes), size);
  };
  const squares = c.op('Reshape', [
    windowSum(c.op('Mul', [c.x(), c.x()]), before, after),
    b.ints([-1, channels!, ...space]),
  ]);
  const s = c.op('Add', [scale(b, squares, alpha / size), b.scalar(bias)]);
  const factor = c.op('Pow', [s, b.scalar(-beta)]);
  const inner = c.op('Mul', [c.op('Mul', [c.g(), c.x()]), c.op('Div', [factor, s])]);
  // The adjoint of a window that looks `before` back and `after` ahead looks the other way.
  const spread = c.op('Mul', [gradientLike(c, windowSum(inner, after, before), 0), c.x()]);
  return [c.op('Sub', [c.op('Mul', [c.g(), factor]), scale(b, spread, (2 * alpha * beta) / size)])];
};
