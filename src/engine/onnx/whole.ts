import { create } from '@bufbuild/protobuf';
import type { Session, Value } from '../runtime';
import { GraphBuilder } from './builder';
import { type GraphProto, GraphProtoSchema, TypeProtoSchema, ValueInfoProtoSchema } from './generated/onnx_pb';
import type { Border } from './inspect';

/** Names of what {@link batchOfOne} puts before and behind a graph. */
const names = { input: 'ri_whole', output: 'ri_whole_output' };

/** A model without a batch dimension, as one that takes batches of one: what it is fed is a single example. */
export function wholeBorders(input: Border, output: Border): { input: Border; output: Border } {
  return {
    input: { ...input, name: names.input, shape: [1, ...input.shape] },
    output: { ...output, name: names.output, shape: [1, ...output.shape] },
  };
}

/** Whether every size is declared, so that the whole tensor can be one example. */
export function canBeWhole(input: Border): boolean {
  return input.shape.length > 0 && input.shape.every((dim) => typeof dim === 'number') && input.shape[0] !== 1;
}

export function batchOfOne(graph: GraphProto, input: Border, output: Border): GraphProto {
  const front = new GraphBuilder(create(GraphProtoSchema, { ...graph, node: [], initializer: [...graph.initializer] }));
  front.reserve(graph);
  front.named('Squeeze', [names.input, front.ints([0])], input.name);
  const first = front.graph.node;
  front.graph.node = [];
  front.named('Unsqueeze', [output.name, front.ints([0])], names.output);
  const own = graph.input.find(({ name }) => name === input.name)?.type?.value;
  if (own?.case !== 'tensorType') throw new RangeError(`"${input.name}" is no tensor`);
  const dim = [1, ...input.shape].map((size) => ({ value: { case: 'dimValue' as const, value: BigInt(size) } }));
  return create(GraphProtoSchema, {
    ...graph,
    input: [
      create(ValueInfoProtoSchema, {
        name: names.input,
        type: create(TypeProtoSchema, {
          value: { case: 'tensorType', value: { elemType: own.value.elemType, shape: { dim } } },
        }),
      }),
      ...graph.input.filter(({ name }) => name !== input.name),
    ],
    output: [create(ValueInfoProtoSchema, { name: names.output })],
    node: [...first, ...graph.node, ...front.graph.node],
    initializer: front.graph.initializer,
  });
}

/** The untouched model, given batches of one. */
export function wholeSession(session: Session, input: Border, output: Border): Session {
  const without = (value: Value): Value => ({ ...value, dims: value.dims.slice(1) });
  return {
    ...session,
    inputs: [names.input],
    async run(feeds) {
      const values = await session.run({ [input.name]: without(feeds[names.input]!) }, [output.name]);
      const value = values[output.name]!;
      return { [names.output]: { ...value, dims: [1, ...value.dims] } };
    },
    release: () => session.release(),
  };
}
