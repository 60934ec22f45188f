import { create } from '@bufbuild/protobuf';
import { pathNodes } from '../../gradient/path';
import { ruleOf } from '../../gradient/table';
import { GraphBuilder } from '../builder';
import { Constants } from '../constants';
import { type GraphProto, GraphProtoSchema, type NodeProto, NodeProtoSchema } from '../generated/onnx_pb';
import { type Observation, observe } from '../observe';
import { operatorName } from '../opset';
import { attentionLowerings } from './attention';
import { classicalLowerings } from './classical';
import { fusedLowerings } from './fused';
import { namesRead, reserveDeep, settle } from './inline';
import type { Left, Lowering, LoweringContext, LoweringTable } from './lowering';
import { normalizationLowerings } from './normalization';
import { slice, type Trial } from './probe';
import { recurrentLowerings } from './recurrent';

const table: LoweringTable = {
  ...fusedLowerings,
  ...attentionLowerings,
  ...normalizationLowerings,
  ...recurrentLowerings,
  ...classicalLowerings,
};

/** Operators that a lowering emits may have lowerings of their own. */
const maxRounds = 8;

function loweringOf(node: NodeProto): Lowering | undefined {
  const name = operatorName(node);
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

/** Names of all operators that are taken apart. */
export const loweredOperators: readonly string[] = Object.keys(table).sort();

/** Operators between inputs and outputs that have no differentiation rule. */
export function uncovered(graph: GraphProto): NodeProto[] {
  return pathNodes(
    graph,
    graph.input.map((input) => input.name),
    graph.output.map((output) => output.name),
  ).filter((node) => !ruleOf(node));
}

/** Takes apart each operator between inputs and outputs that has no rule, by the tables, with shapes that a run shows. */
export async function lowerOperators(
  trial: Trial,
  given: GraphProto,
): Promise<{ graph: GraphProto; left: readonly Left[] }> {
  const reasons = new Map<NodeProto, string>();
  let graph = given;
  for (let round = 0; round < maxRounds; round++) {
    const nodes = uncovered(graph).filter((node) => loweringOf(node) && !reasons.has(node));
    if (nodes.length === 0) break;
    const observation = await observeAround(trial, graph, nodes);
    if (!observation) {
      for (const node of nodes) reasons.set(node, 'its shapes could not be found by running the graph');
      break;
    }
    graph = lower(graph, new Set(nodes), observation, reasons);
  }
  const left = [...reasons].map(([node, reason]) => ({ operator: operatorName(node), name: node.name, reason }));
  return { graph, left };
}

/** Shapes of what the nodes take and give, at two batch sizes where the graph takes them. */
async function observeAround(
  trial: Trial,
  graph: GraphProto,
  nodes: readonly NodeProto[],
): Promise<Observation | undefined> {
  const part = slice(
    graph,
    [],
    nodes.flatMap((node) => node.output).filter((name) => name !== ''),
  );
  for (const sizes of trial.batchSizes) {
    const pair = [sizes.at(-2) ?? sizes[0]!, sizes.at(-1)!] as const;
    const seen = await observe(trial.proto, part, trial.feed, pair).catch(() => undefined);
    if (seen) return seen;
  }
  return undefined;
}

function lower(
  graph: GraphProto,
  chosen: ReadonlySet<NodeProto>,
  observation: Observation,
  reasons: Map<NodeProto, string>,
): GraphProto {
  const lowered = create(GraphProtoSchema, { ...graph, node: [], initializer: [...graph.initializer] });
  const builder = new GraphBuilder(lowered);
  reserveDeep(builder, graph);
  const constants = new Constants(graph);
  const used = new Set([...graph.node.flatMap(namesRead), ...graph.output.map((output) => output.name)]);
  const nodes = graph.node.flatMap((node) => {
    const lowering = chosen.has(node) ? loweringOf(node) : undefined;
    if (!lowering) return [node];
    builder.graph.node = [];
    const asked = withOutputs(
      node,
      node.output.map((name) => (used.has(name) ? name : '')),
    );
    try {
      const results = lowering(contextOf(asked, builder, observation, constants));
      const missing = asked.output.findIndex((name, i) => name !== '' && results[i] === undefined);
      if (missing >= 0) throw new Stays(`its output ${missing} has no decomposition`);
      return settle(builder.graph.node, results, asked.output);
    } catch (error) {
      if (!(error instanceof Stays)) throw error;
      reasons.set(node, error.message);
      return [node];
    }
  });
  lowered.node = nodes;
  return lowered;
}

const withOutputs = (node: NodeProto, output: string[]) =>
  create(NodeProtoSchema, {
    name: node.name,
    opType: node.opType,
    domain: node.domain,
    input: node.input,
    output,
    attribute: node.attribute,
  });

/** Thrown by a lowering that leaves its node as it is. */
class Stays extends Error {}

function contextOf(
  node: NodeProto,
  builder: GraphBuilder,
  observation: Observation,
  constants: Constants,
): LoweringContext {
  const shape = (name: string) => {
    const known = observation.shape(name) ?? constants.get(name)?.dims;
    if (!known) throw new Stays(`the shape of "${name}" was not observed`);
    return known;
  };
  return {
    node,
    builder,
    x: (i = 0) => node.input[i] ?? '',
    has: (i) => (node.input[i] ?? '') !== '',
    shapeOf: (i) => shape(node.input[i] ?? ''),
    shapeOfOutput: (i) => shape(node.output[i] ?? ''),
    typeOf: (i) => observation.type(node.input[i] ?? '') ?? constants.get(node.input[i] ?? '')?.type,
    constant: (i) => constants.get(node.input[i] ?? ''),
    integers: (i) => {
      const constant = constants.get(node.input[i] ?? '');
      return constant?.type === 'int64' ? Array.from(constant.data, Number) : observation.integers(node.input[i] ?? '');
    },
    op: (...args) => builder.op(...args),
    leave: (reason) => {
      throw new Stays(reason);
    },
  };
}
