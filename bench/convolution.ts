/**
 * What the gradients of convolutions, pools and resizing cost beside the forward pass, in the form that the rules choose and
 * in others. All forms of a shape are run in turn within one process; only their ratios mean something. With one thread,
 * processor time is counted, which a busy machine does not change; with more, time on the clock.
 *
 *   npx tsx bench/convolution.ts [THREADS=2] [ROUNDS=15] [NAME]
 */
import { create } from '@bufbuild/protobuf';
import { differentiate } from '../src/engine/gradient/differentiate';
import { type Attributes, floatValueInfo, GraphBuilder } from '../src/engine/onnx/builder';
import { Constants } from '../src/engine/onnx/constants';
import {
  type GraphProto,
  GraphProtoSchema,
  ModelProtoSchema,
  OperatorSetIdProtoSchema,
  ValueInfoProtoSchema,
} from '../src/engine/onnx/generated/onnx_pb';
import { observe } from '../src/engine/onnx/observe';
import { modelBytes } from '../src/engine/onnx/write';
import { Random } from '../src/engine/random';
import { createSession, floats, type Session, type Value } from '../src/engine/runtime';

interface Shape {
  readonly name: string;
  readonly op: string;
  readonly x: readonly number[];
  readonly weights?: readonly number[];
  readonly attributes: Attributes;
  /** A Resize's scales. */
  readonly scales?: readonly number[];
}

interface Built {
  readonly builder: GraphBuilder;
  readonly graph: GraphProto;
  readonly y: string;
  /** The operator's own input: behind a convolution, so that pools find ONNX Runtime's blocked layout as in networks. */
  readonly x: string;
  readonly weights: string;
}

/** Another way to the gradient, given that of y as `g`. */
type Form = (built: Built, shape: Shape, outputs: readonly number[]) => string;

const proto = create(ModelProtoSchema, {
  irVersion: 10n,
  opsetImport: [create(OperatorSetIdProtoSchema, { version: 18n })],
});
const random = Random.of(0, 'bench');
const draw = (dims: readonly number[]) =>
  Float32Array.from({ length: dims.reduce((a, b) => a * b, 1) }, () => random.normal());
const inputName = 'x';
const gradientName = 'g';
const prelude = 8;

function build(shape: Shape): Built {
  const hasPrelude = !shape.weights;
  const [n, channels, ...size] = shape.x as [number, number, ...number[]];
  const dims = hasPrelude ? [n, prelude, ...size] : shape.x;
  const graph = create(GraphProtoSchema, { name: 'bench', input: [floatValueInfo(inputName, dims)] });
  const b = new GraphBuilder(graph);
  const mix = () => b.op('Conv', [inputName, b.floats(draw([channels, prelude, 1, 1]), [channels, prelude, 1, 1])]);
  const x = hasPrelude ? b.op('Relu', [mix()]) : inputName;
  const weights = shape.weights ? b.floats(draw(shape.weights), shape.weights) : '';
  const rest = shape.scales ? ['', b.floats(shape.scales)] : weights ? [weights] : [];
  return { builder: b, graph, y: b.op(shape.op, [x, ...rest], shape.attributes), x, weights };
}

const feedsOf = (shape: Shape, outputs: readonly number[]): Record<string, Value> => {
  const [n, , ...size] = shape.x as [number, number, ...number[]];
  const dims = shape.weights ? shape.x : [n, prelude, ...size];
  return { [inputName]: floats(draw(dims), dims), [gradientName]: floats(draw(outputs), outputs) };
};

/** A session that computes the given tensors and hands out one number of each. */
async function sessionFor(built: Built, tensors: readonly string[], threads: number): Promise<Session> {
  const b = built.builder;
  const numbers = tensors.map((tensor) => {
    const first = b.op('Slice', [tensor, b.ints([0]), b.ints([1]), b.ints([0])]);
    return b.op('ReduceMax', [first], { keepdims: 0 });
  });
  built.graph.output = numbers.map((name) => create(ValueInfoProtoSchema, { name }));
  return createSession(modelBytes(proto, built.graph), { threads });
}

async function outputsOf(shape: Shape): Promise<number[]> {
  const { graph, y } = build(shape);
  graph.output = [create(ValueInfoProtoSchema, { name: y })];
  const session = await createSession(modelBytes(proto, graph));
  const { [inputName]: x } = feedsOf(shape, [1]);
  const values = await session.run({ [inputName]: x! });
  await session.release();
  return [...values[y]!.dims];
}

async function chosen(shape: Shape, outputs: readonly number[]): Promise<{ built: Built; dx: string }> {
  const built = build(shape);
  const { [inputName]: x } = feedsOf(shape, outputs);
  const observation = await observe(proto, built.graph, () => ({ [inputName]: x! }), [1, 1]);
  built.graph.input.push(floatValueInfo(gradientName, outputs));
  const dx = differentiate({
    builder: built.builder,
    observation,
    constants: new Constants(built.graph),
    from: [built.x],
    arriving: new Map([[built.y, gradientName]]),
  }).get(built.x)!;
  // Nodes that come after it lead on into the prelude; ONNX Runtime would run them too.
  built.graph.node.length = built.graph.node.findIndex((node) => node.output.includes(dx)) + 1;
  return { built, dx };
}

const spatialOf = (shape: Shape) => shape.x.slice(2);
const list = (shape: Shape, name: string, otherwise: number) =>
  (shape.attributes[name] as number[] | undefined) ?? spatialOf(shape).flatMap(() => [otherwise, otherwise]);

const transposed: Form = ({ builder, weights }, shape, outputs) => {
  const [strides, pads] = [list(shape, 'strides', 1), list(shape, 'pads', 0)];
  const kernel = shape.weights!.slice(2);
  const rest = spatialOf(shape).map(
    (size, i) => size + pads[i]! * 2 - kernel[i]! - (outputs[i + 2]! - 1) * strides[i]!,
  );
  return builder.op('ConvTranspose', [gradientName, weights], { ...shape.attributes, output_padding: rest });
};

/** Of stride 1. Values do not matter to the time: the weights are not turned, only their sizes exchanged. */
const flipped: Form = ({ builder }, shape) => {
  const [outs, ins, ...kernel] = shape.weights as [number, number, ...number[]];
  const group = (shape.attributes.group as number | undefined) ?? 1;
  const dims = [ins * group, outs / group, ...kernel];
  const pads = kernel.map((k, i) => k - 1 - list(shape, 'pads', 0)[i]!);
  return builder.op('Conv', [gradientName, builder.floats(draw(dims), dims)], {
    ...shape.attributes,
    pads: [...pads, ...pads],
  });
};

/** The taps of each phase of the stride as one convolution, and its channels laid out over space. */
const phases: Form = ({ builder }, shape) => {
  const [outs, ins, ...kernel] = shape.weights as [number, number, ...number[]];
  const stride = list(shape, 'strides', 1)[0]!;
  const taps = kernel.map((k) => Math.ceil(k / stride));
  const dims = [ins * stride * stride, outs, ...taps];
  const whole = builder.op('Conv', [gradientName, builder.floats(draw(dims), dims)], {
    kernel_shape: taps,
    pads: [...taps, ...taps].map((k) => k - 1),
  });
  return builder.op('DepthToSpace', [whole], { blocksize: stride, mode: 'CRD' });
};

/** The positions of the maxima, added up one by one. */
const positions: Form = ({ builder: b, graph }, shape) => {
  const at = b.fresh('positions');
  graph.node.find((node) => node.opType === shape.op)!.output.push(at);
  const dims = shape.x;
  const zeros = b.op('ConstantOfShape', [b.ints([1, dims.reduce((a, d) => a * d, 1)])]);
  const flat = (tensor: string) => b.op('Reshape', [tensor, b.ints([1, -1])]);
  const summed = b.op('ScatterElements', [zeros, flat(at), flat(gradientName)], { axis: 1, reduction: 'add' });
  return b.op('Reshape', [summed, b.ints(dims)]);
};

const grouped: Form = ({ builder }, shape) => {
  const kernel = list(shape, 'kernel_shape', 1);
  const dims = [shape.x[1]!, 1, ...kernel];
  const ones = builder.floats(new Float32Array(dims.reduce((a, d) => a * d, 1)).fill(1), dims);
  const { strides, pads } = shape.attributes;
  const window = { ...(strides ? { strides } : {}), ...(pads ? { pads } : {}) };
  return builder.op('ConvTranspose', [gradientName, ones], { group: shape.x[1]!, kernel_shape: kernel, ...window });
};

const square = (k: number) => [k, k];
const conv = (name: string, n: number, c: number, h: number, m: number, k: number, s = 1, group = 1): Shape => {
  const pad = k === s || h === k ? 0 : Math.floor(k / 2);
  const attributes = { group, kernel_shape: square(k), strides: square(s), pads: Array<number>(4).fill(pad) };
  return { name, op: 'Conv', x: [n, c, h, h], weights: [m, c / group, k, k], attributes };
};
const pool = (name: string, op: string, n: number, c: number, h: number, k: number, s: number, pad = 0): Shape => ({
  name,
  op,
  x: [n, c, h, h],
  attributes: { kernel_shape: square(k), strides: square(s), pads: Array<number>(4).fill(pad) },
});
const resize = (name: string, n: number, c: number, h: number, mode: string, scale: number): Shape => {
  const asymmetric = { coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' };
  const attributes = { mode, ...(mode === 'nearest' ? asymmetric : {}) };
  return { name, op: 'Resize', x: [n, c, h, h], attributes, scales: [1, 1, scale, scale] };
};

const stride1 = { transposed, flipped };
const strided = { transposed, phases };
const shapes: readonly (readonly [Shape, Readonly<Record<string, Form>>])[] = [
  [conv('3x3', 16, 64, 32, 64, 3), stride1],
  [conv('3x3 batch 1', 1, 64, 32, 64, 3), stride1],
  [conv('3x3 deep', 16, 256, 8, 256, 3), stride1],
  [conv('1x1', 16, 64, 32, 128, 1), stride1],
  [conv('first layer 3x3', 16, 3, 32, 64, 3), stride1],
  [conv('first layer 5x5', 64, 1, 28, 16, 5), stride1],
  [conv('8 channels', 16, 8, 32, 64, 3), stride1],
  [conv('8 channels 5x5', 16, 8, 14, 16, 5), stride1],
  [conv('6 to 16 channels 5x5', 64, 6, 14, 16, 5), stride1],
  [conv('3x3 stride 2', 16, 64, 32, 128, 3, 2), strided],
  [conv('3x3 stride 2, 16 to 32', 64, 16, 14, 32, 3, 2), strided],
  [conv('4x4 stride 2, 8 to 16', 64, 8, 16, 16, 4, 2), strided],
  [conv('4x4 stride 2, 16 to 32', 64, 16, 16, 32, 4, 2), strided],
  [conv('3x3 stride 2, 32 to 64', 16, 32, 32, 64, 3, 2), strided],
  [conv('5x5 stride 2, 16 to 32', 64, 16, 14, 32, 5, 2), strided],
  [conv('1x1 stride 2', 16, 64, 32, 128, 1, 2), strided],
  [conv('7x7 stride 2', 4, 3, 112, 64, 7, 2), strided],
  [conv('first layer 4x4 stride 2', 16, 3, 32, 16, 4, 2), strided],
  [conv('4x4 stride 2', 16, 64, 32, 64, 4, 2), strided],
  [conv('patches 16x16', 4, 3, 96, 192, 16, 16), strided],
  [conv('depthwise 3x3', 16, 64, 32, 64, 3, 1, 64), stride1],
  [conv('depthwise 3x3 stride 2', 16, 64, 32, 64, 3, 2, 64), { transposed }],
  [conv('dense 8x8', 16, 64, 8, 256, 8), { transposed }],
  [pool('MaxPool 2x2', 'MaxPool', 16, 64, 32, 2, 2), { positions }],
  [pool('MaxPool 2x2 6 channels', 'MaxPool', 64, 6, 28, 2, 2), { positions }],
  [pool('MaxPool 4x4 with a rest', 'MaxPool', 64, 32, 27, 4, 4), { positions }],
  [pool('MaxPool 3x3 side by side', 'MaxPool', 16, 64, 30, 3, 3), { positions }],
  [pool('MaxPool 3x3 stride 2', 'MaxPool', 16, 64, 32, 3, 2, 1), { positions }],
  [pool('AveragePool 2x2', 'AveragePool', 16, 64, 32, 2, 2), { grouped }],
  [pool('AveragePool 4x4 with a rest', 'AveragePool', 64, 32, 27, 4, 4), { grouped }],
  [pool('AveragePool 3x3', 'AveragePool', 16, 64, 32, 3, 1, 1), { grouped }],
  [pool('AveragePool 3x3 stride 2', 'AveragePool', 16, 64, 32, 3, 2, 1), { grouped }],
  [resize('nearest x2', 16, 64, 16, 'nearest', 2), {}],
  [resize('linear x2', 16, 64, 16, 'linear', 2), {}],
];

const [threads = 2, rounds = 15] = process.argv.slice(2, 4).map(Number);
const only = process.argv[4];
const processorTime = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};
const clock = threads === 1 ? processorTime : () => performance.now();
for (const [shape, forms] of shapes) {
  if (only && !shape.name.includes(only)) continue;
  const outputs = await outputsOf(shape);
  const feeds = feedsOf(shape, outputs);
  const sessions = new Map<string, Session>();
  const forward = build(shape);
  sessions.set('forward', await sessionFor(forward, [forward.y], threads));
  const mine = await chosen(shape, outputs);
  sessions.set('chosen', await sessionFor(mine.built, [mine.built.y, mine.dx], threads));
  for (const [name, form] of Object.entries(forms)) {
    const built = build(shape);
    built.graph.input.push(floatValueInfo(gradientName, outputs));
    sessions.set(name, await sessionFor(built, [built.y, form(built, shape, outputs)], threads));
  }
  const times = new Map([...sessions.keys()].map((name) => [name, [] as number[]]));
  for (let round = -2; round < rounds; round++) {
    for (const [name, session] of sessions) {
      const own = Object.fromEntries(session.inputs.map((input) => [input, feeds[input]!]));
      const start = clock();
      await session.run(own);
      if (round >= 0) times.get(name)!.push(clock() - start);
    }
  }
  for (const session of sessions.values()) await session.release();
  const median = (name: string) => times.get(name)?.sort((a, b) => a - b)[Math.floor(rounds / 2)] ?? 0;
  // What the operator itself takes is lost beside its surroundings where it makes its output smaller: pools.
  const forwardTime = median('forward');
  const ratios = ['chosen', ...Object.keys(forms)].map((name) => {
    const extra = median(name) - forwardTime;
    return `${name} ${extra.toFixed(2)} ms = ${(extra / forwardTime).toFixed(2)}`;
  });
  console.log(
    `${shape.name.padEnd(24)} forward ${forwardTime.toFixed(2)} ms; backward, × forward: ${ratios.join(', ')}`,
  );
}
