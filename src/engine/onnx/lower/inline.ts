import { create } from '@bufbuild/protobuf';
import type { GraphBuilder } from '../builder';
import {
  type AttributeProto,
  type GraphProto,
  GraphProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  type TensorProto,
  TensorProto_DataType,
  TensorProtoSchema,
} from '../generated/onnx_pb';
import { copyWith } from '../upgrade';

/** Keeps all names of a graph, those inside its subgraphs too, from being given out. */
export function reserveDeep(builder: GraphBuilder, graph: GraphProto): void {
  builder.reserve(graph);
  for (const node of graph.node) for (const subgraph of subgraphsOf(node)) reserveDeep(builder, subgraph);
}

export function subgraphsOf(node: NodeProto): GraphProto[] {
  return node.attribute.flatMap((attribute) => [...(attribute.g ? [attribute.g] : []), ...attribute.graphs]);
}

/** Names that a node reads; subgraphs read names of the graph around them without listing them as inputs. */
export function namesRead(node: NodeProto): string[] {
  return [...node.input.filter((name) => name !== ''), ...subgraphsOf(node).flatMap(namesCaptured)];
}

/** Names that a subgraph has from around it. */
function namesCaptured(graph: GraphProto): string[] {
  const own = namesDefined(graph);
  const read = [...graph.node.flatMap(namesRead), ...graph.output.map((output) => output.name)];
  return read.filter((name) => !own.has(name));
}

export function namesDefined(graph: GraphProto): Set<string> {
  return new Set([
    ...graph.input.map((input) => input.name),
    ...graph.initializer.map((tensor) => tensor.name),
    ...graph.node.flatMap((node) => node.output),
  ]);
}

/** Nodes in subgraphs counted too. */
export function countNodes(nodes: readonly NodeProto[]): number {
  return nodes.reduce(
    (count, node) => count + 1 + subgraphsOf(node).reduce((inner, graph) => inner + countNodes(graph.node), 0),
    0,
  );
}

/**
 * Appends copies of subgraphs' and functions' nodes to the graph around them, under fresh names. What a body holds constant
 * becomes an initializer of that graph, once for all copies.
 */
export class Inliner {
  private readonly lifted = new Map<unknown, string>();

  constructor(readonly builder: GraphBuilder) {}

  /**
   * @param bound what the body's inputs stand for; '' for one that is left out.
   * @returns what a name of the body is called in the graph around it. Names that the body does not define stay.
   */
  append(body: Pick<GraphProto, 'node' | 'initializer'>, bound: ReadonlyMap<string, string>): (name: string) => string {
    const names = new Map(bound);
    for (const tensor of body.initializer) names.set(tensor.name, this.lift(tensor));
    this.define(body.node, names);
    for (const node of body.node) this.builder.graph.node.push(this.copy(node, names));
    return (name) => names.get(name) ?? name;
  }

  /** The constant true, as a scalar or a vector of one. */
  truth(vector: boolean): string {
    const known = this.lifted.get(vector);
    if (known !== undefined) return known;
    const name = this.builder.fresh('true');
    const dims = vector ? [1n] : [];
    const rawData = Uint8Array.of(1);
    this.builder.graph.initializer.push(
      create(TensorProtoSchema, { name, dataType: TensorProto_DataType.BOOL, dims, rawData }),
    );
    this.lifted.set(vector, name);
    return name;
  }

  private define(nodes: readonly NodeProto[], names: Map<string, string>): void {
    for (const node of nodes) {
      for (const name of node.output) if (name !== '') names.set(name, this.builder.fresh(node.opType));
    }
  }

  private copy(node: NodeProto, names: ReadonlyMap<string, string>): NodeProto {
    const copy = renamed(node, names, (graph) => this.copyGraph(graph, names));
    // ONNX Runtime refuses two nodes of one name.
    copy.name = copy.output[0] ?? '';
    return copy;
  }

  /** Names that a subgraph defines are fresh as well: what is bound may be called as they were. */
  private copyGraph(graph: GraphProto, outer: ReadonlyMap<string, string>): GraphProto {
    const names = new Map(outer);
    for (const { name } of [...graph.input, ...graph.initializer]) names.set(name, this.builder.fresh('inner'));
    this.define(graph.node, names);
    const name = (old: string) => names.get(old) ?? old;
    return create(GraphProtoSchema, {
      name: graph.name,
      input: graph.input.map((info) => copyWith(info, { name: name(info.name) })),
      output: graph.output.map((info) => copyWith(info, { name: name(info.name) })),
      initializer: graph.initializer.map((tensor) => copyWith(tensor, { name: name(tensor.name) })),
      node: graph.node.map((node) => this.copy(node, names)),
    });
  }

  private lift(tensor: TensorProto): string {
    // Copies of one constant share their bytes, which tells them from equal ones.
    const key = tensor.rawData.byteLength > 0 ? tensor.rawData : tensor;
    const known = this.lifted.get(key);
    if (known !== undefined) return known;
    const name = this.builder.fresh('lifted');
    this.builder.graph.initializer.push(copyWith(tensor, { name }));
    this.lifted.set(key, name);
    return name;
  }
}

function renamed(
  node: NodeProto,
  names: ReadonlyMap<string, string>,
  subgraph: (graph: GraphProto) => GraphProto,
): NodeProto {
  const name = (old: string) => (old === '' ? '' : (names.get(old) ?? old));
  const attribute = (a: AttributeProto) =>
    a.g || a.graphs.length > 0
      ? copyWith(a, { ...(a.g ? { g: subgraph(a.g) } : {}), graphs: a.graphs.map(subgraph) })
      : a;
  return create(NodeProtoSchema, {
    name: node.name,
    opType: node.opType,
    domain: node.domain,
    overload: node.overload,
    input: node.input.map(name),
    output: node.output.map(name),
    attribute: node.attribute.map(attribute),
  });
}

/** Renames wherever a name occurs. Only for fresh names, which nothing shadows. */
function substitute(node: NodeProto, names: ReadonlyMap<string, string>): NodeProto {
  const inGraph = (graph: GraphProto): GraphProto =>
    copyWith(graph, {
      node: graph.node.map((inner) => substitute(inner, names)),
      output: graph.output.map((info) => copyWith(info, { name: names.get(info.name) ?? info.name })),
    });
  const copy = renamed(node, names, inGraph);
  if (copy.output[0] !== node.output[0]) copy.name = copy.output[0] ?? '';
  return copy;
}

/**
 * Puts `nodes` in the place of a node that had `outputs`: what they compute under the names `results` is called by the
 * outputs' names from there on.
 */
export function settle(
  nodes: readonly NodeProto[],
  results: readonly (string | undefined)[],
  outputs: readonly string[],
): NodeProto[] {
  const computed = new Set(nodes.flatMap((node) => node.output));
  const names = new Map<string, string>();
  const aliases: NodeProto[] = [];
  for (const [i, output] of outputs.entries()) {
    const result = results[i];
    if (output === '' || !result) continue;
    if (computed.has(result) && !names.has(result)) names.set(result, output);
    else
      aliases.push(
        create(NodeProtoSchema, {
          name: output,
          opType: 'Identity',
          input: [names.get(result) ?? result],
          output: [output],
        }),
      );
  }
  return [...nodes.map((node) => substitute(node, names)), ...aliases];
}
