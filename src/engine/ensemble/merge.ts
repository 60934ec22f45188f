import { create } from '@bufbuild/protobuf';
import { type DataGraph, statusOf } from '../dataGraph';
import { RobustnessError } from '../error';
import { trialExamples } from '../onnx/batch';
import { floatValueInfo, GraphBuilder } from '../onnx/builder';
import {
  type GraphProto,
  GraphProtoSchema,
  type ModelProto,
  ModelProtoSchema,
  type NodeProto,
  type OperatorSetIdProto,
} from '../onnx/generated/onnx_pb';
import type { Border } from '../onnx/inspect';
import type { Left } from '../onnx/lower/lowering';
import { observe } from '../onnx/observe';
import { isStandardDomain } from '../onnx/opset';
import { dataInput } from '../onnx/preprocess';
import { elementCount } from '../onnx/tensor';
import { floats } from '../runtime';
import type { Combination } from '../spec/ensemble';
import { appendCombination, type MemberScores } from './append';
import { memberName, renamed } from './rename';
import type { Scale } from './scale';

export interface MergeMember {
  /** What messages call it. */
  readonly name: string;
  readonly data: DataGraph;
  /** Of the file: its typical values are those that the data have in its place. */
  readonly input: Border;
  readonly scale: Scale;
  readonly weight: number;
  readonly left: readonly Left[];
}

/** The graph of all members, and where in it the logits of each are. */
export interface MergedGraph {
  readonly data: DataGraph;
  /** The same decisions, with losses and gradients of the mean of logits; absent where that is what decides. */
  readonly throughLogits?: DataGraph;
  /** By member: name of its logits [N, classes]. */
  readonly logits: readonly string[];
}

/**
 * One graph of several: the data go into each member behind its own pre-processing, and what comes out is combined in the
 * graph, so that a gradient with respect to the data is that through all members at once.
 *
 * @throws RobustnessError `model/ensemble` where members do not fit together, by name
 */
export async function mergeGraphs(members: readonly MergeMember[], combine: Combination): Promise<MergedGraph> {
  const [first] = members;
  if (!first) throw new RangeError('an ensemble has members');
  const { classes } = first.data;
  const other = members.find(({ data }) => data.classes !== classes);
  if (other) {
    throw misfit(
      `${first.name} tells ${classes} classes apart and ${other.name} ${other.data.classes}`,
      'Members have to answer the same question: leave out the one that does not.',
    );
  }
  const free = members.find(({ data }) => data.free !== first.data.free);
  if (free) {
    throw misfit(
      `${first.name} and ${free.name} take different inputs beside those that attacks change`,
      'Name the inputs that attacks change (`data.test.perturb`), the same for all members.',
    );
  }
  const model = modelOf(members);
  const graphs = members.map(({ data }, m) => renamed(data.graph, m));
  const batched = members.every(({ data }) => data.batched);
  const { from } = first.data.plan;
  const graph = create(GraphProtoSchema, {
    name: 'ensemble',
    input: [floatValueInfo(dataInput, [batched ? 'N' : 1, ...from])],
    node: graphs.flatMap(({ node }) => node),
    initializer: graphs.flatMap(({ initializer }) => initializer),
    sparseInitializer: graphs.flatMap(({ sparseInitializer }) => sparseInitializer),
  });
  const builder = new GraphBuilder(graph);
  const scores = members.map(
    ({ data, scale, weight }, m): MemberScores => ({ logits: memberName(data.logits, m), scale, weight }),
  );
  const { logits, decision, meanLogits } = appendCombination(builder, scores, combine, classes);
  const outputs = [logits, decision, meanLogits].filter((name) => name !== undefined);
  graph.output = outputs.map((name) => floatValueInfo(name, ['N', classes]));
  const feed = (batch: number) => ({
    [dataInput]: floats(trialExamples(first.input, elementCount(from), batch, 'observe'), [batch, ...from]),
  });
  const observation = await observe(model, graph, feed, batched ? [2, 3] : [1, 1]);
  const status = statusOf(
    graph,
    dataInput,
    logits,
    observation,
    members.flatMap(({ left }) => left),
  );
  const unavailable = [...new Set([...status.unavailable, ...members.flatMap(({ data }) => data.status.unavailable)])];
  const data: DataGraph = {
    model,
    graph: outputting(graph, [logits, ...(decision === undefined ? [] : [decision])]),
    plan: { from, to: from, channels: 1, layout: 'flat', mean: [0], std: [1], reverseChannels: false },
    observation,
    head: { tensor: logits, bypassed: null },
    logits,
    ...(decision === undefined ? {} : { decision }),
    classes,
    status: {
      ...status,
      unavailable,
      reasons: Object.assign({}, ...members.map(({ data }) => data.status.reasons), status.reasons),
    },
    labels: undefined,
    batched,
    free: first.data.free,
    large: members.some(({ data }) => data.large),
  };
  if (meanLogits === undefined) return { data, logits: scores.map((member) => member.logits) };
  const decides = decision ?? logits;
  return {
    data,
    logits: scores.map((member) => member.logits),
    throughLogits: {
      ...data,
      graph: outputting(graph, [meanLogits, decides]),
      head: { tensor: meanLogits, bypassed: null },
      logits: meanLogits,
      decision: decides,
    },
  };
}

function outputting(graph: GraphProto, names: readonly string[]): GraphProto {
  return create(GraphProtoSchema, { ...graph, output: graph.output.filter(({ name }) => names.includes(name)) });
}

/** The operator sets and functions of all members. Standard operators were brought to one version in each. */
function modelOf(members: readonly MergeMember[]): ModelProto {
  const sets = new Map<string, { readonly set: OperatorSetIdProto; readonly of: string }>();
  for (const { name, data } of members) {
    for (const set of data.model.opsetImport) {
      const domain = isStandardDomain(set.domain) ? '' : set.domain;
      const known = sets.get(domain);
      if (known && known.set.version !== set.version && domain !== '' && uses(data.graph.node, domain)) {
        throw misfit(
          `${known.of} and ${name} use the operators of ${domain} in versions ${known.set.version} and ${set.version}`,
          'Export both with the same version.',
        );
      }
      if (!known || set.version > known.set.version) sets.set(domain, { set, of: name });
    }
  }
  const functions = new Map<string, { readonly of: MergeMember; readonly bytes: unknown }>();
  for (const member of members) {
    for (const each of member.data.model.functions) {
      if (!member.data.graph.node.some((node) => calls(node, each.domain, each.name))) continue;
      const key = `${each.domain}:${each.name}`;
      const known = functions.get(key);
      if (known && known.of !== member) {
        throw misfit(
          `${known.of.name} and ${member.name} each bring a function ${each.name}`,
          'Export one of them without model-local functions.',
        );
      }
      functions.set(key, { of: member, bytes: each });
    }
  }
  return create(ModelProtoSchema, {
    irVersion: BigInt(Math.max(8, ...members.map(({ data }) => Number(data.model.irVersion)))),
    opsetImport: [...sets.values()].map(({ set }) => set),
    functions: [...functions.values()].map(({ bytes }) => bytes as ModelProto['functions'][number]),
  });
}

function uses(nodes: readonly NodeProto[], domain: string): boolean {
  return nodes.some((node) => node.domain === domain || inner(node).some((each) => uses(each, domain)));
}

function calls(node: NodeProto, domain: string, name: string): boolean {
  return (
    (node.domain === domain && node.opType === name) ||
    inner(node).some((nodes) => nodes.some((each) => calls(each, domain, name)))
  );
}

function inner(node: NodeProto): (readonly NodeProto[])[] {
  return node.attribute.flatMap(({ g, graphs }) => [...(g ? [g.node] : []), ...graphs.map((each) => each.node)]);
}

function misfit(what: string, hint: string): RobustnessError {
  return new RobustnessError('model/ensemble', `The members of the ensemble do not fit together: ${what}.`, hint);
}
