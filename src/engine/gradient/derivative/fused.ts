import { floatAttribute, intAttribute } from '../../onnx/attribute';
import { fromEnd, reduceMean, scale, unbroadcast } from '../emit';
import { elementwise, exact, type Rule, type RuleContext, type RuleTable } from '../rule';

/** Φ(x) + x·φ(x). */
function geluSlope(c: RuleContext, x: string): string {
  const b = c.builder;
  const cdf = scale(b, c.op('Add', [c.op('Erf', [scale(b, x, Math.SQRT1_2)]), b.scalar(1)]), 0.5);
  const pdf = scale(b, c.op('Exp', [scale(b, c.op('Mul', [x, x]), -0.5)]), 1 / Math.sqrt(2 * Math.PI));
  return c.op('Add', [cdf, c.op('Mul', [x, pdf])]);
}

/** With t = tanh(k·(x + a·x³)): ½(1 + t) + ½·x·(1 − t²)·k·(1 + 3a·x²). */
function tanhGeluSlope(c: RuleContext, input: string): string {
  const b = c.builder;
  const k = Math.sqrt(2 / Math.PI);
  const a = 0.044715;
  // Saturated beyond: x² stays finite.
  const x = c.op('Clip', [input, b.scalar(-20), b.scalar(20)]);
  const x2 = c.op('Mul', [x, x]);
  const cubic = c.op('Mul', [x, c.op('Add', [scale(b, x2, k * a), b.scalar(k)])]);
  const t = c.op('Tanh', [cubic]);
  const sech2 = c.op('Sub', [b.scalar(1), c.op('Mul', [t, t])]);
  const dCubic = c.op('Add', [scale(b, x2, 3 * k * a), b.scalar(k)]);
  const sum = c.op('Add', [t, c.op('Mul', [c.op('Mul', [x, sech2]), dCubic])]);
  return scale(b, c.op('Add', [sum, b.scalar(1)]), 0.5);
}

/** y = x·s with s = σ(αx): s·(1 + αx·(1 − s)). */
function quickGeluSlope(c: RuleContext, x: string): string {
  const b = c.builder;
  const ax = scale(b, x, floatAttribute(c.node, 'alpha', 1.702));
  const s = c.op('Sigmoid', [ax]);
  const rest = c.op('Mul', [ax, c.op('Sub', [b.scalar(1), s])]);
  return c.op('Mul', [s, c.op('Add', [rest, b.scalar(1)])]);
}

/** f(x + bias), where there is a bias: the same gradient for both, which the builder sums down to each. */
const biased =
  (slope: (c: RuleContext, x: string) => string): Rule =>
  (c) => {
    const hasBias = c.node.input[1] !== undefined && c.node.input[1] !== '';
    const g = c.op('Mul', [c.g(), slope(c, hasBias ? c.op('Add', [c.x(), c.x(1)]) : c.x())]);
    return hasBias ? [g, g] : [g];
  };

/** With r = 1/√(mean x² + ε) and x̂ = x·r: dx = r·(g′ − x̂·mean(g′·x̂)), where g′ = g·scale. */
const rootMeanSquare: Rule = (c) => {
  const b = c.builder;
  const rank = c.shapeOf(0).length;
  const axis = intAttribute(c.node, 'axis', -1);
  const axes = fromEnd(Array.from({ length: rank }, (_, i) => i).slice(axis < 0 ? axis + rank : axis), rank);
  const epsilon = b.scalar(floatAttribute(c.node, 'epsilon', 1e-5));
  const meanSquare = reduceMean(b, c.op('Mul', [c.x(), c.x()]), axes);
  const r = c.op('Reciprocal', [c.op('Sqrt', [c.op('Add', [meanSquare, epsilon])])]);
  const normal = c.op('Mul', [c.x(), r]);
  const dx = () => {
    const scaled = c.op('Mul', [c.g(), c.x(1)]);
    const along = c.op('Mul', [normal, reduceMean(b, c.op('Mul', [scaled, normal]), axes)]);
    return c.op('Mul', [r, c.op('Sub', [scaled, along])]);
  };
  const dScale = () => unbroadcast(c, c.op('Mul', [c.g(), normal]), c.shapeOfOutput(0), c.shapeOf(1), c.x(1));
  return [c.needs(0) ? dx() : undefined, c.needs(1) ? dScale() : undefined];
};

/** d(X⁻¹) = −X⁻¹ dX X⁻¹, so dX = −Yᵀ G Yᵀ. */
const inverse: Rule = (c) => {
  const rank = c.shapeOf(0).length;
  const perm = Array.from({ length: rank }, (_, i) => (i < rank - 2 ? i : 2 * rank - 3 - i));
  const yT = c.op('Transpose', [c.y()], { perm });
  return [c.op('Neg', [c.op('MatMul', [c.op('MatMul', [yT, c.g()]), yT])])];
};

/** Fused operators of ONNX Runtime that are one step: those of several are taken apart (`onnx/lower`). */
export const fusedRules: RuleTable = {
  'com.microsoft:Gelu': elementwise(biased(geluSlope)),
  'com.microsoft:BiasGelu': elementwise(biased(geluSlope)),
  'com.microsoft:FastGelu': elementwise(biased(tanhGeluSlope)),
  'com.microsoft:QuickGelu': elementwise(biased(quickGeluSlope)),
  'com.microsoft:Inverse': exact(inverse),
  SimplifiedLayerNormalization: exact(rootMeanSquare),
};
