import { create } from '@bufbuild/protobuf';
import { attributeProto, float, floatAttribute, hasAttribute, intAttribute } from './attribute';
import { dropoutMark } from './dropoutMark';
import {
  type GraphProto,
  GraphProtoSchema,
  type ModelProto,
  ModelProtoSchema,
  type NodeProto,
  NodeProtoSchema,
} from './generated/onnx_pb';
import { generators } from './generators';
import { isStandard } from './opset';
import { copyWith } from './upgrade';

const draws = (node: NodeProto) => isStandard(node) && generators.has(node.opType);

/**
 * Names of the operators by which a graph's outputs are random, subgraphs included, sorted; a Dropout in training mode is
 * `Dropout`. The graph has been upgraded and holds only what its output depends on.
 */
export function randomOperators(graph: GraphProto): string[] {
  const names = new Set<string>();
  visit(graph, (node) => names.add(node.docString === dropoutMark ? 'Dropout' : node.opType));
  return [...names].sort();
}

function visit(graph: GraphProto, found: (node: NodeProto) => void): void {
  for (const node of graph.node) {
    if (draws(node)) found(node);
    for (const { g } of node.attribute) if (g) visit(g, found);
  }
}

/**
 * Gives a seed to every generator, by its place, so that a session draws the same numbers in the same order of runs on
 * every machine; ONNX Runtime takes the time of day where a file has no seed. What is drawn has the same distribution.
 */
export function withSeeds(graph: GraphProto, seed: number): GraphProto {
  return seeded(graph, seed, { place: 0 });
}

/** {@link withSeeds} for a file as it is: its functions, and Dropout, which has a seed too. */
export function modelWithSeeds(proto: ModelProto & { readonly graph: GraphProto }, seed: number): ModelProto {
  const count = { place: 0 };
  const graph = seeded(proto.graph, seed, count);
  const functions = proto.functions.map((each) => copyWith(each, { node: seededNodes(each.node, seed, count) }));
  return create(ModelProtoSchema, { ...proto, graph, functions });
}

const seeded = (graph: GraphProto, seed: number, count: { place: number }): GraphProto =>
  create(GraphProtoSchema, { ...graph, node: seededNodes(graph.node, seed, count) });

function seededNodes(nodes: readonly NodeProto[], seed: number, count: { place: number }): NodeProto[] {
  return mapped(nodes, (node) => {
    if (!draws(node) && !(isStandard(node) && node.opType === 'Dropout' && (node.input[2] ?? '') !== '')) return node;
    count.place++;
    const attribute = node.attribute.filter(({ name }) => name !== 'seed');
    // Int for Dropout, float32 for the others, in which whole numbers are exact up to 2^24.
    const value = (seed * 1009 + count.place) % 2 ** 24;
    const fresh = attributeProto('seed', node.opType === 'Dropout' ? value : float(value));
    return edited(node, { attribute: [...attribute, fresh] });
  });
}

/**
 * The graph with each draw replaced by a fixed value: its mean, where it has one. Two graphs of random outputs are held
 * against each other by these.
 */
export function withMeans(graph: GraphProto): GraphProto {
  return create(GraphProtoSchema, { ...graph, node: mapped(graph.node, meanOf) });
}

function meanOf(node: NodeProto): NodeProto {
  if (!draws(node)) return node;
  const others = (...names: string[]) => node.attribute.filter(({ name }) => !names.includes(name));
  switch (node.opType) {
    case 'RandomNormal':
    case 'RandomNormalLike': {
      // A normal distribution without a spread ends the process in ONNX Runtime.
      const mean = float(floatAttribute(node, 'mean', 0));
      const bounds = ['low', 'high'].map((name) => attributeProto(name, mean));
      const opType = node.opType.replace('Normal', 'Uniform');
      return edited(node, { opType, attribute: [...others('mean', 'scale'), ...bounds] });
    }
    case 'RandomUniform':
    case 'RandomUniformLike': {
      // A Dropout keeps what is drawn below its share.
      const kept = node.docString === dropoutMark;
      const middle = float(kept ? 0 : (floatAttribute(node, 'low', 0) + floatAttribute(node, 'high', 1)) / 2);
      const bounds = ['low', 'high'].map((name) => attributeProto(name, middle));
      return edited(node, { attribute: [...others('low', 'high'), ...bounds] });
    }
    case 'Bernoulli':
      return hasAttribute(node, 'dtype')
        ? edited(node, { opType: 'Cast', attribute: [attributeProto('to', intAttribute(node, 'dtype', 1))] })
        : edited(node, { opType: 'Identity', attribute: [] });
    default:
      // Multinomial has no mean among the classes that it gives.
      return node;
  }
}

function mapped(nodes: readonly NodeProto[], change: (node: NodeProto) => NodeProto): NodeProto[] {
  return nodes.map((node) => {
    if (!node.attribute.some(({ g }) => g)) return change(node);
    const attribute = node.attribute.map((a) =>
      a.g ? copyWith(a, { g: create(GraphProtoSchema, { ...a.g, node: mapped(a.g.node, change) }) }) : a,
    );
    return change(edited(node, { attribute }));
  });
}

function edited(node: NodeProto, changes: { opType?: string; attribute: NodeProto['attribute'] }): NodeProto {
  const { name, opType, domain, input, output, docString, overload } = node;
  return create(NodeProtoSchema, { name, opType, domain, input, output, docString, overload, ...changes });
}
