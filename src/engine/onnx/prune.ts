import { create } from '@bufbuild/protobuf';
import { type GraphProto, GraphProtoSchema, type NodeProto } from './generated/onnx_pb';

/** The graph with this output alone and the nodes that it needs; as it is where there is no other output. */
export function prunedTo(graph: GraphProto, output: string): GraphProto {
  if (graph.output.length <= 1) return graph;
  const wanted = new Set([output]);
  const needed = new Set<NodeProto>();
  for (const node of [...graph.node].reverse()) {
    if (!node.output.some((name) => wanted.has(name))) continue;
    needed.add(node);
    for (const name of namesRead(node)) wanted.add(name);
  }
  return create(GraphProtoSchema, {
    ...graph,
    node: graph.node.filter((node) => needed.has(node)),
    output: graph.output.filter(({ name }) => name === output),
  });
}

/** Names that a node reads, those that its subgraphs take from around them among them. */
function namesRead(node: NodeProto): string[] {
  const inside = node.attribute.flatMap(({ g, graphs }) =>
    [...(g ? [g] : []), ...graphs].flatMap((sub) => [
      ...sub.node.flatMap(namesRead),
      ...sub.output.map(({ name }) => name),
    ]),
  );
  return [...node.input, ...inside];
}
