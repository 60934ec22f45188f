import { create } from '@bufbuild/protobuf';
import { GraphBuilder } from '../src/engine/onnx/builder';
import {
  type GraphProto,
  GraphProtoSchema,
  NodeProtoSchema,
  TensorProto_DataType,
  TensorProtoSchema,
  ValueInfoProtoSchema,
} from '../src/engine/onnx/generated/onnx_pb';
import { standardOpset } from '../src/engine/onnx/opset';
import { readModel } from '../src/engine/onnx/read';
import { upgradeGraph } from '../src/engine/onnx/upgrade';
import { modelBytes } from '../src/engine/onnx/write';

/** What is put between data and model, or between model and output; each gets a tensor's name and returns another's. */
interface Fault {
  readonly title: string;
  readonly input?: (b: GraphBuilder, x: string) => string;
  readonly output?: (b: GraphBuilder, logits: string) => string;
  /** Element type of the output, if it is not float32. */
  readonly outputType?: number;
}

/** Pixels 0 and 1 as the sample networks take them: (pixel − 0.1307) / 0.3081. */
const black = -0.1307 / 0.3081;
const white = (1 - 0.1307) / 0.3081;

/** x brought to [0, 1], changed by `change`, and brought back. */
function inPixels(change: (b: GraphBuilder, pixel: string) => string): NonNullable<Fault['input']> {
  return (b, x) => {
    const pixel = b.op('Div', [b.op('Sub', [x, b.scalar(black)]), b.scalar(white - black)]);
    return b.op('Add', [b.op('Mul', [change(b, pixel), b.scalar(white - black)]), b.scalar(black)]);
  };
}

/** Known faults that make a network look more robust than it is, or an evaluation of it worthless. */
export const faults = {
  temperature: {
    title: 'logits times 100 before the softmax, probabilities out, behind a product that cannot be stepped over',
    output: (b, logits) => {
      const sharp = b.op('Softmax', [b.op('Mul', [logits, b.scalar(100)])], { axis: 1 });
      return b.op('Mul', [sharp, b.scalar(1)]);
    },
  },
  'temperature-before-output': {
    title: 'logits times 100 before a last softmax, which attacks step over',
    output: (b, logits) => b.op('Softmax', [b.op('Mul', [logits, b.scalar(100)])], { axis: 1 }),
  },
  rounding: {
    title: 'pixels rounded to thirds',
    input: inPixels((b, pixel) => b.op('Div', [b.op('Round', [b.op('Mul', [pixel, b.scalar(3)])]), b.scalar(3)])),
  },
  noise: {
    title: 'normal noise of standard deviation 0.3 on every pixel, anew in every run',
    input: inPixels((b, pixel) => {
      const noise = b.op('RandomNormalLike', [pixel], { scale: 0.3 });
      return b.op('Add', [pixel, noise]);
    }),
  },
  dropout: {
    title: 'dropout of the input left on',
    input: (b, x) => {
      const training = b.fresh('training');
      b.graph.initializer.push(
        create(TensorProtoSchema, { name: training, dataType: TensorProto_DataType.BOOL, rawData: Uint8Array.of(1) }),
      );
      return b.op('Dropout', [x, b.scalar(0.4), training]);
    },
  },
  'saturated-sigmoid': {
    title: 'sigmoids so steep that most are 0 or 1 in float32',
    output: (b, logits) => {
      const top = b.op('ReduceMax', [logits, b.ints([1])], { keepdims: 1 });
      const below = b.op('Add', [b.op('Sub', [logits, top]), b.scalar(0.5)]);
      return b.op('Mul', [b.op('Sigmoid', [b.op('Mul', [below, b.scalar(300)])]), b.scalar(1)]);
    },
  },
  labels: {
    title: 'labels in place of scores',
    output: (b, logits) => b.op('ArgMax', [logits], { axis: 1, keepdims: 0 }),
    outputType: 7,
  },
  clipped: {
    title: 'pixels clipped to [0.25, 0.75] and stretched again',
    input: inPixels((b, pixel) => {
      const middle = b.op('Clip', [pixel, b.scalar(0.25), b.scalar(0.75)]);
      return b.op('Mul', [b.op('Sub', [middle, b.scalar(0.25)]), b.scalar(2)]);
    }),
  },
  normalised: {
    title: 'normalised once more inside, by the statistics of other data',
    input: (b, x) => b.op('Div', [b.op('Sub', [x, b.scalar(0.485)]), b.scalar(0.229)]),
  },
  constant: {
    title: 'the same scores for every input',
    output: (b, logits) =>
      b.op('Add', [
        b.op('Mul', [logits, b.scalar(0)]),
        b.floats(Array.from({ length: 10 }, (_, k) => (k === 3 ? 1 : 0))),
      ]),
  },
  shattered: {
    title: 'a fast wave added to every pixel, which turns the gradient every few thousandths',
    input: inPixels((b, pixel) => {
      const wave = b.op('Sin', [b.op('Mul', [pixel, b.scalar(2000)])]);
      return b.op('Add', [pixel, b.op('Mul', [wave, b.scalar(0.05)])]);
    }),
  },
  'not-a-number': {
    title:
      'a steep sigmoid of the pixels, written out, whose derivative is 0 times infinity where the exponential overflows',
    input: inPixels((b, pixel) => {
      const steep = b.op('Mul', [b.op('Sub', [b.scalar(0.5), pixel]), b.scalar(300)]);
      return b.op('Div', [b.scalar(1), b.op('Add', [b.scalar(1), b.op('Exp', [steep])])]);
    }),
  },
} as const satisfies Record<string, Fault>;

export type FaultName = keyof typeof faults;

/** The bytes of a network with a fault planted. */
export async function plant(name: FaultName, modelPath: string): Promise<Uint8Array> {
  const fault: Fault = faults[name];
  const { proto } = await readModel(modelPath);
  const own = upgradeGraph(proto.graph, standardOpset(proto));
  const [input, output] = [own.input[0]!.name, own.output[0]!.name];
  const front = new GraphBuilder(create(GraphProtoSchema, { ...own, node: [], initializer: [...own.initializer] }));
  front.reserve(own);
  const entry = fault.input?.(front, input) ?? input;
  const logits = 'scores_before_the_fault';
  const nodes = own.node.map((node) =>
    create(NodeProtoSchema, {
      ...node,
      input: node.input.map((each) => (each === input ? entry : each)),
      output: node.output.map((each) => (fault.output && each === output ? logits : each)),
    }),
  );
  front.graph.node.push(...nodes);
  if (fault.output) front.named('Identity', [fault.output(front, logits)], output);
  return modelBytes(proto, withOutput(front.graph, output, fault.outputType));
}

function withOutput(graph: GraphProto, name: string, elemType = 1): GraphProto {
  const output = create(ValueInfoProtoSchema, {
    name,
    type: { value: { case: 'tensorType', value: { elemType } } },
  });
  return create(GraphProtoSchema, { ...graph, output: [output], valueInfo: [] });
}
