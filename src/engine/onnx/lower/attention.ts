import { floatAttribute, hasAttribute, intAttribute } from '../attribute';
import { attention, biasWhere, causalBias, fixedSize, joinHeads, outOfSight, range, splitHeads } from './attentionCore';
import { fusedAttention, groupQueryAttention, multiHeadAttention } from './attentionFused';
import type { Lowering, LoweringContext, LoweringTable } from './lowering';
import { rotaryEmbedding, rotaryEmbeddingFused } from './rotary';

/** ai.onnx 23 and 24. Inputs: Q, K, V, mask, past key, past value, lengths without padding. */
const standardAttention: Lowering = (c) => {
  if (intAttribute(c.node, 'left_window_size', -1) >= 0 || intAttribute(c.node, 'right_window_size', -1) >= 0) {
    c.leave('it has a window');
  }
  const flat = c.shapeOf(0).length === 3;
  const count = (i: number, attribute: string) =>
    flat ? intAttribute(c.node, attribute, 0) : fixedSize(c, c.shapeOf(i)[1], 'its number of heads');
  const heads = count(0, 'q_num_heads');
  const keyHeads = count(1, 'kv_num_heads');
  const queries = fixedSize(c, c.shapeOf(0).at(-2), 'its number of queries');
  const own = fixedSize(c, c.shapeOf(1).at(-2), 'its number of keys');
  const last = fixedSize(c, c.shapeOf(0).at(-1), 'its head size');
  const split = (i: number, length: number, n: number) => (flat ? splitHeads(c, c.x(i), length, n) : c.x(i));
  const past = c.has(4) ? fixedSize(c, c.shapeOf(4)[2], 'the length of its cache') : 0;
  const cached = (i: number, tensor: string) => (c.has(i) ? c.op('Concat', [c.x(i), tensor], { axis: 2 }) : tensor);
  const k = cached(4, split(1, own, keyHeads));
  const v = cached(5, split(2, own, keyHeads));
  const keys = past + own;
  const scale = hasAttribute(c.node, 'scale')
    ? floatAttribute(c.node, 'scale', 1)
    : 1 / Math.sqrt(flat ? last / heads : last);
  const { y, scores } = attention(c, {
    q: split(0, queries, heads),
    k,
    v,
    heads,
    keyHeads,
    queries,
    keys,
    scale,
    softcap: floatAttribute(c.node, 'softcap', 0),
    add: biases(c, queries, keys, past),
    emptyRows: c.has(3) || c.has(6),
  });
  const mode = intAttribute(c.node, 'qk_matmul_output_mode', 0);
  return [flat ? joinHeads(c, y, queries) : y, k, v, scores[mode]];
};

function biases(c: LoweringContext, queries: number, keys: number, past: number): string[] {
  const b = c.builder;
  const causal = intAttribute(c.node, 'is_causal', 0) === 1;
  const add: string[] = [];
  if (c.has(3)) add.push(maskBias(c, keys));
  if (causal && !c.has(6)) add.push(causalBias(c, queries, keys, past));
  if (c.has(6)) {
    const lengths = c.op('Reshape', [c.x(6), b.ints([-1, 1, 1, 1])]);
    add.push(biasWhere(c, c.op('Less', [range(c, keys), lengths])));
    if (causal) {
      // Queries are the last ones before the padding: query i stands at length − queries + i.
      const rows = c.op('Reshape', [range(c, queries), b.ints([queries, 1])]);
      const place = c.op('Add', [c.op('Sub', [lengths, b.ints([queries])]), rows]);
      add.push(biasWhere(c, c.op('LessOrEqual', [range(c, keys), place])));
    }
  }
  return add;
}

/** The mask as something to add; one that is shorter than the keys hides the rest. */
function maskBias(c: LoweringContext, keys: number): string {
  const b = c.builder;
  const shape = c.shapeOf(3);
  const mask = c.typeOf(3) === 'float32' ? c.op('Max', [c.x(3), b.scalar(outOfSight)]) : biasWhere(c, c.x(3));
  const missing = keys - fixedSize(c, shape.at(-1), 'the length of its mask');
  // A last dimension of 1 broadcasts.
  if (missing <= 0 || shape.at(-1) === 1) return mask;
  const pads = [...shape.map(() => 0), ...shape.map((_, axis) => (axis === shape.length - 1 ? missing : 0))];
  return c.op('Pad', [mask, b.ints(pads), b.scalar(outOfSight)]);
}

/** Attention and what belongs to it, taken apart to products and softmax. */
export const attentionLowerings: LoweringTable = {
  Attention: standardAttention,
  RotaryEmbedding: rotaryEmbedding,
  'com.microsoft:Attention': fusedAttention,
  'com.microsoft:MultiHeadAttention': multiHeadAttention,
  'com.microsoft:GroupQueryAttention': groupQueryAttention,
  'com.microsoft:RotaryEmbedding': rotaryEmbeddingFused,
};
