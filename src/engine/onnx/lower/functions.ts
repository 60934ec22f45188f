import { create } from '@bufbuild/protobuf';
import { RobustnessError } from '../../error';
import { GraphBuilder } from '../builder';
import {
  type AttributeProto,
  type FunctionProto,
  type GraphProto,
  GraphProtoSchema,
  type ModelProto,
  type NodeProto,
  NodeProtoSchema,
  ValueInfoProtoSchema,
} from '../generated/onnx_pb';
import { isStandardDomain, standardOpset, targetOpset } from '../opset';
import { copyWith, upgradeGraph } from '../upgrade';
import { Inliner, reserveDeep, settle, subgraphsOf } from './inline';

/** What ONNX Runtime itself takes minutes to load is refused before it is tried (131,000 operators: over a minute). */
const maxOperators = 50_000;
/** Calls within calls; bodies may nest within each, and every level is one of the stack. */
const maxDepth = 32;

const official = new Set([
  'com.microsoft',
  'com.microsoft.nchwc',
  'ai.onnx.ml',
  'ai.onnx.training',
  'com.ms.internal.nhwc',
]);

const keyOf = (domain: string, name: string, overload: string) =>
  JSON.stringify([isStandardDomain(domain) ? '' : domain, name, overload]);

type Functions = (node: NodeProto) => FunctionProto | undefined;

/** ONNX Runtime prefers an operator that it has to a function of that name: so do we, for its own domains. */
function functionsOf(proto: ModelProto): Functions {
  const byKey = new Map(proto.functions.map((f) => [keyOf(f.domain, f.name, f.overload), f]));
  return (node) =>
    isStandardDomain(node.domain) || official.has(node.domain)
      ? undefined
      : byKey.get(keyOf(node.domain, node.opType, node.overload));
}

/**
 * Holds a model's functions against what can be expanded, without expanding them: a page of them, each calling the next
 * twice, stands for more operators than can exist.
 *
 * @throws `model/functions`
 */
export function checkFunctions(proto: ModelProto & { readonly graph: GraphProto }): void {
  const functionOf = functionsOf(proto);
  const sizes = new Map<FunctionProto, number>();
  const active = new Set<FunctionProto>();
  const sizeOf = (nodes: readonly NodeProto[]): number =>
    nodes.reduce((total, node) => {
      const called = functionOf(node);
      const inner = subgraphsOf(node).reduce((sum, graph) => sum + sizeOf(graph.node), 0);
      return total + inner + (called ? sizeOfFunction(called) : 1);
    }, 0);
  const sizeOfFunction = (f: FunctionProto): number => {
    const known = sizes.get(f);
    if (known !== undefined) return known;
    if (active.has(f)) throw functionError(f.name, 'calls itself');
    if (active.size >= maxDepth) throw functionError(f.name, `is called through more than ${maxDepth} others`);
    active.add(f);
    const size = sizeOf(f.node);
    active.delete(f);
    sizes.set(f, size);
    return size;
  };
  for (const f of proto.functions) {
    const size = sizeOfFunction(f);
    if (size > maxOperators) {
      throw functionError(f.name, `stands for more than ${maxOperators.toLocaleString('en')} operators`);
    }
  }
  if (proto.functions.length > 0 && sizeOf(proto.graph.node) > maxOperators * 4) {
    throw functionError(proto.functions[0]!.name, 'is called more often than can be expanded');
  }
}

function functionError(name: string, what: string): RobustnessError {
  return new RobustnessError(
    'model/functions',
    `The model's function "${name}" ${what}.`,
    'Export the model with its functions inlined (onnx.inliner.inline_local_functions).',
  );
}

/**
 * Puts the body of each model-local function in the place of its calls. The graph itself is returned where it calls none.
 *
 * @param graph upgraded graph of `proto`; bodies are upgraded from the operator set that the function imports.
 */
export function inlineFunctions(proto: ModelProto, graph: GraphProto): GraphProto {
  const functionOf = functionsOf(proto);
  if (proto.functions.length === 0 || !callsAny(graph.node, functionOf)) return graph;
  const inlined = create(GraphProtoSchema, { ...graph, node: [], initializer: [...graph.initializer] });
  const builder = new GraphBuilder(inlined);
  reserveDeep(builder, graph);
  const inliner = new Inliner(builder);
  const modelOpset = standardOpset(proto);

  const expand = (nodes: readonly NodeProto[]): NodeProto[] =>
    nodes.flatMap((node) => {
      const called = functionOf(node);
      if (!called || !fits(called, proto, modelOpset)) return [withSubgraphs(node, expand)];
      builder.graph.node = [];
      const nameOf = inliner.append(bodyOf(called, node, modelOpset), boundInputs(called, node));
      const body = settle(
        builder.graph.node,
        called.output.map((name) => nameOf(name)),
        node.output,
      );
      return expand(body);
    });

  const nodes = expand(graph.node);
  inlined.node = nodes;
  return inlined;
}

function callsAny(nodes: readonly NodeProto[], functionOf: Functions): boolean {
  return nodes.some((node) => functionOf(node) || subgraphsOf(node).some((graph) => callsAny(graph.node, functionOf)));
}

function withSubgraphs(node: NodeProto, expand: (nodes: readonly NodeProto[]) => NodeProto[]): NodeProto {
  if (subgraphsOf(node).length === 0) return node;
  const inGraph = (graph: GraphProto) => copyWith(graph, { node: expand(graph.node) });
  return withAttributes(
    node,
    node.attribute.map((a) => copyWith(a, { ...(a.g ? { g: inGraph(a.g) } : {}), graphs: a.graphs.map(inGraph) })),
  );
}

const withAttributes = (node: NodeProto, attribute: AttributeProto[]) =>
  create(NodeProtoSchema, {
    name: node.name,
    opType: node.opType,
    domain: node.domain,
    overload: node.overload,
    input: node.input,
    output: node.output,
    attribute,
  });

/** Operators of a later set, or of a domain that the model does not import, would mean nothing in its graph. */
function fits(f: FunctionProto, proto: ModelProto, modelOpset: number): boolean {
  const newest = Math.max(modelOpset, targetOpset);
  return f.opsetImport.every(({ domain, version }) =>
    isStandardDomain(domain)
      ? Number(version) <= newest
      : proto.opsetImport.some((own) => own.domain === domain) || !f.node.some((node) => node.domain === domain),
  );
}

const boundInputs = (f: FunctionProto, call: NodeProto) =>
  new Map(f.input.map((name, i) => [name, call.input[i] ?? '']));

/** A function's body with the call's attributes in it, upgraded. */
function bodyOf(f: FunctionProto, call: NodeProto, modelOpset: number): GraphProto {
  const defaults = f.attributeProto.map((attribute) => [attribute.name, attribute] as const);
  const given = call.attribute.map((attribute) => [attribute.name, attribute] as const);
  const attributes = new Map([...defaults, ...given]);
  const body = create(GraphProtoSchema, {
    node: f.node.map((node) => withReferences(node, attributes)),
    // Keeps constants that are outputs from becoming initializers, which have no node to carry the output's name.
    output: f.output.map((name) => create(ValueInfoProtoSchema, { name })),
  });
  const own = f.opsetImport.find(({ domain }) => isStandardDomain(domain));
  return upgradeGraph(body, own ? Number(own.version) : modelOpset);
}

/** `ref_attr_name` replaced by what the call gives, or the function's default; an attribute that has neither is left out. */
function withReferences(node: NodeProto, attributes: ReadonlyMap<string, AttributeProto>): NodeProto {
  const inGraph = (graph: GraphProto): GraphProto =>
    copyWith(graph, { node: graph.node.map((inner) => withReferences(inner, attributes)) });
  const resolved = node.attribute.flatMap((a) => {
    if (a.refAttrName !== '') {
      const value = attributes.get(a.refAttrName);
      return value ? [copyWith(value, { name: a.name, refAttrName: '' })] : [];
    }
    return [
      a.g || a.graphs.length > 0
        ? copyWith(a, { ...(a.g ? { g: inGraph(a.g) } : {}), graphs: a.graphs.map(inGraph) })
        : a,
    ];
  });
  return withAttributes(node, resolved);
}
