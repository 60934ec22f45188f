import { floatAttribute, intAttribute } from '../../onnx/attribute';
import { reduceMean, scale } from '../emit';
import { exact, type Rule, type RuleContext, type RuleTable } from '../rule';

/** A per-channel vector [C] shaped to broadcast against [N, C, …]. */
const perChannel = (c: RuleContext, vector: string) => {
  const rank = c.shapeOf(0).length;
  const shape = Array.from({ length: rank - 1 }, (_, i) => (i === 0 ? -1 : 1));
  return c.op('Reshape', [vector, c.builder.ints(shape)]);
};

/** Inference: y = scale·(x − mean)/√(var + ε) + B with stored statistics, so dx = g·scale/√(var + ε). */
const batchNormalization: Rule = (c) => {
  if (intAttribute(c.node, 'training_mode', 0) === 1) c.unavailable('it is in training mode');
  const epsilon = c.builder.scalar(floatAttribute(c.node, 'epsilon', 1e-5));
  const factor = c.op('Div', [c.x(1), c.op('Sqrt', [c.op('Add', [c.x(4), epsilon])])]);
  return [c.op('Mul', [c.g(), perChannel(c, factor)])];
};

/**
 * With x̂ = (x − mean)·r and r = 1/√(var + ε) over `axes`: dx = r·(g′ − mean(g′) − x̂·mean(g′·x̂)), where g′ = g·scale.
 */
function standardized(c: RuleContext, axes: readonly number[], scaled: string): string {
  const b = c.builder;
  const centred = c.op('Sub', [c.x(), reduceMean(b, c.x(), axes)]);
  const variance = reduceMean(b, c.op('Mul', [centred, centred]), axes);
  const epsilon = b.scalar(floatAttribute(c.node, 'epsilon', 1e-5));
  const deviation = c.op('Sqrt', [c.op('Add', [variance, epsilon])]);
  const normal = c.op('Div', [centred, deviation]);
  const along = c.op('Mul', [normal, reduceMean(b, c.op('Mul', [scaled, normal]), axes)]);
  return c.op('Div', [c.op('Sub', [c.op('Sub', [scaled, reduceMean(b, scaled, axes)]), along]), deviation]);
}

const instanceNormalization: Rule = (c) => {
  const axes = c
    .shapeOf(0)
    .map((_, axis) => axis)
    .slice(2);
  return [standardized(c, axes, c.op('Mul', [c.g(), perChannel(c, c.x(1))]))];
};

const layerNormalization: Rule = (c) => {
  const rank = c.shapeOf(0).length;
  const axis = intAttribute(c.node, 'axis', -1);
  const axes = Array.from({ length: rank }, (_, i) => i).slice(axis < 0 ? axis + rank : axis);
  return [standardized(c, axes, c.op('Mul', [c.g(), c.x(1)]))];
};

/**
 * Local response: y = x·s^−β with s = bias + α/n·Σ_window x².
 * dx_j = g_j·s_j^−β − 2αβ/n·x_j·Σ_{i: j in window(i)} g_i·x_i·s_i^(−β−1).
 */
const localResponse: Rule = (c) => {
  const b = c.builder;
  const size = intAttribute(c.node, 'size', 1);
  const alpha = floatAttribute(c.node, 'alpha', 1e-4);
  const beta = floatAttribute(c.node, 'beta', 0.75);
  const bias = floatAttribute(c.node, 'bias', 1);
  const before = Math.floor((size - 1) / 2);
  const after = size - 1 - before;
  const sum = (tensor: string, padBegin: number, padEnd: number) => {
    // [N, C, …] as a one-channel picture whose rows are channels.
    const flat = c.op('Flatten', [tensor], { axis: 2 });
    const shaped = c.op('Reshape', [flat, b.ints([-1, 1, c.shapeOf(0)[1] ?? c.unavailable('channels move'), area(c)])]);
    const mean = c.op('AveragePool', [shaped], {
      kernel_shape: [size, 1],
      pads: [padBegin, 0, padEnd, 0],
      count_include_pad: 1,
    });
    return scale(b, b.op('Reshape', [mean, b.op('Shape', [tensor])]), size);
  };
  const squares = sum(c.op('Mul', [c.x(), c.x()]), before, after);
  const s = c.op('Add', [scale(b, squares, alpha / size), b.scalar(bias)]);
  const direct = c.op('Mul', [c.g(), c.op('Pow', [s, b.scalar(-beta)])]);
  const inner = c.op('Mul', [c.op('Mul', [c.g(), c.x()]), c.op('Pow', [s, b.scalar(-beta - 1)])]);
  // The adjoint of a window that looks `before` back and `after` ahead looks the other way.
  const spread = c.op('Mul', [c.x(), sum(inner, after, before)]);
  return [c.op('Sub', [direct, scale(b, spread, (2 * alpha * beta) / size)])];
};

const area = (c: RuleContext) =>
  c
    .shapeOf(0)
    .slice(2)
    .reduce<number>((a, dim) => a * (dim ?? c.unavailable('a spatial size moves with the batch')), 1);

export const normalizationRules: RuleTable = {
  BatchNormalization: exact(batchNormalization),
  InstanceNormalization: exact(instanceNormalization),
  LayerNormalization: exact(layerNormalization),
  LRN: exact(localResponse),
};
