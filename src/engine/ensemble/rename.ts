import { create } from '@bufbuild/protobuf';
import {
  AttributeProtoSchema,
  type GraphProto,
  GraphProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  SparseTensorProtoSchema,
  TensorProtoSchema,
  ValueInfoProtoSchema,
} from '../onnx/generated/onnx_pb';
import { dataInput } from '../onnx/preprocess';

/** What rewriting adds to a graph is told by it from the file's own tensors. */
const rewritten = 'ri_';

/** The name of a member's tensor in the graph of all: only the data have the same name everywhere. */
export function memberName(name: string, member: number): string {
  if (name === '' || name === dataInput) return name;
  return name.startsWith(rewritten) ? `${rewritten}m${member}_${name.slice(rewritten.length)}` : `m${member}_${name}`;
}

/**
 * A graph whose names no other member has, subgraphs included: a loop reads tensors of the graph around it by name. Weights
 * are shared with the graph given, not copied.
 */
export function renamed(graph: GraphProto, member: number): GraphProto {
  const own = (name: string) => memberName(name, member);
  const info = (infos: GraphProto['input']) =>
    infos.map((each) => create(ValueInfoProtoSchema, { ...fields(each), name: own(each.name) }));
  const node = (each: NodeProto): NodeProto =>
    create(NodeProtoSchema, {
      ...fields(each),
      name: own(each.name),
      input: each.input.map(own),
      output: each.output.map(own),
      attribute: each.attribute.map((attribute) => {
        const { g, graphs } = attribute;
        if (!g && graphs.length === 0) return attribute;
        return create(AttributeProtoSchema, {
          ...fields(attribute),
          ...(g ? { g: renamed(g, member) } : {}),
          graphs: graphs.map((inner) => renamed(inner, member)),
        });
      }),
    });
  return create(GraphProtoSchema, {
    name: graph.name,
    input: info(graph.input),
    output: info(graph.output),
    valueInfo: info(graph.valueInfo),
    initializer: graph.initializer.map((tensor) =>
      create(TensorProtoSchema, { ...fields(tensor), name: own(tensor.name) }),
    ),
    sparseInitializer: graph.sparseInitializer.map((tensor) => {
      const { values } = tensor;
      if (!values) return tensor;
      const named = create(TensorProtoSchema, { ...fields(values), name: own(values.name) });
      return create(SparseTensorProtoSchema, { ...fields(tensor), values: named });
    }),
    node: graph.node.map(node),
  });
}

/** What a message holds: with its type's name it would be taken as it is, and lose its defaults. */
function fields<M extends { readonly $typeName: string }>(message: M): Omit<M, '$typeName'> {
  const { $typeName: _, ...rest } = message;
  return rest;
}
