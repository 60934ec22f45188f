import { create, toBinary } from '@bufbuild/protobuf';
import { RobustnessError } from '../error';
import { type GraphProto, GraphProtoSchema, ModelProtoSchema, ValueInfoProtoSchema } from '../onnx/generated/onnx_pb';
import type { Border } from '../onnx/inspect';
import { isStandard } from '../onnx/opset';
import type { TextModel } from './describe';

/** Where the scores of a text model are read. */
export interface TextHead {
  /** The file's output. */
  readonly output: Border;
  /** Whether it holds labels and no scores. */
  readonly labels: boolean;
  /** Output of the attacked graph: before a last Softmax or Sigmoid. */
  readonly attacked: string;
  readonly bypassed: string | null;
  /** The graph with that output, for a session; null where the file serves as it is. */
  readonly bytes: () => Uint8Array | null;
}

const floats = ['float', 'double', 'float16'];
/** A message of protobuf has at most so many bytes; a model that comes near keeps its last layer. */
const mostBytes = 1.5 * 2 ** 30;

/** @throws `model/no-scores` */
export function textHead({ facts, model }: Pick<TextModel, 'facts' | 'model'>, wanted?: string): TextHead {
  const usable = [
    ...facts.outputs.filter(({ type }) => floats.includes(type)),
    ...facts.outputs.filter(({ type }) => ['int64', 'int32', 'uint8', 'int8', 'bool'].includes(type)),
  ];
  const output = usable.find(({ name }) => wanted === undefined || name === wanted);
  if (!output) {
    throw new RobustnessError(
      'model/no-scores',
      wanted === undefined
        ? `None of the model's outputs (${facts.outputs.map(({ name, type }) => `${name}: ${type}`).join(', ')}) holds scores or labels.`
        : `The model has no output "${wanted}" of numbers.`,
      wanted === undefined
        ? 'Export the model so that it returns logits or probabilities.'
        : `Name one of ${usable.map(({ name }) => name).join(', ')} as \`output\`.`,
    );
  }
  const { graph } = model.proto;
  const last = graph.node.find((node) => node.output.includes(output.name));
  const labels = !floats.includes(output.type);
  const bypass = !labels && last && isStandard(last) && overClasses(last, output);
  if (!bypass || model.bytes > mostBytes) {
    return { output, labels, attacked: output.name, bypassed: null, bytes: () => null };
  }
  const attacked = last.input[0]!;
  return {
    output,
    labels,
    attacked,
    bypassed: last.opType,
    bytes: () =>
      toBinary(ModelProtoSchema, create(ModelProtoSchema, { ...model.proto, graph: withOutput(graph, attacked) })),
  };
}

function overClasses({ opType, attribute }: GraphProto['node'][number], { shape }: Border): boolean {
  if (opType === 'Sigmoid') return true;
  if (opType !== 'Softmax' && opType !== 'LogSoftmax') return false;
  const axis = attribute.find(({ name }) => name === 'axis')?.i;
  return shape.length === 2 && (axis === undefined || axis === 1n || axis === -1n);
}

function withOutput(graph: GraphProto, name: string): GraphProto {
  return create(GraphProtoSchema, { ...graph, output: [create(ValueInfoProtoSchema, { name })] });
}
