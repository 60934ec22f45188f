import { intAttribute } from '../../onnx/attribute';
import { TensorProto_DataType } from '../../onnx/generated/onnx_pb';
import { adjoint, type Rule, type RuleContext, type RuleTable } from '../rule';

const given = (c: RuleContext, i: number) => Boolean(c.node.input[i]);

/** Two 4-bit numbers a byte, low one first, along the last axis: [..., n] to [..., 2n] as float32. */
function unpacked(c: RuleContext, i: number, shape: readonly number[], bits: number): string {
  const b = c.builder;
  const bytes = c.op('Cast', [c.node.input[i]!], { to: TensorProto_DataType.FLOAT });
  if (bits === 8) return c.op('Reshape', [bytes, b.ints(shape)]);
  const high = c.op('Floor', [c.op('Mul', [bytes, b.scalar(1 / 16)])]);
  const low = c.op('Sub', [bytes, c.op('Mul', [high, b.scalar(16)])]);
  const last = b.ints([-1]);
  const pairs = c.op('Concat', [c.op('Unsqueeze', [low, last]), c.op('Unsqueeze', [high, last])], { axis: -1 });
  return c.op('Reshape', [pairs, b.ints(shape)]);
}

/** The weights [N, K] of MatMulNBits, as nodes that ONNX Runtime folds when it loads the graph. */
function weights(c: RuleContext): string {
  const b = c.builder;
  const [columns, depth] = [intAttribute(c.node, 'N', 0), intAttribute(c.node, 'K', 0)];
  const [bits, block] = [intAttribute(c.node, 'bits', 4), intAttribute(c.node, 'block_size', 0)];
  if (bits !== 4 && bits !== 8) c.unavailable(`its weights have ${bits} bits`);
  if (given(c, 4)) c.unavailable('its columns are in another order (g_idx)');
  const blocks = Math.ceil(depth / block);
  const integers = unpacked(c, 1, [columns, blocks, block], bits);
  const points = (): string => {
    if (!given(c, 3)) return b.scalar(2 ** (bits - 1));
    if (c.typeOf(3) === 'float32') return c.op('Reshape', [c.node.input[3]!, b.ints([columns, blocks, 1])]);
    // Rows of zero points are packed by themselves: an odd number of them leaves half a byte.
    const held = bits === 4 ? 2 * Math.ceil(blocks / 2) : blocks;
    const all = unpacked(c, 3, [columns, held, 1], bits);
    return held === blocks ? all : c.op('Slice', [all, b.ints([0]), b.ints([blocks]), b.ints([1])]);
  };
  const scales = c.op('Reshape', [c.node.input[2]!, b.ints([columns, blocks, 1])]);
  const real = c.op('Mul', [c.op('Sub', [integers, points()]), scales]);
  const whole = c.op('Reshape', [real, b.ints([columns, blocks * block])]);
  return blocks * block === depth ? whole : c.op('Slice', [whole, b.ints([0]), b.ints([depth]), b.ints([1])]);
}

/** Y = A·Wᵀ for weights of 4 or 8 bits in blocks: dA = G·W. */
const packedMatmul: Rule = (c) => [c.needs(0) ? c.op('MatMul', [c.g(), weights(c)]) : undefined];

export const packedMatmulRules: RuleTable = { 'com.microsoft:MatMulNBits': adjoint(packedMatmul, [0]) };
