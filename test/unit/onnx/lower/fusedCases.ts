import fc from 'fast-check';
import { float } from '../../../../src/engine/onnx/attribute';
import { fixed, floatInput, held, int32Input, int64Input, type Make } from './nativeNode';

const microsoft = 'com.microsoft';
const seed = fc.integer({ min: 0, max: 1e6 });
const size = fc.integer({ min: 1, max: 5 });
const flag = fc.boolean();
const bit = fc.integer({ min: 0, max: 1 });
const at = <T>(list: readonly T[], i: number) => list[i % list.length]!;

const elementwise = (op: string, bias: boolean, attributes: Record<string, ReturnType<typeof float>> = {}) =>
  fc.record({ n: size, c: size, seed, withBias: bias ? flag : fc.constant(false) }).map(
    ({ n, c, seed, withBias }): Make =>
      (batch) => ({
        op,
        domain: microsoft,
        inputs: [
          floatInput([batch, n, c], seed, 1.5),
          ...(withBias || op === 'BiasGelu' ? [floatInput([c], seed + 1)] : []),
        ],
        attributes,
      }),
  );

const activations: readonly (readonly [string, readonly number[]])[] = [
  ['Relu', []],
  ['Tanh', []],
  ['Sigmoid', []],
  ['LeakyRelu', [0.1]],
  ['Clip', [-0.7, 0.9]],
  ['HardSigmoid', [0.17, 0.4]],
];

/** Fused operators for any batch size, by name. */
export const fusedCases: Readonly<Record<string, fc.Arbitrary<Make>>> = {
  'com.microsoft:Gelu': elementwise('Gelu', false),
  'com.microsoft:FastGelu': elementwise('FastGelu', true),
  'com.microsoft:BiasGelu': elementwise('BiasGelu', true),
  'com.microsoft:QuickGelu': fc.oneof(
    elementwise('QuickGelu', false),
    elementwise('QuickGelu', false, { alpha: float(1) }),
  ),
  'com.microsoft:Inverse': fc.record({ n: size, seed, stacked: flag }).map(
    ({ n, seed, stacked }): Make =>
      (batch) => {
        const x = floatInput([batch, ...(stacked ? [2] : []), n, n], seed, 0.2);
        // Diagonally dominant: the inverse is far from singular.
        (x.value.data as Float32Array).forEach((v, i, all) => {
          all[i] = v + (Math.floor(i / n) % n === i % n ? 2 : 0);
        });
        return { op: 'Inverse', domain: microsoft, inputs: [x] };
      },
  ),
  SimplifiedLayerNormalization: fc.record({ n: size, c: size, seed, wide: flag }).map(
    ({ n, c, seed, wide }): Make =>
      (batch) => ({
        op: 'SimplifiedLayerNormalization',
        domain: '',
        inputs: [floatInput([batch, n, c + 1], seed, 1, 0.5), floatInput(wide ? [n, c + 1] : [c + 1], seed + 1)],
        attributes: { axis: wide ? 1 : -1, epsilon: float(1e-4) },
      }),
  ),
  'com.microsoft:FusedConv': fc
    .record({ c: size, h: size, k: bit, seed, act: fc.nat(5), bias: flag, z: flag, group: bit })
    .map(({ c, h, k, seed, act, bias, z, group }): Make => {
      const [activation, parameters] = at(activations, act);
      const groups = group === 1 ? c : 1;
      const kernel = 2 * k + 1;
      return (batch) => ({
        op: 'FusedConv',
        domain: microsoft,
        inputs: [
          floatInput([batch, c, h + 2, h + 2], seed),
          floatInput([c, c / groups, kernel, kernel], seed + 1),
          bias || z ? floatInput([c], seed + 2) : null,
          z ? floatInput([batch, c, h + 2, h + 2], seed + 3) : null,
        ].slice(0, z ? 4 : bias ? 3 : 2),
        attributes: { group: groups, pads: [k, k, k, k], kernel_shape: [kernel, kernel], activation },
        ...(parameters.length > 0 ? { floats: { activation_params: parameters } } : {}),
      });
    }),
  'com.microsoft:FusedGemm': fc
    .record({ n: size, k: size, seed, act: fc.nat(3), transB: bit, c: fc.nat(2) })
    .map(({ n, k, seed, act, transB, c }): Make => {
      const [activation, [alpha]] = at(activations, act);
      return (batch) => ({
        op: 'FusedGemm',
        domain: microsoft,
        inputs: [
          floatInput([batch, k], seed),
          floatInput(transB ? [n, k] : [k, n], seed + 1),
          ...(c === 0 ? [] : [floatInput(c === 1 ? [n] : [1, n], seed + 2)]),
        ],
        attributes: {
          transB,
          alpha: float(0.7),
          beta: float(1.3),
          activation,
          ...(alpha === undefined ? {} : { activation_alpha: float(alpha) }),
        },
      });
    }),
  'com.microsoft:FusedMatMul': fc
    .record({ m: size, k: size, n: size, seed, transA: bit, transB: bit, batchA: bit, batchB: bit, weight: flag })
    .map(({ m, k, n, seed, transA, transB, batchA: movedA, batchB, weight }): Make => {
      // ONNX Runtime wants equal ranks where a batch is moved.
      const batchA = weight ? 0 : movedA;
      const side = (rows: number, columns: number, trans: number, inFront: number, batch: number) => {
        const [r, c] = trans ? [columns, rows] : [rows, columns];
        return inFront ? [r, batch, c] : [batch, r, c];
      };
      const shared = { transA, transB, alpha: float(0.35), transBatchA: batchA };
      return (batch) => ({
        op: 'FusedMatMul',
        domain: microsoft,
        inputs: [
          floatInput(side(m, k, transA, batchA, batch), seed),
          floatInput(weight ? (transB ? [n, k] : [k, n]) : side(k, n, transB, batchB, batch), seed + 1),
        ],
        attributes: weight ? shared : { ...shared, transBatchB: batchB },
      });
    }),
  'com.microsoft:TransposeMatMul': fc.record({ m: size, k: size, n: size, seed, transA: bit, transB: bit }).map(
    ({ m, k, n, seed, transA, transB }): Make =>
      (batch) => ({
        op: 'TransposeMatMul',
        domain: microsoft,
        inputs: [
          floatInput(transA ? [batch, k, m] : [batch, m, k], seed),
          floatInput(transB ? [batch, n, k] : [batch, k, n], seed + 1),
        ],
        attributes: { transA, transB, alpha: float(1) },
      }),
  ),
  'com.microsoft:SkipLayerNormalization': fc
    .record({ n: size, c: size, seed, form: fc.nat(2), beta: flag, bias: flag, sum: flag, out: flag })
    .map(
      ({ n, c, seed, form, beta, bias, sum, out }): Make =>
        (batch) => ({
          op: 'SkipLayerNormalization',
          domain: microsoft,
          inputs: [
            floatInput([batch, n, c + 2], seed),
            floatInput(
              at(
                [
                  [batch, n, c + 2],
                  [1, n, c + 2],
                  [n, c + 2],
                ],
                form,
              ),
              seed + 1,
            ),
            floatInput([c + 2], seed + 2),
            beta ? floatInput([c + 2], seed + 3) : null,
            bias ? floatInput([c + 2], seed + 4) : null,
          ],
          attributes: { epsilon: float(1e-5) },
          outputs: sum ? [true, false, false, true] : [true],
          output: sum && out ? 3 : 0,
        }),
    ),
  'com.microsoft:SkipSimplifiedLayerNormalization': fc.record({ n: size, c: size, seed, bias: flag, sum: flag }).map(
    ({ n, c, seed, bias, sum }): Make =>
      (batch) => ({
        op: 'SkipSimplifiedLayerNormalization',
        domain: microsoft,
        inputs: [
          floatInput([batch, n, c + 1], seed, 1, 0.5),
          floatInput([batch, n, c + 1], seed + 1, 1, 0.5),
          floatInput([c + 1], seed + 2),
          ...(bias ? [floatInput([c + 1], seed + 3)] : []),
        ],
        attributes: { epsilon: float(1e-4) },
        outputs: sum ? [true, false, false, true] : [true],
      }),
  ),
  'com.microsoft:EmbedLayerNormalization': fc
    .record({ n: size, c: size, seed, segments: flag, mask: flag, positions: flag })
    .map(
      ({ n, c, seed, segments, mask, positions }): Make =>
        (batch) => {
          const words = Array.from({ length: batch * n }, (_, i) => (7 * i + seed) % 6);
          return {
            op: 'EmbedLayerNormalization',
            domain: microsoft,
            inputs: [
              int32Input([batch, n], words),
              segments
                ? int32Input(
                    [batch, n],
                    words.map((w) => w % 2),
                  )
                : null,
              floatInput([6, c + 3], seed),
              floatInput([n + 2, c + 3], seed + 1),
              segments ? floatInput([2, c + 3], seed + 2) : null,
              floatInput([c + 3], seed + 3),
              floatInput([c + 3], seed + 4),
              mask
                ? int32Input(
                    [batch, n],
                    words.map((_, i) => (i % n <= Math.floor(i / n) ? 1 : 0)),
                  )
                : null,
              ...(positions
                ? [
                    int32Input(
                      [batch, n],
                      words.map((_, i) => (i + 1) % (n + 2)),
                    ),
                  ]
                : []),
            ],
            attributes: { epsilon: float(1e-5), ...(mask ? { mask_index_type: 1 } : {}) },
            outputs: [true, true],
          };
        },
    ),
  'com.microsoft:GatedRMSNorm': fc.record({ n: size, c: size, heads: size, seed }).map(
    ({ n, c, heads, seed }): Make =>
      (batch) => ({
        op: 'GatedRMSNorm',
        domain: microsoft,
        inputs: [
          floatInput([batch, n, heads * (c + 1)], seed, 1, 0.5),
          floatInput([c + 1], seed + 1),
          floatInput([batch, n, heads * (c + 1)], seed + 2),
        ],
        attributes: { epsilon: float(1e-4) },
      }),
  ),
  'com.microsoft:GatedAdd': fc.record({ n: size, c: size, seed }).map(
    ({ n, c, seed }): Make =>
      (batch) => ({
        op: 'GatedAdd',
        domain: microsoft,
        inputs: [
          floatInput([batch, n, c], seed),
          floatInput([batch, n, c], seed + 1),
          floatInput([batch, n, 1], seed + 2),
        ],
      }),
  ),
  'com.microsoft:Pad': fc
    .record({ n: size, c: size, seed, mode: fc.nat(2), flat: flag, value: flag })
    .map(({ n, c, seed, mode, flat, value }): Make => {
      const pads = [0, 1, 0, 0, 0, 2];
      return (batch) => ({
        op: 'Pad',
        domain: microsoft,
        inputs: [
          floatInput([batch, n + 1, c + 2], seed),
          fixed(int64Input(flat ? [6] : [1, 6], pads)),
          ...(value && mode === 0 ? [floatInput([1], seed + 1)].map(fixed) : []),
        ],
        attributes: { mode: at(['constant', 'reflect', 'edge'], mode) },
      });
    }),
  'com.microsoft:Trilu': fc
    .record({ n: size, m: size, seed, upper: bit, k: fc.option(fc.integer({ min: -2, max: 2 })) })
    .map(
      ({ n, m, seed, upper, k }): Make =>
        (batch) => ({
          op: 'Trilu',
          domain: microsoft,
          inputs: [floatInput([batch, n, m], seed), ...(k === null ? [] : [fixed(int64Input([], [k]))])],
          attributes: { upper },
        }),
    ),
  'com.microsoft:GridSample': fc.record({ c: size, h: size, seed, align: bit, padding: fc.nat(1) }).map(
    ({ c, h, seed, align, padding }): Make =>
      (batch) => ({
        op: 'GridSample',
        domain: microsoft,
        inputs: [floatInput([batch, c, h + 1, h + 2], seed), held(floatInput([batch, 3, 2, 2], seed + 1, 0.4))],
        attributes: { align_corners: align, padding_mode: at(['zeros', 'border'], padding), mode: 'bilinear' },
      }),
  ),
  'com.microsoft:ExpandDims': fc.record({ n: size, seed, axis: fc.integer({ min: -3, max: 2 }) }).map(
    ({ n, seed, axis }): Make =>
      (batch) => ({
        op: 'ExpandDims',
        domain: microsoft,
        inputs: [floatInput([batch, n], seed), fixed(int32Input([], [axis]))],
      }),
  ),
  'com.microsoft:GatherND': fc.record({ n: size, seed, wide: flag }).map(
    ({ n, seed, wide }): Make =>
      (batch) => ({
        op: 'GatherND',
        domain: microsoft,
        inputs: [
          floatInput([batch, n, 3], seed),
          wide ? int64Input([2, 2], [0, n - 1, 1, 0]) : int32Input([2, 2], [0, n - 1, 1, 0]),
        ],
      }),
  ),
  'com.microsoft:CDist': fc.record({ m: size, d: size, seed, euclidean: flag }).map(
    ({ m, d, seed, euclidean }): Make =>
      (batch) => ({
        op: 'CDist',
        domain: microsoft,
        inputs: [floatInput([batch, d], seed), floatInput([m, d], seed + 1, 1, 3)],
        attributes: { metric: euclidean ? 'euclidean' : 'sqeuclidean' },
      }),
  ),
  'com.microsoft:UnfoldTensor': fc
    .record({
      n: size,
      seed,
      dim: fc.constantFrom(-1, 1, 2, -2),
      size: fc.integer({ min: 1, max: 3 }),
      step: fc.integer({ min: 1, max: 3 }),
    })
    .map(
      ({ n, seed, dim, size, step }): Make =>
        (batch) => ({
          op: 'UnfoldTensor',
          domain: microsoft,
          inputs: [floatInput([batch, n + 3, n + 2], seed)],
          attributes: { dim, size, step },
        }),
    ),
  'com.microsoft:ConvTransposeWithDynamicPads': fc
    .record({ c: size, h: size, seed, bias: flag, stride: fc.integer({ min: 1, max: 2 }) })
    .map(
      ({ c, h, seed, bias, stride }): Make =>
        (batch) => ({
          op: 'ConvTransposeWithDynamicPads',
          domain: microsoft,
          inputs: [
            floatInput([batch, c, h + 1, h + 1], seed),
            floatInput([c, 2, 3, 3], seed + 1),
            fixed(int64Input([4], [1, 0, 0, 1])),
            ...(bias ? [floatInput([2], seed + 2)] : []),
          ],
          attributes: { strides: [stride, stride], kernel_shape: [3, 3] },
        }),
    ),
};
