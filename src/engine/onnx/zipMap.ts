import { create } from '@bufbuild/protobuf';
import { floatValueInfo } from './builder';
import {
  type GraphProto,
  GraphProtoSchema,
  type ModelProto,
  ModelProtoSchema,
  type NodeProto,
} from './generated/onnx_pb';
import { operatorName } from './opset';

const zipMap = 'ai.onnx.ml:ZipMap';

/** A model whose scores were packed into maps, without the packing. */
export interface Unzipped {
  readonly proto: ModelProto & { graph: GraphProto };
  /** Names of the tensors that are outputs now, which the maps were made of. */
  readonly scores: readonly string[];
  /** Operators that were cut off. */
  readonly cutOff: readonly string[];
}

/**
 * Cuts off operators that pack a tensor of scores into a sequence of maps (skl2onnx's default), since ONNX Runtime's binding
 * for Node returns tensors alone ("Non tensor type is temporarily not supported"). All that computes is as it was.
 * Undefined for a model without them.
 */
export function withoutZipMap(proto: ModelProto & { graph: GraphProto }): Unzipped | undefined {
  const { graph } = proto;
  const outputs = new Set(graph.output.map(({ name }) => name));
  const packs = (node: NodeProto) => operatorName(node) === zipMap && outputs.has(node.output[0] ?? '');
  const packed = graph.node.filter(packs);
  if (packed.length === 0) return undefined;
  const maps = new Map(packed.map((node) => [node.output[0]!, node.input[0]!]));
  const scores = [...new Set(maps.values())];
  const cut = create(GraphProtoSchema, {
    ...graph,
    node: graph.node.filter((node) => !packs(node)),
    output: [
      ...graph.output.filter(({ name }) => !maps.has(name) && !scores.includes(name)),
      ...scores.map((name) => floatValueInfo(name, ['N', labelCount(packed, name)])),
    ],
  });
  return {
    proto: Object.assign(create(ModelProtoSchema, { ...proto, graph: cut }), { graph: cut }),
    scores,
    cutOff: [zipMap],
  };
}

/** How many classes a tensor has a score for: as many as the map has keys. */
function labelCount(packed: readonly NodeProto[], tensor: string): number | string {
  const attributes = packed.find((node) => node.input[0] === tensor)?.attribute ?? [];
  const count = Math.max(0, ...attributes.map(({ ints, strings }) => Math.max(ints.length, strings.length)));
  return count > 0 ? count : 'classes';
}
