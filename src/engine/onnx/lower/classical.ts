import { floatAttribute, floatsAttribute, intAttribute, stringAttribute } from '../attribute';
import type { LoweringContext, LoweringTable } from './lowering';

/** The values of an attribute that has one number for all features, or one for each. */
function perFeature(c: LoweringContext, name: string, otherwise: number): string {
  const values = floatsAttribute(c.node, name) ?? [];
  if (values.length <= 1) return c.builder.scalar(values[0] ?? otherwise);
  return c.builder.floats(values);
}

/** The input, which these operators take in any numeric type. */
function features(c: LoweringContext): string {
  return c.op('Cast', [c.x()], { to: 1 });
}

/** Wx + b for the coefficients [targets, features] in attributes. */
function affine(c: LoweringContext, targets: number): string {
  const size = c.shapeOf(0).at(-1);
  const coefficients = floatsAttribute(c.node, 'coefficients') ?? [];
  if (c.shapeOf(0).length !== 2 || coefficients.length !== targets * (size ?? 0)) {
    c.leave(`it has ${coefficients.length} coefficients for ${size ?? 'a varying number of'} features`);
  }
  const weights = c.builder.floats(coefficients, [targets, size!]);
  const intercepts = floatsAttribute(c.node, 'intercepts') ?? [];
  if (intercepts.length === 0) return c.op('Gemm', [features(c), weights], { transB: 1 });
  return c.op('Gemm', [features(c), weights, c.builder.floats(intercepts)], { transB: 1 });
}

function transformed(c: LoweringContext, scores: string): string {
  const transform = stringAttribute(c.node, 'post_transform', 'NONE');
  if (transform === 'NONE') return scores;
  if (transform === 'SOFTMAX') return c.op('Softmax', [scores], { axis: -1 });
  if (transform === 'LOGISTIC') return c.op('Sigmoid', [scores]);
  return c.leave(`its post_transform is ${transform}`);
}

function classLabels(c: LoweringContext): number {
  const attributes = c.node.attribute.filter(({ name }) => name.startsWith('classlabels_'));
  return Math.max(0, ...attributes.map(({ ints, strings }) => Math.max(ints.length, strings.length)));
}

/** Linear models and what stands before them in ai.onnx.ml, whose weights are attributes. */
export const classicalLowerings: LoweringTable = {
  'ai.onnx.ml:Scaler': (c) => [
    c.op('Mul', [c.op('Sub', [features(c), perFeature(c, 'offset', 0)]), perFeature(c, 'scale', 1)]),
  ],
  'ai.onnx.ml:Imputer': (c) => {
    const missing = floatAttribute(c.node, 'replaced_value_float', 0);
    const imputed = floatsAttribute(c.node, 'imputed_value_floats') ?? [];
    if (imputed.length === 0) return c.leave('it imputes integers');
    const x = features(c);
    const isMissing = Number.isNaN(missing) ? c.op('IsNaN', [x]) : c.op('Equal', [x, c.builder.scalar(missing)]);
    return [c.op('Where', [isMissing, perFeature(c, 'imputed_value_floats', 0), x])];
  },
  // Only the scores: the label is an output that no gradient belongs to.
  'ai.onnx.ml:LinearClassifier': (c) => {
    const labels = classLabels(c);
    const targets = (floatsAttribute(c.node, 'intercepts') ?? []).length;
    if (targets !== labels) c.leave(`it has ${targets} intercepts for ${labels} classes`);
    return [undefined, transformed(c, affine(c, targets))];
  },
  'ai.onnx.ml:LinearRegressor': (c) => [transformed(c, affine(c, intAttribute(c.node, 'targets', 1)))],
};
