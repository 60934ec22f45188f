import { create, toBinary } from '@bufbuild/protobuf';
import { floatValueInfo, GraphBuilder } from '../src/engine/onnx/builder';
import { GraphProtoSchema, ModelProtoSchema, OperatorSetIdProtoSchema } from '../src/engine/onnx/generated/onnx_pb';
import { Random } from '../src/engine/random';

/** Architectures of real sizes with random weights: what memory and time depend on, without a download. */
export const largeModels = { 'resnet-50': resnet50, 'vit-s-16': () => vit(384, 6), 'vit-b-16': () => vit(768, 12) };
export type LargeModel = keyof typeof largeModels;

const classes = 1000;
const imageSize = 224;

/** Weights around zero with the variance of He et al. 2015, so that activations neither vanish nor explode. */
function weights(g: GraphBuilder, random: Random, dims: readonly number[], fanIn: number): string {
  const count = dims.reduce((product, dim) => product * dim, 1);
  const values = new Float32Array(count);
  const width = Math.sqrt(6 / fanIn);
  for (let i = 0; i < count; i++) values[i] = width * (2 * random.uniform() - 1);
  return g.constant({ type: 'float32', dims, data: values });
}

/** ResNet-50 (He et al. 2016, table 1), batch normalisation folded into the convolutions: 25.5 M parameters, 102 MB. */
function resnet50(): Uint8Array {
  const g = new GraphBuilder(create(GraphProtoSchema));
  const random = Random.of(1, 'resnet-50');
  const conv = (x: string, from: number, to: number, k: number, stride: number, gain = 1): string =>
    g.op('Conv', [x, weights(g, random, [to, from, k, k], (from * k * k) / gain), g.floats(new Float32Array(to))], {
      kernel_shape: [k, k],
      strides: [stride, stride],
      pads: Array(4).fill((k - 1) >> 1),
    });
  const relu = (x: string) => g.op('Relu', [x]);
  let x = relu(conv('image', 3, 64, 7, 2));
  x = g.op('MaxPool', [x], { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] });
  let channels = 64;
  for (const [stage, blocks] of [3, 4, 6, 3].entries()) {
    const width = 64 << stage;
    for (let block = 0; block < blocks; block++) {
      const stride = block === 0 && stage > 0 ? 2 : 1;
      const inner = relu(conv(relu(conv(x, channels, width, 1, 1)), width, width, 3, stride));
      const branch = conv(inner, width, 4 * width, 1, 1, 0.05);
      x = relu(g.op('Add', [branch, block === 0 ? conv(x, channels, 4 * width, 1, stride) : x]));
      channels = 4 * width;
    }
  }
  const flat = g.op('Flatten', [g.op('GlobalAveragePool', [x])]);
  const head = weights(g, random, [classes, channels], channels);
  g.named('Gemm', [flat, head, g.floats(new Float32Array(classes))], 'logits', { transB: 1 });
  return finish(g);
}

/** A vision transformer of 12 layers on patches of 16 × 16 (Dosovitskiy et al. 2021, table 1): S 22 M, B 86 M parameters. */
function vit(width: number, heads: number): Uint8Array {
  const g = new GraphBuilder(create(GraphProtoSchema));
  const random = Random.of(1, 'vit');
  const head = width / heads;
  const linear = (x: string, from: number, to: number, gain = 1) =>
    g.op('Add', [g.op('MatMul', [x, weights(g, random, [from, to], from / gain)]), g.floats(new Float32Array(to))]);
  const norm = (x: string) =>
    g.op('LayerNormalization', [x, g.floats(new Float32Array(width).fill(1)), g.floats(new Float32Array(width))], {
      axis: -1,
      epsilon: 1e-6,
    });
  const split = (x: string, perm: readonly number[]) =>
    g.op('Transpose', [g.op('Reshape', [x, g.ints([0, -1, heads, head])])], { perm: [...perm] });
  const patches = g.op(
    'Conv',
    ['image', weights(g, random, [width, 3, 16, 16], 768), g.floats(new Float32Array(width))],
    {
      kernel_shape: [16, 16],
      strides: [16, 16],
    },
  );
  const tokens = (imageSize / 16) ** 2;
  let x = g.op('Transpose', [g.op('Reshape', [patches, g.ints([0, width, tokens])])], { perm: [0, 2, 1] });
  x = g.op('Add', [x, weights(g, random, [1, tokens, width], 1000)]);
  for (let layer = 0; layer < 12; layer++) {
    const n = norm(x);
    const q = split(linear(n, width, width), [0, 2, 1, 3]);
    const k = split(linear(n, width, width), [0, 2, 3, 1]);
    const v = split(linear(n, width, width), [0, 2, 1, 3]);
    const scores = g.op('Mul', [g.op('MatMul', [q, k]), g.scalar(1 / Math.sqrt(head))]);
    const mixed = g.op('MatMul', [g.op('Softmax', [scores], { axis: -1 }), v]);
    const merged = g.op('Reshape', [g.op('Transpose', [mixed], { perm: [0, 2, 1, 3] }), g.ints([0, -1, width])]);
    x = g.op('Add', [x, linear(merged, width, width, 0.1)]);
    const h = linear(norm(x), width, 4 * width);
    const gelu = g.op('Mul', [
      g.op('Mul', [h, g.scalar(0.5)]),
      g.op('Add', [g.op('Erf', [g.op('Mul', [h, g.scalar(Math.SQRT1_2)])]), g.scalar(1)]),
    ]);
    x = g.op('Add', [x, linear(gelu, 4 * width, width, 0.1)]);
  }
  const pooled = g.op('ReduceMean', [norm(x), g.ints([1])], { keepdims: 0 });
  g.named('Gemm', [pooled, weights(g, random, [width, classes], width), g.floats(new Float32Array(classes))], 'logits');
  return finish(g);
}

function finish(g: GraphBuilder): Uint8Array {
  g.graph.name = 'large';
  g.graph.input = [floatValueInfo('image', ['N', 3, imageSize, imageSize])];
  g.graph.output = [floatValueInfo('logits', ['N', classes])];
  return toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, {
      irVersion: 8n,
      producerName: 'robustness-inspector bench',
      opsetImport: [create(OperatorSetIdProtoSchema, { domain: '', version: 18n })],
      graph: g.graph,
    }),
  );
}
