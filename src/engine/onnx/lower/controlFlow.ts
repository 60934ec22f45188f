import { create } from '@bufbuild/protobuf';
import { pathNodes } from '../../gradient/path';
import { intAttribute } from '../attribute';
import { GraphBuilder } from '../builder';
import { type GraphProto, GraphProtoSchema, type NodeProto } from '../generated/onnx_pb';
import { isStandard } from '../opset';
import { dependsOnValues } from './dependence';
import { countNodes, Inliner, namesRead, reserveDeep, settle, subgraphsOf } from './inline';
import type { Left } from './lowering';
import { probe, slice, type Trial } from './probe';
import { countTrips, refuseEndless, tripDeciders } from './trips';
import { unrollLoop, unrollScan } from './unroll';

/** Copies of one body. Beyond it a graph of the gradient takes longer to load than it saves. */
export const maxCopies = 512;
/** Operators that all unrolling together may lead to. */
const maxNodes = 50_000;
/** Bodies within bodies. */
const maxRounds = 40;

/**
 * Takes apart what stands between inputs and outputs with a course that does not depend on the data: the branch that an If
 * always takes is inlined, a Loop or Scan whose trip count is always the same is unrolled. "Always" is that no value of
 * an input reaches the decision, except through its shape, and that it came out the same at every batch size tried.
 */
export async function resolveControlFlow(
  trial: Trial,
  given: GraphProto,
): Promise<{ graph: GraphProto; left: readonly Left[] }> {
  const reasons = new Map<NodeProto, string>();
  let graph = given;
  for (let round = 0; round < maxRounds; round++) {
    const open = controlNodes(graph).filter((node) => !reasons.has(node));
    if (open.length === 0) break;
    const ready = open.filter((node) => !needsLoop(graph, node));
    if (ready.length === 0) {
      for (const node of open) reasons.set(node, 'what decides its course is computed by a loop that stays');
      break;
    }
    const decisions = await decide(trial, graph, ready);
    const expanded = expand(graph, decisions, reasons);
    if (!expanded) {
      // Half a loop written out has no gradient either, and runs slower than the loop.
      const reason = `unrolled, the graph would have more than ${maxNodes.toLocaleString('en')} operators`;
      return { graph: given, left: controlNodes(given).map((node) => leftFor(node, reason)) };
    }
    graph = expanded;
  }
  for (const node of controlNodes(graph)) {
    if (!reasons.has(node)) reasons.set(node, `it lies more than ${maxRounds} bodies deep`);
  }
  return {
    graph,
    left: [...reasons].map(([node, reason]) => leftFor(node, reason)),
  };
}

const leftFor = (node: NodeProto, reason: string): Left => ({ operator: node.opType, name: node.name, reason });

const isControl = (node: NodeProto) => isStandard(node) && ['If', 'Loop', 'Scan'].includes(node.opType);

export function controlNodes(graph: GraphProto): NodeProto[] {
  return pathNodes(
    graph,
    graph.input.map((input) => input.name),
    graph.output.map((output) => output.name),
  ).filter(isControl);
}

const holdsLoop = (node: NodeProto): boolean =>
  (isStandard(node) && node.opType === 'Loop') || subgraphsOf(node).some((graph) => graph.node.some(holdsLoop));

/** Names that decide the course of a node, of those outside its bodies. */
function deciders(node: NodeProto): string[] {
  if (node.opType === 'If') return node.input.slice(0, 1);
  if (node.opType === 'Loop') return tripDeciders(node);
  return node.input.slice(node.input.length - intAttribute(node, 'num_scan_inputs', 0));
}

/** A loop may run for longer than anyone waits; its own trips are counted up to a bound, so those of others must not run. */
function needsLoop(graph: GraphProto, node: NodeProto): boolean {
  return slice(graph, [], deciders(node)).node.some(holdsLoop);
}

/** What a node's course always is: the branch (1 or 0), the number of trips, or why there is no such thing. */
type Decision = number | string;

async function decide(
  trial: Trial,
  graph: GraphProto,
  nodes: readonly NodeProto[],
): Promise<ReadonlyMap<NodeProto, Decision>> {
  const tainted = dependsOnValues(
    graph,
    graph.input.map((input) => input.name),
  );
  const decisions = new Map<NodeProto, Decision>();
  const builder = new GraphBuilder(create(GraphProtoSchema, { ...graph, node: [] }));
  reserveDeep(builder, graph);
  const questions: { node: NodeProto; wanted: string; extra: NodeProto[] }[] = [];
  for (const node of nodes) {
    builder.graph.node = [];
    const question = ask(builder, node, tainted);
    if ('reason' in question) decisions.set(node, question.reason);
    else questions.push({ node, wanted: question.wanted, extra: builder.graph.node });
  }
  const asked = create(GraphProtoSchema, { ...graph, initializer: builder.graph.initializer });
  const run = (some: typeof questions) =>
    probe(
      trial,
      asked,
      some.flatMap(({ extra }) => extra),
      some.map(({ wanted }) => wanted),
    );
  const together = await run(questions);
  for (const [i, question] of questions.entries()) {
    const answer = together ? together[i] : (await run([question]))?.[0];
    decisions.set(question.node, await judge(trial, asked, question.node, answer));
  }
  return decisions;
}

/** Emits what computes a node's decision. */
function ask(
  builder: GraphBuilder,
  node: NodeProto,
  tainted: (name: string) => boolean,
): { wanted: string } | { reason: string } {
  if (node.opType === 'If') {
    if (tainted(node.input[0]!)) return { reason: 'its condition depends on the data' };
    return { wanted: builder.op('Cast', [node.input[0]!], { to: 7 }) };
  }
  if (node.opType === 'Loop') return countTrips(builder, node, tainted, maxCopies + 1);
  const count = intAttribute(node, 'num_scan_inputs', 0);
  const first = node.input.at(-count);
  if (count < 1 || !first) return { reason: 'it scans over nothing' };
  const axis = Number(node.attribute.find((a) => a.name === 'scan_input_axes')?.ints[0] ?? 0n);
  return { wanted: builder.op('Gather', [builder.op('Shape', [first]), builder.ints([axis])]) };
}

async function judge(
  trial: Trial,
  graph: GraphProto,
  node: NodeProto,
  answer: readonly number[] | null | undefined,
): Promise<Decision> {
  const what = node.opType === 'If' ? 'its condition' : 'its trip count';
  if (answer === undefined) return `${what} could not be found by running the graph`;
  if (answer === null) return `${what} changes with the number of examples`;
  if (node.opType === 'If') return answer[0] ? 1 : 0;
  const trips = answer[0] ?? 0;
  if (trips > maxCopies) await refuseEndless(trial, graph, node);
  return bounded(trips);
}

const bounded = (trips: number): Decision => (trips > maxCopies ? `it makes more than ${maxCopies} trips` : trips);

/** Replaces what is decided and notes why the rest stays; undefined where the graph would grow too large. */
function expand(
  graph: GraphProto,
  decisions: ReadonlyMap<NodeProto, Decision>,
  reasons: Map<NodeProto, string>,
): GraphProto | undefined {
  const expanded = create(GraphProtoSchema, { ...graph, node: [], initializer: [...graph.initializer] });
  const builder = new GraphBuilder(expanded);
  reserveDeep(builder, graph);
  const inliner = new Inliner(builder);
  const used = new Set([...graph.node.flatMap(namesRead), ...graph.output.map((output) => output.name)]);
  let count = countNodes(graph.node);
  const nodes: NodeProto[] = [];
  for (const node of graph.node) {
    const decision = decisions.get(node);
    if (decision === undefined || typeof decision === 'string') {
      if (decision !== undefined) reasons.set(node, decision);
      nodes.push(node);
      continue;
    }
    builder.graph.node = [];
    const copies = node.opType === 'If' ? 1 : decision;
    const size = Math.max(...subgraphsOf(node).map((body) => countNodes(body.node)));
    count += copies * size;
    if (count > maxNodes) return undefined;
    const outputs = node.output.map((name) => (used.has(name) ? name : ''));
    const results = replace(inliner, node, outputs, decision);
    if (typeof results === 'string') {
      reasons.set(node, results);
      nodes.push(node);
      continue;
    }
    nodes.push(...settle(builder.graph.node, results, outputs));
  }
  expanded.node = nodes;
  return expanded;
}

/** The names of a node's outputs once its course is written out; or why it cannot be. */
function replace(
  inliner: Inliner,
  node: NodeProto,
  outputs: readonly string[],
  decision: number,
): readonly (string | undefined)[] | string {
  if (node.opType === 'Loop') return unrollLoop(inliner, node, outputs, decision);
  if (node.opType === 'Scan') return unrollScan(inliner, node, outputs, decision);
  const name = decision ? 'then_branch' : 'else_branch';
  const branch = node.attribute.find((attribute) => attribute.name === name)?.g;
  if (!branch) return `it has no ${name}`;
  const nameOf = inliner.append(branch, new Map());
  return branch.output.map((output) => nameOf(output.name));
}
