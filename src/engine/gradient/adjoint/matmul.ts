import { floatAttribute, intAttribute } from '../../onnx/attribute';
import { gradientLike, scale, unbroadcast } from '../emit';
import { exact, type Rule, type RuleContext, type RuleTable } from '../rule';

const transposeLast = (c: RuleContext, tensor: string, rank: number) => {
  const perm = Array.from({ length: rank }, (_, i) => i);
  [perm[rank - 2], perm[rank - 1]] = [rank - 1, rank - 2];
  return c.op('Transpose', [tensor], { perm });
};

/** Y = A·B over stacks: dA = G·Bᵀ, dB = Aᵀ·G, summed over the stacks that were broadcast. */
const matmul: Rule = (c) => {
  const [a, b] = [c.shapeOf(0), c.shapeOf(1)];
  // A vector acts as a row on the left and as a column on the right; give it that axis and take it away again.
  const left = a.length === 1 ? c.op('Unsqueeze', [c.x(0), c.builder.ints([0])]) : c.x(0);
  const right = b.length === 1 ? c.op('Unsqueeze', [c.x(1), c.builder.ints([1])]) : c.x(1);
  const aShape = a.length === 1 ? [1, ...a] : a;
  const bShape = b.length === 1 ? [...b, 1] : b;
  const lostAxes = [...(a.length === 1 ? [-2] : []), ...(b.length === 1 ? [-1] : [])];
  const g = lostAxes.length > 0 ? c.op('Unsqueeze', [c.g(), c.builder.ints(lostAxes)]) : c.g();
  const stack = stackShape(aShape, bShape);
  const fit = (tensor: string, full: readonly (number | null)[], to: readonly (number | null)[], i: number) => {
    const summed = unbroadcast(c, tensor, [...stack, ...full], to, i === 0 ? left : right);
    return c.shapeOf(i).length === 1 ? gradientLike(c, summed, i) : summed;
  };
  return [
    c.needs(0)
      ? fit(c.op('MatMul', [g, transposeLast(c, right, bShape.length)]), aShape.slice(-2), aShape, 0)
      : undefined,
    c.needs(1)
      ? fit(c.op('MatMul', [transposeLast(c, left, aShape.length), g]), bShape.slice(-2), bShape, 1)
      : undefined,
  ];
};

function stackShape(a: readonly (number | null)[], b: readonly (number | null)[]): (number | null)[] {
  const [x, y] = [a.slice(0, -2), b.slice(0, -2)];
  const rank = Math.max(x.length, y.length);
  return Array.from({ length: rank }, (_, i) => {
    const [p, q] = [x[i - rank + x.length], y[i - rank + y.length]];
    return p === undefined || p === 1 ? (q === undefined ? 1 : q) : p;
  });
}

/** Y = α·A′·B′ + β·C, where ′ transposes by attribute. */
const gemm: Rule = (c) => {
  const alpha = floatAttribute(c.node, 'alpha', 1);
  const beta = floatAttribute(c.node, 'beta', 1);
  const transA = intAttribute(c.node, 'transA', 0);
  const transB = intAttribute(c.node, 'transB', 0);
  const product = (x: string, y: string, tx: number, ty: number) =>
    scale(c.builder, c.op('Gemm', [x, y], { transA: tx, transB: ty }), alpha);
  const g = c.g();
  return [
    !c.needs(0) ? undefined : transA ? product(c.x(1), g, transB, 1) : product(g, c.x(1), 0, transB ? 0 : 1),
    !c.needs(1) ? undefined : transB ? product(g, c.x(0), 1, transA) : product(c.x(0), g, transA ? 0 : 1, 0),
    c.needs(2) ? scale(c.builder, unbroadcast(c, g, c.shapeOfOutput(0), c.shapeOf(2), c.x(2)), beta) : undefined,
  ];
};

export const matmulRules: RuleTable = { MatMul: exact(matmul), Gemm: exact(gemm) };
