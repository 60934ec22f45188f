import { float, floatAttribute } from '../attribute';
import type { Lowering, LoweringContext, LoweringTable } from './lowering';

/** The residual sum in front of a fused normalisation; its later output 3. */
function skipSum(c: LoweringContext, biasAt: number): string {
  const sum = c.op('Add', [c.x(0), c.x(1)]);
  return c.has(biasAt) ? c.op('Add', [sum, c.x(biasAt)]) : sum;
}

/** Statistics for training, which ONNX Runtime does not compute on a CPU. */
function leaveStatistics(c: LoweringContext): void {
  if (c.node.output[1] || c.node.output[2]) c.leave('its statistics are asked for');
}

const epsilonOf = (c: LoweringContext) => float(floatAttribute(c.node, 'epsilon', 1e-12));

const skipLayerNormalization: Lowering = (c) => {
  leaveStatistics(c);
  const sum = skipSum(c, 4);
  const beta = c.has(3) ? [c.x(3)] : [];
  const y = c.op('LayerNormalization', [sum, c.x(2), ...beta], { axis: -1, epsilon: epsilonOf(c) });
  return [y, undefined, undefined, sum];
};

const skipSimplifiedLayerNormalization: Lowering = (c) => {
  leaveStatistics(c);
  const sum = skipSum(c, 3);
  const y = c.op('SimplifiedLayerNormalization', [sum, c.x(2)], { axis: -1, epsilon: epsilonOf(c) });
  return [y, undefined, undefined, sum];
};

/** x·rms(x)·scale·SiLU(gate), the mean of squares over groups of as many elements as scale has. */
const gatedRmsNorm: Lowering = (c) => {
  const b = c.builder;
  const width = c.shapeOf(1)[0] ?? c.leave('the size of its scale is unknown');
  const shape = c.shapeOf(0);
  const last = shape.at(-1) ?? c.leave('its last dimension moves with the batch');
  const grouped = last === width ? c.x() : c.op('Reshape', [c.x(), b.ints([-1, width])]);
  const normal = c.op('SimplifiedLayerNormalization', [grouped, c.x(1)], {
    axis: -1,
    epsilon: float(floatAttribute(c.node, 'epsilon', 1e-5)),
  });
  const back = last === width ? normal : c.op('Reshape', [normal, c.op('Shape', [c.x()])]);
  return [c.op('Mul', [back, c.op('Mul', [c.x(2), c.op('Sigmoid', [c.x(2)])])])];
};

/** Σ of the embeddings that the ids choose, normalised; the number of words of each example from the mask. */
const embedLayerNormalization: Lowering = (c) => {
  const b = c.builder;
  const [, length] = c.shapeOf(0);
  const words = c.op('Gather', [c.x(2), c.x(0)]);
  const positions = c.has(8)
    ? c.op('Gather', [c.x(3), c.x(8)])
    : c.op('Slice', [
        c.x(3),
        b.ints([0]),
        b.ints([length ?? c.leave('its sequence length moves with the batch')]),
        b.ints([0]),
      ]);
  const placed = c.op('Add', [words, positions]);
  const sum = c.has(1) && c.has(4) ? c.op('Add', [placed, c.op('Gather', [c.x(4), c.x(1)])]) : placed;
  const y = c.op('LayerNormalization', [sum, c.x(5), c.x(6)], { axis: -1, epsilon: epsilonOf(c) });
  const int32 = 6;
  const count = () => {
    if (c.has(7)) return c.op('ReduceSum', [c.x(7), b.ints([1])], { keepdims: 0 });
    const ids = c.op('ReduceSum', [c.x(0), b.ints([1])], { keepdims: 0 });
    return c.op('Cast', [c.op('Sub', [ids, ids])], { to: int32 });
  };
  return [y, c.node.output[1] ? count() : undefined, sum];
};

/** Normalisations that ONNX Runtime's optimizer fuses with what stands before or after them. */
export const normalizationLowerings: LoweringTable = {
  'com.microsoft:SkipLayerNormalization': skipLayerNormalization,
  'com.microsoft:SkipSimplifiedLayerNormalization': skipSimplifiedLayerNormalization,
  'com.microsoft:GatedRMSNorm': gatedRmsNorm,
  'com.microsoft:EmbedLayerNormalization': embedLayerNormalization,
};
