import { attributeProto, float, floatAttribute, floatsAttribute, intAttribute, stringAttribute } from '../attribute';
import type { AttributeProto } from '../generated/onnx_pb';
import type { Lowering, LoweringContext, LoweringTable } from './lowering';

const int64 = 7;

/** One node with attributes taken over as they are. */
function withAttributes(
  c: LoweringContext,
  opType: string,
  inputs: readonly string[],
  attributes: readonly AttributeProto[],
): string {
  const y = c.op(opType, inputs);
  c.builder.graph.node.at(-1)!.attribute = [...attributes];
  return y;
}

const attributesBut = (c: LoweringContext, ...names: string[]) =>
  c.node.attribute.filter(({ name }) => !names.includes(name));

/** Without inputs that are left out at the end. */
function inputs(c: LoweringContext, count: number): string[] {
  const all = Array.from({ length: count }, (_, i) => (c.has(i) ? c.x(i) : ''));
  while (all.at(-1) === '') all.pop();
  return all;
}

/** The activation that a fused operator ends with; parameters in ONNX Runtime's order (MlasActivation). */
function activated(c: LoweringContext, x: string, name: string, parameters: readonly number[]): string {
  const parameter = (i: number, otherwise: number) => float(parameters[i] ?? otherwise);
  switch (name) {
    case '':
    case 'Identity':
      return x;
    case 'Relu':
    case 'Sigmoid':
    case 'Tanh':
    case 'Softplus':
    case 'Softsign':
      return c.op(name, [x]);
    case 'LeakyRelu':
    case 'ThresholdedRelu':
    case 'Elu':
    case 'Celu':
      return c.op(name, [x], parameters.length > 0 ? { alpha: parameter(0, 0) } : {});
    case 'HardSigmoid':
      return c.op(name, [x], { alpha: parameter(0, 0.2), beta: parameter(1, 0.5) });
    case 'Selu':
      return c.op(name, [x], parameters.length > 1 ? { alpha: parameter(0, 0), gamma: parameter(1, 0) } : {});
    case 'Clip': {
      const [low = Number.NEGATIVE_INFINITY, high = Number.POSITIVE_INFINITY] = parameters;
      return c.op('Clip', [x, c.builder.scalar(low), c.builder.scalar(high)]);
    }
    case 'Silu':
      return c.op('Mul', [x, c.op('Sigmoid', [x])]);
    default:
      return c.leave(`its activation is ${name}`);
  }
}

/** act(Conv(X, W, B) + Z). */
const fusedConv: Lowering = (c) => {
  const conv = withAttributes(c, 'Conv', inputs(c, 3), attributesBut(c, 'activation', 'activation_params'));
  const sum = c.has(3) ? c.op('Add', [conv, c.x(3)]) : conv;
  return [
    activated(c, sum, stringAttribute(c.node, 'activation', ''), floatsAttribute(c.node, 'activation_params') ?? []),
  ];
};

const fusedGemm: Lowering = (c) => {
  const names = ['activation_alpha', 'activation_beta', 'activation_gamma'];
  const gemm = withAttributes(c, 'Gemm', inputs(c, 3), attributesBut(c, 'activation', ...names));
  const name = stringAttribute(c.node, 'activation', '');
  const given = names.flatMap((attribute) =>
    c.node.attribute.some((a) => a.name === attribute) ? [floatAttribute(c.node, attribute, 0)] : [],
  );
  return [activated(c, gemm, name, given)];
};

/**
 * alpha·op(A)·op(B). `transBatch` moves the first axis to the place before the last; `trans` then exchanges the last two.
 * ONNX Runtime puts the transposes and the factor back into the product when the graph is loaded.
 */
const fusedMatMul: Lowering = (c) => {
  const side = (i: number, trans: string, transBatch: string) => {
    const rank = c.shapeOf(i).length;
    const axes = Array.from({ length: rank }, (_, axis) => axis);
    // ONNX Runtime: "In case rank is 1, transpose is not allowed".
    if (rank < 2) return c.x(i);
    let perm = axes;
    if (intAttribute(c.node, transBatch, 0) === 1) perm = [...axes.slice(1, -1), 0, rank - 1];
    if (intAttribute(c.node, trans, 0) === 1) perm = [...perm.slice(0, -2), perm.at(-1)!, perm.at(-2)!];
    return perm.every((axis, at) => axis === at) ? c.x(i) : c.op('Transpose', [c.x(i)], { perm });
  };
  const product = c.op('MatMul', [side(0, 'transA', 'transBatchA'), side(1, 'transB', 'transBatchB')]);
  const alpha = floatAttribute(c.node, 'alpha', 1);
  return [alpha === 1 ? product : c.op('Mul', [product, c.builder.scalar(alpha)])];
};

/** The operator of ai.onnx that the one of com.microsoft became. */
const renamed =
  (opType: string, count: number): Lowering =>
  (c) => [withAttributes(c, opType, inputs(c, count), c.node.attribute)];

/** Pads once came as [1, 2·rank] too. */
const pad: Lowering = (c) => {
  const pads = c.shapeOf(1).length === 1 ? c.x(1) : c.op('Reshape', [c.x(1), c.builder.ints([-1])]);
  return [withAttributes(c, 'Pad', [c.x(), pads, ...(c.has(2) ? [c.x(2)] : [])], c.node.attribute)];
};

const expandDims: Lowering = (c) => {
  const [axis] = c.integers(1) ?? c.leave('its axis is not constant');
  return [c.op('Unsqueeze', [c.x(), c.builder.ints([axis!])])];
};

/** Indices may be int32 here. */
const gatherNd: Lowering = (c) => [c.op('GatherND', [c.x(), c.op('Cast', [c.x(1)], { to: int64 })])];

/** Distances between the rows of two matrices. */
const distances: Lowering = (c) => {
  const b = c.builder;
  const apart = c.op('Sub', [c.op('Unsqueeze', [c.x(), b.ints([1])]), c.op('Unsqueeze', [c.x(1), b.ints([0])])]);
  const squared = stringAttribute(c.node, 'metric', 'sqeuclidean') === 'sqeuclidean';
  // The norm rather than a root of the sum: its gradient is 0 where two rows are equal, as in torch.cdist.
  return [c.op(squared ? 'ReduceSumSquare' : 'ReduceL2', [apart, b.ints([2])], { keepdims: 0 })];
};

/** Windows of `size` at every `step` along one axis, put on a new last axis. */
const unfold: Lowering = (c) => {
  const rank = c.shapeOf(0).length;
  const given = intAttribute(c.node, 'dim', -1);
  const dim = given < 0 ? given + rank : given;
  const size = intAttribute(c.node, 'size', 1);
  const step = intAttribute(c.node, 'step', 1);
  const length = c.shapeOf(0)[dim] ?? c.leave('the axis that it unfolds moves with the batch');
  const count = Math.floor((length - size) / step) + 1;
  const at = Array.from({ length: count * size }, (_, i) => BigInt(Math.floor(i / size) * step + (i % size)));
  const indices = c.builder.constant({ type: 'int64', dims: [count, size], data: BigInt64Array.from(at) });
  const windows = c.op('Gather', [c.x(), indices], { axis: dim });
  if (dim === rank - 1) return [windows];
  const axes = Array.from({ length: rank + 1 }, (_, i) => i);
  return [c.op('Transpose', [windows], { perm: [...axes.filter((axis) => axis !== dim + 1), dim + 1] })];
};

const convTransposeWithPads: Lowering = (c) => {
  const pads = c.integers(2) ?? c.leave('its pads are not constant');
  const given = inputs(c, 4);
  const weights = given.length > 3 ? [given[0]!, given[1]!, given[3]!] : given.slice(0, 2);
  return [withAttributes(c, 'ConvTranspose', weights, [...attributesBut(c, 'pads'), attributeProto('pads', pads)])];
};

const gatedAdd: Lowering = (c) => [c.op('Add', [c.x(0), c.op('Mul', [c.x(1), c.x(2)])])];

/** Fused operators of com.microsoft, taken apart. */
export const fusedLowerings: LoweringTable = {
  'com.microsoft:FusedConv': fusedConv,
  'com.microsoft:FusedGemm': fusedGemm,
  'com.microsoft:FusedMatMul': fusedMatMul,
  'com.microsoft:TransposeMatMul': fusedMatMul,
  'com.microsoft:Pad': pad,
  'com.microsoft:Trilu': renamed('Trilu', 2),
  'com.microsoft:GridSample': renamed('GridSample', 2),
  'com.microsoft:ExpandDims': expandDims,
  'com.microsoft:GatherND': gatherNd,
  'com.microsoft:CDist': distances,
  'com.microsoft:UnfoldTensor': unfold,
  'com.microsoft:ConvTransposeWithDynamicPads': convTransposeWithPads,
  'com.microsoft:GatedAdd': gatedAdd,
};
