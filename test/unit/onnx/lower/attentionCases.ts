import fc from 'fast-check';
import { float } from '../../../../src/engine/onnx/attribute';
import { boolInput, fixed, floatInput, held, int32Input, int64Input, type Make } from './nativeNode';

const microsoft = 'com.microsoft';
const seed = fc.integer({ min: 0, max: 1e6 });
const small = fc.integer({ min: 1, max: 4 });
const flag = fc.boolean();
const bit = fc.integer({ min: 0, max: 1 });

/** Keeps the first key always, others two times in three. */
const keep = (count: number, keys: number, seed: number) =>
  Array.from({ length: count }, (_, i) => (i % keys === 0 || (7 * i + seed) % 3 !== 0 ? 1 : 0));

const standard = fc
  .record({
    keyHeads: fc.integer({ min: 1, max: 2 }),
    group: fc.integer({ min: 1, max: 2 }),
    queries: small,
    keys: small,
    size: small,
    valueSize: small,
    past: fc.nat(2),
    seed,
    flat: flag,
    causal: flag,
    mask: fc.constantFrom('none', 'bool2', 'bool4', 'float2', 'float4', 'infinite'),
    softcap: flag,
    scale: flag,
    output: fc.constantFrom(0, 0, 0, 3),
    mode: fc.nat(3),
  })
  .map((d): Make => {
    const heads = d.keyHeads * d.group;
    // A causal query must see a key: what ONNX Runtime gives for none is not defined before opset 24.
    const keys = d.causal ? d.queries : d.keys;
    const total = d.past + keys;
    const bnsh = (batch: number, n: number, length: number, size: number) =>
      d.flat ? [batch, length, n * size] : [batch, n, length, size];
    return (batch) => {
      const shape = d.mask.endsWith('4') ? [batch, heads, d.queries, total] : [d.queries, total];
      const count = shape.reduce((a, b) => a * b, 1);
      const infinite = held(floatInput(shape, d.seed + 5));
      keep(count, total, d.seed).forEach((kept, i) => {
        (infinite.value.data as Float32Array)[i] = kept ? 0.1 * (i % 5) : Number.NEGATIVE_INFINITY;
      });
      const masks = {
        none: null,
        bool2: boolInput(shape, keep(count, total, d.seed)),
        bool4: boolInput(shape, keep(count, total, d.seed)),
        float2: floatInput(shape, d.seed + 4),
        float4: floatInput(shape, d.seed + 4),
        infinite,
      };
      const cache = d.past > 0;
      return {
        op: 'Attention',
        domain: '',
        opset: 24,
        inputs: [
          floatInput(bnsh(batch, heads, d.queries, d.size), d.seed),
          floatInput(bnsh(batch, d.keyHeads, keys, d.size), d.seed + 1),
          floatInput(bnsh(batch, d.keyHeads, keys, d.valueSize), d.seed + 2),
          masks[d.mask],
          ...(cache
            ? [
                floatInput([batch, d.keyHeads, d.past, d.size], d.seed + 6),
                floatInput([batch, d.keyHeads, d.past, d.valueSize], d.seed + 7),
              ]
            : []),
        ],
        attributes: {
          is_causal: d.causal ? 1 : 0,
          ...(d.flat ? { q_num_heads: heads, kv_num_heads: d.keyHeads } : {}),
          ...(d.softcap ? { softcap: float(1.5) } : {}),
          ...(d.scale ? { scale: float(0.4) } : {}),
          qk_matmul_output_mode: d.mode,
        },
        // A score of −∞ in an output is −10³⁰ here.
        outputs: [true, cache, cache, d.output === 3 && d.mode !== 2],
        output: d.mode === 2 ? 0 : d.output,
      };
    };
  });

const lengths = fc.record({ heads: small, queries: small, keys: small, size: small, seed, causal: flag }).map(
  (d): Make =>
    (batch) => ({
      op: 'Attention',
      domain: '',
      opset: 24,
      inputs: [
        floatInput([batch, d.heads, d.queries, d.size], d.seed),
        floatInput([batch, d.heads, d.queries + d.keys, d.size], d.seed + 1),
        floatInput([batch, d.heads, d.queries + d.keys, d.size], d.seed + 2),
        null,
        null,
        null,
        int64Input(
          [batch],
          Array.from({ length: batch }, (_, i) => d.queries + ((i + d.seed) % (d.keys + 1))),
        ),
      ],
      attributes: { is_causal: d.causal ? 1 : 0 },
    }),
);

const hiddenRows = fc.record({ queries: small, keys: small, seed }).map(
  (d): Make =>
    (batch) => ({
      op: 'Attention',
      domain: '',
      opset: 24,
      inputs: [
        floatInput([batch, 2, d.queries, 3], d.seed),
        floatInput([batch, 2, d.keys, 3], d.seed + 1),
        floatInput([batch, 2, d.keys, 3], d.seed + 2),
        // The first query sees nothing.
        boolInput(
          [d.queries, d.keys],
          Array.from({ length: d.queries * d.keys }, (_, i) => (i < d.keys ? 0 : 1)),
        ),
      ],
    }),
);

const fused = fc
  .record({
    heads: fc.integer({ min: 1, max: 3 }),
    length: small,
    size: small,
    valueSize: small,
    width: small,
    seed,
    own: flag,
    causal: bit,
    past: fc.nat(2),
    mask: fc.constantFrom('none', 'ends', 'both', 'keys', 'pairs'),
    added: flag,
    scale: flag,
    filter: flag,
  })
  .map((d): Make => {
    const past = d.own ? 0 : d.past;
    const valueSize = d.own ? d.valueSize : d.size;
    const total = past + d.length;
    return (batch) => {
      const each = <T>(f: (i: number) => T) => Array.from({ length: batch }, (_, i) => f(i));
      const masks = {
        none: null,
        ends: int32Input(
          [batch],
          each((i) => 1 + ((i + d.seed) % total)),
        ),
        // A causal query must see a key: among none, what is left of the scores after rounding decides.
        both: int32Input([2 * batch], [...each(() => total), ...each((i) => (d.causal ? 0 : (i + d.seed) % total))]),
        keys: int32Input([batch, total], keep(batch * total, total, d.seed)),
        pairs: int32Input([batch, d.length, total], keep(batch * d.length * total, total, d.seed)),
      };
      return {
        op: 'Attention',
        domain: microsoft,
        inputs: [
          floatInput([batch, d.length, d.width], d.seed),
          fixed(floatInput([d.width, d.heads * (2 * d.size + valueSize)], d.seed + 1)),
          // Without a bias ONNX Runtime 1.30 reads where nothing is.
          floatInput([d.heads * (2 * d.size + valueSize)], d.seed + 2),
          masks[d.mask],
          past > 0 ? floatInput([2, batch, d.heads, past, d.size], d.seed + 3) : null,
          d.added && past === 0 ? floatInput([1, d.heads, d.length, total], d.seed + 4) : null,
        ],
        attributes: {
          num_heads: d.heads,
          unidirectional: d.causal,
          ...(d.own ? { qkv_hidden_sizes: [d.heads * d.size, d.heads * d.size, d.heads * valueSize] } : {}),
          ...(d.scale ? { scale: float(0.3) } : {}),
          ...(d.filter ? { mask_filter_value: float(-3.4028234663852886e38) } : {}),
        },
        outputs: [true, past > 0],
      };
    };
  });

const multiHead = fc
  .record({
    heads: fc.integer({ min: 1, max: 3 }),
    queries: small,
    keys: small,
    size: small,
    valueSize: small,
    seed,
    form: fc.constantFrom('plain', 'plain', 'projected'),
    mask: fc.constantFrom('none', 'ends', 'keys', 'pairs'),
    bias: flag,
    added: flag,
    causal: bit,
    past: fc.nat(2),
    present: flag,
  })
  .map((d): Make => {
    const { heads, size } = d;
    const keys = d.causal ? d.queries : d.keys;
    const past = d.form === 'plain' ? d.past : 0;
    const valueSize = d.form === 'plain' && past === 0 ? d.valueSize : size;
    const total = past + keys;
    return (batch) => {
      const each = <T>(f: (i: number) => T) => Array.from({ length: batch }, (_, i) => f(i));
      const masks = {
        none: null,
        ends: int32Input(
          [batch],
          each((i) => 1 + ((i + d.seed) % total)),
        ),
        keys: int32Input([batch, total], keep(batch * total, total, d.seed)),
        pairs: int32Input([batch, d.queries, total], keep(batch * d.queries * total, total, d.seed)),
      };
      const qkv = {
        plain: [
          floatInput([batch, d.queries, heads * size], d.seed),
          floatInput([batch, keys, heads * size], d.seed + 1),
          floatInput([batch, keys, heads * valueSize], d.seed + 2),
        ],
        projected: [
          floatInput([batch, d.queries, heads * size], d.seed),
          floatInput([batch, heads, keys, size], d.seed + 1),
          floatInput([batch, heads, keys, size], d.seed + 2),
        ],
      }[d.form];
      return {
        op: 'MultiHeadAttention',
        domain: microsoft,
        inputs: [
          ...qkv,
          d.bias ? floatInput([heads * (2 * size + valueSize)], d.seed + 3) : null,
          masks[d.mask],
          d.added ? floatInput([1, heads, d.queries, total], d.seed + 4) : null,
          ...(past > 0
            ? [
                floatInput([batch, heads, past, size], d.seed + 5),
                floatInput([batch, heads, past, valueSize], d.seed + 6),
              ]
            : []),
        ],
        attributes: { num_heads: heads, unidirectional: d.causal },
        outputs: past > 0 || (d.present && d.form === 'plain') ? [true, true, true] : [true],
      };
    };
  });

const rotations = fc.record({ half: fc.integer({ min: 1, max: 4 }), seed }).map(({ half, seed }) => ({
  half,
  cos: (rows: readonly number[]) => held(floatInput([...rows, half], seed + 20)),
  sin: (rows: readonly number[]) => held(floatInput([...rows, half], seed + 21)),
}));

const groupQuery = fc
  .record({
    keyHeads: fc.integer({ min: 1, max: 2 }),
    group: fc.integer({ min: 1, max: 2 }),
    length: small,
    seed,
    packed: flag,
    rotary: fc.constantFrom('none', 'halves', 'pairs'),
    window: fc.constantFrom(-1, 1, 2),
    softcap: flag,
    smooth: fc.constantFrom('no', 'zero', 'sink'),
    added: flag,
    scale: flag,
  })
  .map((d): Make => {
    const heads = d.keyHeads * d.group;
    const size = 16;
    return (batch) => ({
      op: 'GroupQueryAttention',
      domain: microsoft,
      inputs: [
        floatInput([batch, d.length, (d.packed ? heads + 2 * d.keyHeads : heads) * size], d.seed),
        d.packed ? null : floatInput([batch, d.length, d.keyHeads * size], d.seed + 1),
        d.packed ? null : floatInput([batch, d.length, d.keyHeads * size], d.seed + 2),
        null,
        null,
        int32Input(
          [batch],
          Array.from({ length: batch }, () => d.length - 1),
        ),
        fixed(int32Input([1], [d.length])),
        d.rotary === 'none' ? null : held(floatInput([d.length + 2, size / 2], d.seed + 3)),
        d.rotary === 'none' ? null : held(floatInput([d.length + 2, size / 2], d.seed + 4)),
        null,
        d.added ? floatInput([1, heads, d.length, d.length], d.seed + 5) : null,
        ...(d.smooth === 'sink' ? [floatInput([heads], d.seed + 6)] : []),
      ],
      attributes: {
        num_heads: heads,
        kv_num_heads: d.keyHeads,
        do_rotary: d.rotary === 'none' ? 0 : 1,
        rotary_interleaved: d.rotary === 'pairs' ? 1 : 0,
        local_window_size: d.window,
        ...(d.softcap ? { softcap: float(1.5) } : {}),
        ...(d.scale ? { scale: float(0.4) } : {}),
        ...(d.smooth === 'zero' ? { smooth_softmax: 1 } : {}),
      },
      outputs: [true, true, true],
    });
  });

const rotary = (fusedForm: boolean) =>
  fc
    .record({
      rotation: rotations,
      heads: small,
      length: small,
      rest: fc.nat(2),
      seed,
      flat: flag,
      pairs: bit,
      offset: flag,
      given: flag,
    })
    .map((d): Make => {
      const { half, cos, sin } = d.rotation;
      // com.microsoft takes part of a head only where it is told the number of heads.
      const rest = 2 * d.rest;
      const size = 2 * half + rest;
      const partial = rest > 0 ? { rotary_embedding_dim: 2 * half } : {};
      return (batch) => {
        const x = floatInput(d.flat ? [batch, d.length, d.heads * size] : [batch, d.heads, d.length, size], d.seed);
        const rows = Array.from({ length: batch * d.length }, (_, i) => (5 * i + d.seed) % (d.length + 3));
        const ids = int64Input([batch, d.length], rows);
        if (!fusedForm) {
          const tables = d.given ? [d.length + 3] : [batch, d.length];
          return {
            op: 'RotaryEmbedding',
            domain: '',
            opset: 23,
            inputs: [x, cos(tables), sin(tables), ...(d.given ? [ids] : [])],
            attributes: { interleaved: d.pairs, num_heads: d.heads, ...partial },
          };
        }
        return {
          op: 'RotaryEmbedding',
          domain: microsoft,
          inputs: [x, d.offset ? int64Input([1], [2]) : ids, cos([d.length + 3]), sin([d.length + 3])],
          attributes: { interleaved: d.pairs, ...(rest > 0 || d.given ? { num_heads: d.heads } : {}), ...partial },
        };
      };
    });

/** Attention for any batch size: the operator's name and its nodes, by title. */
export const attentionCases: Readonly<Record<string, readonly [string, fc.Arbitrary<Make>]>> = {
  'Attention (23, 24)': ['Attention', standard],
  'Attention with lengths': ['Attention', lengths],
  'Attention with a query that sees nothing': ['Attention', hiddenRows],
  'RotaryEmbedding (23)': ['RotaryEmbedding', rotary(false)],
  'com.microsoft:Attention': ['com.microsoft:Attention', fused],
  'com.microsoft:MultiHeadAttention': ['com.microsoft:MultiHeadAttention', multiHead],
  'com.microsoft:GroupQueryAttention': ['com.microsoft:GroupQueryAttention', groupQuery],
  'com.microsoft:RotaryEmbedding': ['com.microsoft:RotaryEmbedding', rotary(true)],
};
