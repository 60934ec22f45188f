import { floatAttribute, intAttribute, intsAttribute } from '../../onnx/attribute';
import type { Dim } from '../../onnx/observe';
import { perChannel, sumToChannels } from '../adjoint/normalization';
import { spread } from '../adjoint/reduction';
import { fromEnd, gradientShaped, reduceMean, reduceSum, rowMean, unbroadcast } from '../emit';
import { exact, type Rule, type RuleContext, type RuleTable } from '../rule';
import { localResponse } from './localResponse';
import { reciprocalSlope } from './slope';

/** x̂ = (x − mean)·r, and r = 1/√(var + ε). */
interface Standard {
  readonly normal: string;
  readonly inverse: string;
}

/** Mean and variance over the axes, which are counted from the end. */
function standardize(c: RuleContext, x: string, axes: readonly number[]): Standard {
  const b = c.builder;
  const centred = c.op('Sub', [x, reduceMean(b, x, axes)]);
  const variance = reduceMean(b, c.op('Mul', [centred, centred]), axes);
  const epsilon = b.scalar(floatAttribute(c.node, 'epsilon', 1e-5));
  const inverse = c.op('Reciprocal', [c.op('Sqrt', [c.op('Add', [variance, epsilon])])]);
  return { normal: c.op('Mul', [centred, inverse]), inverse };
}

/** Through x̂: dx = r·(g − mean(g) − x̂·mean(g·x̂)) over the axes. */
function throughStandard(
  c: RuleContext,
  g: string,
  { normal, inverse }: Standard,
  axes: readonly number[],
  length: Dim = c.shapeOf(0).at(-1) ?? null,
): string {
  const mean = (tensor: string) => rowMean(c.builder, tensor, axes, length);
  const along = c.op('Mul', [normal, mean(c.op('Mul', [g, normal]))]);
  return c.op('Mul', [c.op('Sub', [c.op('Sub', [g, mean(g)]), along]), inverse]);
}

const lastAxes = (count: number) => Array.from({ length: count }, (_, i) => i - count);

/** y = x̂·scale + B, standardised over what is spatial. */
const instanceNormalization: Rule = (c) => {
  const axes = lastAxes(c.shapeOf(0).length - 2);
  const standard = c.needs(0) || c.needs(1) ? standardize(c, c.x(), axes) : undefined;
  return [
    c.needs(0) ? throughStandard(c, c.op('Mul', [c.g(), perChannel(c, c.x(1))]), standard!, axes) : undefined,
    c.needs(1) ? sumToChannels(c, c.op('Mul', [c.g(), standard!.normal])) : undefined,
    c.needs(2) ? sumToChannels(c, c.g()) : undefined,
  ];
};

/** Axes from `axis` to the last, counted from the end. */
function trailingAxes(c: RuleContext): number[] {
  const rank = c.shapeOf(0).length;
  const axis = intAttribute(c.node, 'axis', -1);
  return lastAxes(axis < 0 ? -axis : rank - axis);
}

const summedTo = (c: RuleContext, gradient: string, i: number) =>
  unbroadcast(c, gradient, c.shapeOfOutput(0), c.shapeOf(i), c.x(i));

/** y = x̂·scale + B, with optional outputs mean and r: dmean/dx = 1/n, dr/dx = −r²·x̂/n. */
const layerNormalization: Rule = (c) => {
  const b = c.builder;
  const axes = trailingAxes(c);
  const inverse = c.extraOutput(2);
  const normal = c.arrives(0) || c.arrives(2) ? c.op('Mul', [c.op('Sub', [c.x(), c.extraOutput(1)]), inverse]) : '';
  const share = () => {
    const sizes = axes.map((axis) => c.shapeOf(0).at(axis) ?? c.unavailable('it normalises over the batch'));
    return b.scalar(1 / sizes.reduce((a, size) => a * size, 1));
  };
  const throughMean = () => spread(c, c.op('Mul', [c.g(1), share()]), axes);
  const throughInverse = () => {
    const each = c.op('Mul', [c.op('Mul', [c.g(2), share()]), c.op('Neg', [c.op('Mul', [inverse, inverse])])]);
    return c.op('Mul', [each, normal]);
  };
  const dx = () => {
    const parts = [
      ...(c.arrives(0) ? [throughStandard(c, c.op('Mul', [c.g(), c.x(1)]), { normal, inverse }, axes)] : []),
      ...(c.arrives(1) ? [throughMean()] : []),
      ...(c.arrives(2) ? [throughInverse()] : []),
    ];
    return parts.length === 1 ? parts[0]! : c.op('Sum', parts);
  };
  return [
    c.needs(0) ? dx() : undefined,
    c.needs(1) && c.arrives(0) ? summedTo(c, c.op('Mul', [c.g(), normal]), 1) : undefined,
    c.needs(2) && c.arrives(0) ? summedTo(c, c.g(), 2) : undefined,
  ];
};

/** y = x·r·scale with r = 1/√(mean x² + ε): dx = r·(g′ − x̂·mean(g′·x̂)), where x̂ = x·r and g′ = g·scale. */
const rmsNormalization: Rule = (c) => {
  const b = c.builder;
  const axes = trailingAxes(c);
  const square = reduceMean(b, c.op('Mul', [c.x(), c.x()]), axes);
  const epsilon = b.scalar(floatAttribute(c.node, 'epsilon', 1e-5));
  const inverse = c.op('Reciprocal', [c.op('Sqrt', [c.op('Add', [square, epsilon])])]);
  const normal = c.op('Mul', [c.x(), inverse]);
  const dx = () => {
    const scaled = c.op('Mul', [c.g(), c.x(1)]);
    const along = c.op('Mul', [normal, rowMean(b, c.op('Mul', [scaled, normal]), axes, c.shapeOf(0).at(-1) ?? null)]);
    return c.op('Mul', [c.op('Sub', [scaled, along]), inverse]);
  };
  return [c.needs(0) ? dx() : undefined, c.needs(1) ? summedTo(c, c.op('Mul', [c.g(), normal]), 1) : undefined];
};

/**
 * As instance normalisation over groups of channels, seen as [N, groups, channels a group · space]. Scale and bias go by
 * channel, or by group before opset 21.
 */
const groupNormalization: Rule = (c) => {
  const b = c.builder;
  const shape = c.shapeOf(0);
  const groups = intAttribute(c.node, 'num_groups', 1);
  const size = shape.slice(1).reduce<number>((a, dim) => a * (dim ?? c.unavailable('a size moves with the batch')), 1);
  const grouped = [shape[0]!, groups, size / groups];
  const byGroup = c.shapeOf(1)[0] === groups && shape[1] !== groups;
  const inGroups = (g: string) => gradientShaped(c, g, grouped, c.x());
  const standard = standardize(c, c.op('Reshape', [c.x(), b.ints([0, groups, size / groups])]), [-1]);
  const column = (vector: string) => c.op('Reshape', [vector, b.ints([-1, 1])]);
  const dx = () => {
    const scaled = byGroup
      ? c.op('Mul', [inGroups(c.g()), column(c.x(1))])
      : inGroups(c.op('Mul', [c.g(), perChannel(c, c.x(1))]));
    return gradientShaped(c, throughStandard(c, scaled, standard, [-1], size / groups), shape, c.x());
  };
  const summed = (g: string) => (byGroup ? reduceSum(b, inGroups(g), [-3, -1], false) : sumToChannels(c, g));
  const normal = () => c.op('Reshape', [standard.normal, c.op('Shape', [c.x()])]);
  return [
    c.needs(0) ? dx() : undefined,
    c.needs(1) ? summed(c.op('Mul', [c.g(), normal()])) : undefined,
    c.needs(2) ? summed(c.g()) : undefined,
  ];
};

/** y = (x − mean)/(σ + 1e-9): dx = (g − mean(g) − (x − mean)/σ·mean(g·y))/(σ + 1e-9); without the last term where σ = 0. */
const meanVarianceNormalization: Rule = (c) => {
  const b = c.builder;
  const axes = fromEnd(intsAttribute(c.node, 'axes') ?? [0, 2, 3], c.shapeOf(0).length);
  const centred = c.op('Sub', [c.x(), reduceMean(b, c.x(), axes)]);
  const deviation = c.op('Sqrt', [reduceMean(b, c.op('Mul', [centred, centred]), axes)]);
  const divisor = c.op('Add', [deviation, b.scalar(1e-9)]);
  const direction = c.op('Mul', [centred, reciprocalSlope(c, deviation)]);
  const normal = c.op('Div', [centred, divisor]);
  const along = c.op('Mul', [direction, reduceMean(b, c.op('Mul', [c.g(), normal]), axes)]);
  const rest = c.op('Sub', [c.op('Sub', [c.g(), reduceMean(b, c.g(), axes)]), along]);
  return [c.op('Div', [rest, divisor])];
};

/** y = x/‖x‖: dx = (g − d‖x‖·Σ g·y)/‖x‖, with d‖x‖ = sign x for p = 1, y for p = 2. y is 0 at the origin, and flat. */
const lpNormalization: Rule = (c) => {
  const b = c.builder;
  const p = intAttribute(c.node, 'p', 2);
  const axes = fromEnd([intAttribute(c.node, 'axis', -1)], c.shapeOf(0).length);
  const norm = c.op(p === 1 ? 'ReduceL1' : 'ReduceL2', [c.x(), b.ints(axes)], { keepdims: 1 });
  const slope = p === 1 ? c.op('Sign', [c.x()]) : c.y();
  const along = c.op('Mul', [slope, reduceSum(b, c.op('Mul', [c.g(), c.y()]), axes, true)]);
  return [c.op('Mul', [c.op('Sub', [c.g(), along]), reciprocalSlope(c, norm)])];
};

export const normalizationRules: RuleTable = {
  InstanceNormalization: exact(instanceNormalization),
  LayerNormalization: exact(layerNormalization),
  RMSNormalization: exact(rmsNormalization),
  GroupNormalization: exact(groupNormalization),
  MeanVarianceNormalization: exact(meanVarianceNormalization),
  LpNormalization: exact(lpNormalization),
  LRN: exact(localResponse),
};
