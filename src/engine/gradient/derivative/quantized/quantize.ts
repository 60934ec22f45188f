import { intAttribute } from '../../../onnx/attribute';
import type { Dim } from '../../../onnx/observe';
import { gradientShaped, keepWhere, unbroadcast } from '../../emit';
import { type Rule, type RuleContext, type RuleTable, straightThrough } from '../../rule';
import { along, given, rangeOf, real, shapeAlong, throughRectifier } from './affine';

/**
 * Scale and zero point of a node, float32, so that they broadcast against its first input. Blocks (opset 21) are spread out
 * by dequantising ones.
 */
function parameters(c: RuleContext): { step: string; zero: string | undefined } {
  const rank = c.shapeOf(0).length;
  const axis = intAttribute(c.node, 'axis', 1);
  const size = intAttribute(c.node, 'block_size', 0);
  if (size === 0 || c.shapeOf(1).length !== rank) {
    return { step: along(c, 1, rank, axis), zero: given(c, 2) ? along(c, 2, rank, axis) : undefined };
  }
  const b = c.builder;
  const shape = c.op('Shape', [c.node.input[0]!]);
  const one = c.op('Cast', [b.scalar(1)], { to: 3 });
  const ones = c.op('Expand', [one, shape]);
  const spread = (values: string) => c.op('DequantizeLinear', [ones, values], { axis, block_size: size });
  return { step: spread(c.node.input[1]!), zero: given(c, 2) ? spread(real(c, 2)) : undefined };
}

/** Sums a gradient of the shape of the first input down to that of scale or zero point. */
function summedFor(c: RuleContext, i: number, gradient: string): string {
  if (intAttribute(c.node, 'block_size', 0) !== 0) c.unavailable('its scales belong to blocks and depend on the input');
  const rank = c.shapeOf(0).length;
  const shape: readonly Dim[] = shapeAlong(c, i, rank, intAttribute(c.node, 'axis', 1));
  const like = c.node.input[i]!;
  return gradientShaped(c, unbroadcast(c, gradient, c.shapeOf(0), shape, like), c.shapeOf(i), like);
}

/** Operators that ONNX Runtime computes in integers between DequantizeLinear and QuantizeLinear. */
const rectified = new Set(['Conv', 'ConvTranspose', 'Gemm', 'MatMul', 'Add', 'Relu', 'LeakyRelu']);
const neverClipped = new Set([
  'AveragePool',
  'GlobalAveragePool',
  'Concat',
  'Mul',
  'ReduceMean',
  'Sigmoid',
  'Softmax',
  'Where',
]);

/**
 * The gradient where the value was not clipped. Of what ONNX Runtime computes in integers, the real number before rounding
 * must not be asked for: it would then be computed in float32, and the model be another one than the file.
 */
function unclipped(c: RuleContext, step: string, zero: string | undefined): string {
  const x = c.node.input[0]!;
  const { node } = c.builder.graph;
  const source = node.find(({ output }) => output.includes(x));
  const integer = node.some(({ opType, output }) => opType === 'DequantizeLinear' && output[0] === source?.input[0]);
  if (source && integer && neverClipped.has(source.opType)) return c.g();
  if (source && integer && rectified.has(source.opType)) return throughRectifier(c, c.g(), 2);
  const [least, largest] = rangeOf(c, c.typeOfOutput(0));
  // Half a step outside the range still rounds into it.
  const bound = (limit: number) => {
    const steps = c.builder.scalar(limit);
    return c.op('Mul', [zero === undefined ? steps : c.op('Sub', [steps, zero]), step]);
  };
  const inside = c.op('And', [
    c.op('GreaterOrEqual', [c.x(0), bound(least - 0.5)]),
    c.op('LessOrEqual', [c.x(0), bound(largest + 0.5)]),
  ]);
  return keepWhere(c.builder, inside, c.g());
}

/**
 * y = clip(round(x / s) + z): the identity in place of round, nothing where the value is clipped, as frameworks' fake
 * quantisation has it; for the scale, Esser et al. 2020 (Learned Step Size Quantization, eq. 3) once DequantizeLinear adds
 * its part.
 */
const quantize: Rule = (c) => {
  const { step, zero } = parameters(c);
  const g = unclipped(c, step, zero);
  const dx = c.op('Div', [g, step]);
  return [
    c.needs(0) ? dx : undefined,
    c.needs(1) ? summedFor(c, 1, c.op('Neg', [c.op('Mul', [dx, c.op('Div', [c.x(0), step])])])) : undefined,
    c.needs(2) ? summedFor(c, 2, g) : undefined,
  ];
};

/** y = s · (x − z), with the integers x and z taken for real numbers. */
const dequantize: Rule = (c) => {
  const { step, zero } = parameters(c);
  const perInteger = c.op('Mul', [c.g(), step]);
  const centred = () => (zero === undefined ? real(c, 0) : c.op('Sub', [real(c, 0), zero]));
  return [
    c.needs(0) ? perInteger : undefined,
    c.needs(1) ? summedFor(c, 1, c.op('Mul', [c.g(), centred()])) : undefined,
    c.needs(2) ? summedFor(c, 2, c.op('Neg', [perInteger])) : undefined,
  ];
};

/**
 * y = round(x / s) + z with scale and zero point from the range of x, so that nothing is clipped. Their own gradients are
 * left out: what follows multiplies by s again and takes z away, so that with round as the identity they cancel.
 */
const dynamicQuantize: Rule = (c) => {
  if (!c.arrives(0)) return [];
  return [c.op('Div', [c.g(0), c.node.output[1]!])];
};

export const quantizeRules: RuleTable = {
  QuantizeLinear: straightThrough(quantize),
  DequantizeLinear: straightThrough(dequantize),
  DynamicQuantizeLinear: straightThrough(dynamicQuantize),
  'com.microsoft:QuantizeLinear': straightThrough(quantize),
  'com.microsoft:DequantizeLinear': straightThrough(dequantize),
};
