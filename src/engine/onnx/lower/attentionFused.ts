import { float, floatAttribute, hasAttribute, intAttribute, intsAttribute } from '../attribute';
import { attention, biasWhere, causalBias, fixedSize, joinHeads, outOfSight, range, splitHeads } from './attentionCore';
import type { Lowering, LoweringContext } from './lowering';
import { rotate } from './rotary';

const int64 = 7;

/** What a masked score gets added: finite sums, whatever the attribute says. */
const hiddenBy = (c: LoweringContext) => Math.max(outOfSight, floatAttribute(c.node, 'mask_filter_value', -10000));

/**
 * A padding mask as something to add to [batch, heads, queries, keys]: 1 and 0 for each key (or each query and key), the
 * number of keys of each example, or ends and starts of all examples one after the other.
 */
function paddingBias(c: LoweringContext, i: number, keys: number): string {
  const b = c.builder;
  const shape = c.shapeOf(i);
  const hidden = hiddenBy(c);
  if (shape.length === 4) c.leave('its mask has four dimensions');
  if (shape.length > 1) {
    const mask = c.op('Cast', [c.x(i)], { to: int64 });
    const kept = c.op('Greater', [mask, b.intScalar(0)]);
    return c.op('Unsqueeze', [biasWhere(c, kept, hidden), b.ints(shape.length === 2 ? [1, 2] : [1])]);
  }
  const numbers = c.op('Cast', [c.x(i)], { to: int64 });
  const batch = c.op('Slice', [c.op('Shape', [c.x()]), b.ints([0]), b.ints([1])]);
  // Where only ends are given, all start at 0.
  const zeros = c.op('ConstantOfShape', [batch], { value: { type: 'int64', dims: [1], data: BigInt64Array.of(0n) } });
  const both = c.op('Concat', [numbers, zeros], { axis: 0 });
  const column = (from: string, to: string) =>
    c.op('Reshape', [c.op('Slice', [both, from, to]), b.ints([-1, 1, 1, 1])]);
  const end = column(b.ints([0]), batch);
  const start = column(batch, c.op('Add', [batch, batch]));
  const inside = c.op('And', [c.op('Less', [range(c, keys), end]), c.op('GreaterOrEqual', [range(c, keys), start])]);
  return biasWhere(c, inside, hidden);
}

const scaleOf = (c: LoweringContext, size: number) => {
  const given = hasAttribute(c.node, 'scale') ? floatAttribute(c.node, 'scale', 0) : 0;
  return given === 0 ? 1 / Math.sqrt(size) : given;
};

/** Inputs: x, weights of Q, K and V side by side, bias, mask, past ([2, batch, heads, length, size]), attention bias. */
export const fusedAttention: Lowering = (c) => {
  const b = c.builder;
  if (intAttribute(c.node, 'do_rotary', 0) === 1) c.leave('it rotates by caches of its own');
  if (c.has(6)) c.leave('it shares a buffer with its cache');
  const heads = intAttribute(c.node, 'num_heads', 1);
  const queries = fixedSize(c, c.shapeOf(0)[1], 'its sequence length');
  const total = fixedSize(c, c.shapeOf(1)[1], 'the width of its weights');
  const sizes = intsAttribute(c.node, 'qkv_hidden_sizes') ?? [total / 3, total / 3, total / 3];
  const product = c.op('MatMul', [c.x(0), c.x(1)]);
  const projected = c.has(2) ? c.op('Add', [product, c.x(2)]) : product;
  const [q, k, v] = b
    .ops('Split', [projected, b.ints(sizes)], 3, { axis: -1 })
    .map((part) => splitHeads(c, part, queries, heads)) as [string, string, string];
  const past = c.has(4) ? fixedSize(c, c.shapeOf(4)[3], 'the length of its cache') : 0;
  const cached = (which: number, own: string) => {
    if (!c.has(4)) return own;
    return c.op('Concat', [c.op('Gather', [c.x(4), b.intScalar(which)]), own], { axis: 2 });
  };
  const [allK, allV] = [cached(0, k), cached(1, v)];
  const keys = past + queries;
  const add = biases(c, queries, keys, past, 3);
  const { y } = attention(c, {
    q,
    k: allK,
    v: allV,
    heads,
    keyHeads: heads,
    queries,
    keys,
    scale: scaleOf(c, sizes[0]! / heads),
    add,
  });
  const present = () =>
    c.op(
      'Concat',
      [allK, allV].map((part) => c.op('Unsqueeze', [part, b.ints([0])])),
      { axis: 0 },
    );
  return [joinHeads(c, y, queries), c.node.output[1] ? present() : undefined];
};

/** What is added to the scores: the causal mask, the padding mask at input `padding`, and the bias at input 5. */
function biases(c: LoweringContext, queries: number, keys: number, past: number, padding: number): string[] {
  return [
    ...(intAttribute(c.node, 'unidirectional', 0) === 1 ? [causalBias(c, queries, keys, past)] : []),
    ...(c.has(padding) ? [paddingBias(c, padding, keys)] : []),
    ...(c.has(5) ? [c.x(5)] : []),
  ];
}

/** Inputs: query, key, value, bias, key padding mask, attention bias, past key, past value. */
export const multiHeadAttention: Lowering = (c) => {
  if (c.has(8) || c.has(9)) c.leave('it shares a buffer with its cache');
  // ONNX Runtime does not run these on a CPU either.
  if (!c.has(1) || !c.has(2)) c.leave('its query, key and value come packed');
  const heads = intAttribute(c.node, 'num_heads', 1);
  const queries = fixedSize(c, c.shapeOf(0)[1], 'its number of queries');
  const { q, k, v, own, size } = projections(c, heads, queries);
  const past = c.has(6) ? fixedSize(c, c.shapeOf(6)[2], 'the length of its cache') : 0;
  const cached = (i: number, tensor: string) => (c.has(i) ? c.op('Concat', [c.x(i), tensor], { axis: 2 }) : tensor);
  const [allK, allV] = [cached(6, k), cached(7, v)];
  const keys = past + own;
  const add = biases(c, queries, keys, past, 4);
  const { y } = attention(c, {
    q,
    k: allK,
    v: allV,
    heads,
    keyHeads: heads,
    queries,
    keys,
    scale: scaleOf(c, size),
    add,
  });
  if (c.node.output[3]) c.leave('its products are asked for');
  return [joinHeads(c, y, queries), allK, allV];
};

/** Query, key and value as [batch, heads, length, size], with their biases. */
function projections(c: LoweringContext, heads: number, queries: number) {
  const b = c.builder;
  const hidden = fixedSize(c, c.shapeOf(0)[2], 'its width');
  const length = (i: number) => {
    const shape = c.shapeOf(i);
    return fixedSize(c, shape.at(shape.length === 4 ? 2 : 1), 'its number of keys');
  };
  const part = (i: number, from: number, to: number) => {
    // A key or value that comes as [batch, heads, length, size] was projected elsewhere.
    if (i > 0 && c.shapeOf(i).length === 4) return c.x(i);
    const own = splitHeads(c, c.x(i), i === 0 ? queries : length(i), heads);
    if (!c.has(3)) return own;
    const bias = c.op('Slice', [c.x(3), b.ints([from]), b.ints([to])]);
    return c.op('Add', [own, c.op('Reshape', [bias, b.ints([heads, 1, -1])])]);
  };
  const end = c.has(3) ? fixedSize(c, c.shapeOf(3)[0], 'the width of its bias') : 0;
  return {
    q: part(0, 0, hidden),
    k: part(1, hidden, 2 * hidden),
    v: part(2, 2 * hidden, end),
    own: length(1),
    size: hidden / heads,
  };
}

/**
 * Inputs: query, key, value, past key, past value, lengths, total length, cosines, sines, positions, attention bias, sink …
 * A first prompt alone: what is generated from a cache of earlier keys is left.
 */
export const groupQueryAttention: Lowering = (c) => {
  const b = c.builder;
  if (c.has(3) && c.shapeOf(3)[2] !== 0) c.leave('it has a cache of earlier keys');
  if (c.has(12) || c.has(13)) c.leave('its cache is quantised');
  if (c.node.output[3]) c.leave('its products are asked for');
  const heads = intAttribute(c.node, 'num_heads', 1);
  const keyHeads = intAttribute(c.node, 'kv_num_heads', heads);
  const queries = fixedSize(c, c.shapeOf(0)[1], 'its sequence length');
  const width = fixedSize(c, c.shapeOf(0)[2], 'its width');
  const packed = !c.has(1);
  const size = packed ? width / (heads + 2 * keyHeads) : width / heads;
  const parts = packed
    ? b.ops('Split', [c.x(), b.ints([heads * size, keyHeads * size, keyHeads * size])], 3, { axis: -1 })
    : [c.x(0), c.x(1), c.x(2)];
  let [q, k, v] = parts.map((part, i) => splitHeads(c, part, queries, i === 0 ? heads : keyHeads)) as [
    string,
    string,
    string,
  ];
  const normalised = (x: string, i: number) =>
    c.has(i)
      ? c.op('SimplifiedLayerNormalization', [x, c.x(i)], {
          axis: -1,
          epsilon: float(floatAttribute(c.node, 'qk_norm_epsilon', 1e-6)),
        })
      : x;
  [q, k] = [normalised(q, 14), normalised(k, 15)];
  if (intAttribute(c.node, 'do_rotary', 0) === 1) {
    const half = fixedSize(c, c.shapeOf(7)[1], 'the size of its cache');
    const interleaved = intAttribute(c.node, 'rotary_interleaved', 0) === 1;
    const rows = (i: number) => c.op('Slice', [c.x(i), b.ints([0]), b.ints([queries]), b.ints([0])]);
    const [cos, sin] = [rows(7), rows(8)];
    [q, k] = [q, k].map((x) => rotate(c, x, cos, sin, 2 * half, size, interleaved)) as [string, string];
  }
  const window = intAttribute(c.node, 'local_window_size', -1);
  const causal = intAttribute(c.node, 'causal', 1) === 1;
  const add = [
    ...(causal ? [causalBias(c, queries, queries, 0, window > 0 ? window : undefined)] : []),
    ...(c.has(10) ? [c.x(10)] : []),
  ];
  const sink = c.has(11)
    ? c.op('Reshape', [c.x(11), b.ints([1, heads, 1, 1])])
    : intAttribute(c.node, 'smooth_softmax', -1) === 1
      ? b.scalar(0)
      : undefined;
  const { y } = attention(c, {
    q,
    k,
    v,
    heads,
    keyHeads,
    queries,
    keys: queries,
    scale: scaleOf(c, size),
    softcap: floatAttribute(c.node, 'softcap', 0),
    add,
    ...(sink === undefined ? {} : { sink }),
  });
  return [joinHeads(c, y, queries), k, v];
};
