import { float, floatAttribute, intAttribute } from '../../onnx/attribute';
import type { Dim } from '../../onnx/observe';
import { gradientLike, scale, unbroadcast } from '../emit';
import { adjoint, type Rule, type RuleContext, type RuleTable } from '../rule';

/** Swaps the last two of `rank` axes. */
function transposeLast(c: RuleContext, tensor: string, rank: number): string {
  const perm = Array.from({ length: rank }, (_, i) => i);
  [perm[rank - 2], perm[rank - 1]] = [rank - 1, rank - 2];
  return c.op('Transpose', [tensor], { perm });
}

/** Y = A·B over stacks: dA = G·Bᵀ, dB = Aᵀ·G, summed over the stacks that were broadcast. */
const matmul: Rule = (c) => [c.needs(0) ? leftFactor(c) : undefined, c.needs(1) ? rightFactor(c) : undefined];

/**
 * Against one matrix, all rows of G in a single Gemm: it reads B as it is stored, where transposing a weight would leave
 * a second copy of it in the session.
 */
function leftFactor(c: RuleContext): string {
  const [a, b] = [c.shapeOf(0), c.shapeOf(1)];
  const columns = b.length === 1 ? 1 : b.at(-1)!;
  if (b.length > 2 || columns === null) return stacked(c, 0);
  const right = b.length === 1 ? c.op('Unsqueeze', [c.x(1), c.builder.ints([1])]) : c.x(1);
  const flat = a.length === 2 && b.length === 2 && c.seeds === null;
  const g = flat ? c.g() : c.op('Reshape', [c.g(), c.builder.ints([-1, columns])]);
  const product = c.op('Gemm', [g, right], { transB: 1 });
  return flat ? product : gradientLike(c, product, 0);
}

/** The gradient of one matrix is one product over all rows of A and G, whatever their stacks. */
function rightFactor(c: RuleContext): string {
  const [a, b] = [c.shapeOf(0), c.shapeOf(1)];
  const [rows, columns] = [a.at(-1)!, b.length === 1 ? 1 : b.at(-1)!];
  if (b.length > 2 || rows === null || columns === null) return stacked(c, 1);
  const ints = c.builder.ints.bind(c.builder);
  const left = a.length === 2 ? c.x(0) : c.op('Reshape', [c.x(0), ints([-1, rows])]);
  if (c.seeds === null) {
    const g = a.length === 2 && b.length === 2 ? c.g() : c.op('Reshape', [c.g(), ints([-1, columns])]);
    const product = c.op('Gemm', [left, g], { transA: 1 });
    return b.length === 2 ? product : gradientLike(c, product, 1);
  }
  const g = c.op('Reshape', [c.g(), ints([c.seeds, -1, columns])]);
  const product = c.op('MatMul', [transposeLast(c, left, 2), g]);
  return b.length === 2 ? product : gradientLike(c, product, 1);
}

/** The general case. A vector acts as a row on the left and as a column on the right. */
function stacked(c: RuleContext, i: 0 | 1): string {
  const [a, b] = [c.shapeOf(0), c.shapeOf(1)];
  const ints = c.builder.ints.bind(c.builder);
  const aShape = a.length === 1 ? [1, ...a] : a;
  const bShape = b.length === 1 ? [...b, 1] : b;
  const lost = [...(a.length === 1 ? [-2] : []), ...(b.length === 1 ? [-1] : [])];
  const g = lost.length > 0 ? c.op('Unsqueeze', [c.g(), ints(lost)]) : c.g();
  const other = c.shapeOf(1 - i).length === 1 ? c.op('Unsqueeze', [c.x(1 - i), ints([i === 0 ? 1 : 0])]) : c.x(1 - i);
  const turned = transposeLast(c, other, (i === 0 ? bShape : aShape).length);
  const product = c.op('MatMul', i === 0 ? [g, turned] : [turned, g]);
  const own = i === 0 ? aShape : bShape;
  const full = [...stackShape(aShape, bShape), ...own.slice(-2)];
  const summed = unbroadcast(c, product, full, own, c.x(i));
  return c.shapeOf(i).length === 1 ? gradientLike(c, summed, i) : summed;
}

function stackShape(a: readonly Dim[], b: readonly Dim[]): Dim[] {
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
  return [
    c.needs(0) ? gemmFactor(c, 0, alpha, transA, transB) : undefined,
    c.needs(1) ? gemmFactor(c, 1, alpha, transB, transA) : undefined,
    c.needs(2) ? scale(c.builder, unbroadcast(c, c.g(), c.shapeOfOutput(0), c.shapeOf(2), c.x(2)), beta) : undefined,
  ];
};

/**
 * dA′ = α·G·B′ᵀ and dB′ = α·A′ᵀ·G; a factor that is itself transposed gets the transpose of that.
 *
 * @param own whether input i is transposed; `other`, whether the other factor is.
 */
function gemmFactor(c: RuleContext, i: 0 | 1, alpha: number, own: number, other: number): string {
  const [g, factor] = [c.g(), c.x(1 - i)];
  const forLeft = own ? ([factor, other, g, 1] as const) : ([g, 0, factor, 1 - other] as const);
  const forRight = own ? ([g, 1, factor, other] as const) : ([factor, 1 - other, g, 0] as const);
  const [left, transA, right, transB] = i === 0 ? forLeft : forRight;
  const attributes = { transA, transB, ...(alpha === 1 ? {} : { alpha: float(alpha) }) };
  if (c.seeds === null) return c.op('Gemm', [left, right], attributes);
  const columns = c.shapeOfOutput(0)[1];
  if (left === g && !transA && typeof columns === 'number') {
    const rows = c.op('Reshape', [g, c.builder.ints([-1, columns])]);
    return gradientLike(c, c.op('Gemm', [rows, right], attributes), i);
  }
  const turned = (tensor: string, transposed: number) =>
    transposed ? transposeLast(c, tensor, tensor === g ? 3 : 2) : tensor;
  return scale(c.builder, c.op('MatMul', [turned(left, transA), turned(right, transB)]), alpha);
}

export const matmulRules: RuleTable = { MatMul: adjoint(matmul), Gemm: adjoint(gemm) };
