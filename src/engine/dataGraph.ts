import { create } from '@bufbuild/protobuf';
import type { DataKind } from './data/types';
import { RobustnessError } from './error';
import { differentiate } from './gradient/differentiate';
import { type GradientStatus, gradientStatus, pathNodes } from './gradient/path';
import { exampleShape, tensor, trialExamples } from './onnx/batch';
import { floatValueInfo, GraphBuilder } from './onnx/builder';
import { Constants } from './onnx/constants';
import { type GraphProto, GraphProtoSchema, type ModelProto, NodeProtoSchema } from './onnx/generated/onnx_pb';
import {
  appendLogits,
  appendOnehot,
  type Heads,
  type LabelHead,
  labelHead,
  type ScoreHead,
  scoreHead,
} from './onnx/head';
import { borderIn } from './onnx/lower/floatWidth';
import type { Left } from './onnx/lower/lowering';
import { type Observation, observe } from './onnx/observe';
import { operatorName } from './onnx/opset';
import type { PreparedModel } from './onnx/prepare';
import { dataInput, type InputPlan, planInput, prependPreprocess } from './onnx/preprocess';
import { elementCount } from './onnx/tensor';
import { floats, type Value } from './runtime';
import type { Preprocess } from './spec/schema';

/** A graph from data space to logits. */
export interface DataGraph {
  readonly model: ModelProto;
  readonly graph: GraphProto;
  readonly plan: InputPlan;
  readonly observation: Observation;
  readonly head: ScoreHead;
  readonly logits: string;
  /** [N, classes] by which the class is decided, where that is something else than the logits, without a gradient of its own: votes. */
  readonly decision?: string;
  /** Columns of the logits: classes, or outputs of a model whose outputs are taken raw. */
  readonly classes: number;
  readonly status: GradientStatus;
  /** The model returns labels: then its scores are taken from before them, or if there are none, one-hot rows are. */
  readonly labels: LabelHead | undefined;
  /** False where the model can only be run one example at a time. */
  readonly batched: boolean;
  /** Numbers at the front of an example that attacks may change, where others are passed through. */
  readonly free: number | undefined;
  /** Whether sessions on it had better not copy weights. */
  readonly large: boolean;
}

export interface DataGraphOptions {
  readonly preprocess: Preprocess;
  readonly exampleShape: readonly number[];
  readonly kind: DataKind;
  /** `scores` if absent. */
  readonly heads?: Heads;
  /** How many classes the data have: asked where the model returns labels and does not say of how many. */
  readonly countClasses?: (() => Promise<number>) | undefined;
}

/** Prepends pre-processing and appends logits to a prepared model. */
export async function buildDataGraph(prepared: PreparedModel, options: DataGraphOptions): Promise<DataGraph> {
  const { input, output } = prepared;
  const plan = planInput(options.preprocess, options.exampleShape, options.kind, input);
  const batched = prepared.batch !== 'fixed-1';
  const front = new GraphBuilder(
    create(GraphProtoSchema, { ...prepared.graph, node: [], initializer: [...prepared.graph.initializer] }),
  );
  // Names of the model's own tensors must stay free while the front is built before them.
  front.reserve(prepared.graph);
  const entry = prependPreprocess(front, plan, borderIn(prepared.graph, input), batched ? 'N' : 1);
  front.graph.node.push(
    create(NodeProtoSchema, { opType: 'Identity', name: `${input.name}_entry`, input: [entry], output: [input.name] }),
    ...prepared.graph.node,
  );
  const feed = (batch: number) => ({
    [dataInput]: floats(trialExamples(input, elementCount(plan.from), batch, 'observe'), [batch, ...plan.from]),
  });
  const observation = await observe(prepared.model.proto, front.graph, feed, batched ? [2, 3] : [1, 1]);
  const labels = options.heads === 'raw' ? undefined : labelHead(front.graph, output.name, observation);
  const { head, logits, classes } =
    labels?.scores === null
      ? await onehotOf(front, output.name, labels, options.countClasses)
      : scoresOf(front, labels?.scores ?? output.name, observation, options.heads);
  const graph = create(GraphProtoSchema, { ...front.graph, output: [floatValueInfo(logits, ['N', classes])] });
  return {
    model: prepared.model.proto,
    graph,
    plan,
    observation,
    head,
    logits,
    classes,
    status: withLabels(statusOf(graph, dataInput, head.tensor, observation, prepared.left), labels),
    labels,
    batched,
    free: prepared.free,
    large: prepared.large,
  };
}

type Outcome = Pick<DataGraph, 'head' | 'logits' | 'classes'>;

function scoresOf(builder: GraphBuilder, scores: string, observation: Observation, heads?: Heads): Outcome {
  const head = scoreHead(builder.graph, scores, observation, heads);
  return { head, ...appendLogits(builder, head.tensor, observation, heads) };
}

/** One-hot rows for a model that gives nothing but labels. */
async function onehotOf(
  builder: GraphBuilder,
  label: string,
  head: LabelHead,
  countClasses: DataGraphOptions['countClasses'],
): Promise<Outcome> {
  const counted = head.classes === null ? await countClasses?.() : undefined;
  if (head.classes === null && counted === undefined) {
    throw new RobustnessError(
      'model/no-scores',
      `The model returns labels (${label}) and does not say how many classes there are.`,
      'Give data with labels, or export the model so that it returns logits or probabilities.',
    );
  }
  const classes = head.classes ?? counted! + 1;
  const logits = appendOnehot(builder, label, classes, head.classes === null);
  return { head: { tensor: logits, bypassed: null }, logits, classes };
}

/** A label does not move with the input, until it jumps: whatever rules its operators have. */
function withLabels(status: GradientStatus, labels: LabelHead | undefined): GradientStatus {
  if (labels?.scores !== null) return status;
  const { operator } = labels;
  return {
    ...status,
    unavailable: [...new Set([operator, ...status.unavailable])],
    reasons: { ...status.reasons, [operator]: 'the model returns labels alone, which have no gradient' },
  };
}

export interface ObservedModel {
  readonly head: ScoreHead;
  readonly labels: LabelHead | undefined;
  readonly status: GradientStatus;
  readonly pathOperators: ReadonlySet<string>;
}

/** What a model's own graph shows when it runs on random numbers. */
export async function observeModel(prepared: PreparedModel): Promise<ObservedModel> {
  const { output, graph } = prepared;
  const input = borderIn(graph, prepared.input);
  const example = exampleShape(input);
  const feed = (batch: number): Record<string, Value> => ({
    [input.name]: tensor(
      input,
      [batch, ...example],
      trialExamples(prepared.input, elementCount(example), batch, 'observe'),
    ),
  });
  const sizes = prepared.batch === 'fixed-1' ? ([1, 1] as const) : ([2, 3] as const);
  const observation = await observe(prepared.model.proto, graph, feed, sizes);
  const labels = labelHead(graph, output.name, observation);
  const head =
    labels?.scores === null
      ? { tensor: output.name, bypassed: null }
      : scoreHead(graph, labels?.scores ?? output.name, observation);
  return {
    head,
    labels,
    status: withLabels(statusOf(graph, input.name, head.tensor, observation, prepared.left), labels),
    pathOperators: new Set(pathNodes(graph, [input.name], [head.tensor]).map(operatorName)),
  };
}

/**
 * What the path holds, found out by differentiating it once: a rule may exist and give up on a node's attributes, and that
 * must be known before anything long has run. Rules are written for float32; a path through another float type has no
 * gradient yet.
 */
export function statusOf(
  graph: GraphProto,
  from: string,
  to: string,
  observation: Observation,
  left: readonly Left[],
): GradientStatus {
  const status = gradientStatus(graph, [from], [to]);
  const reasons: Record<string, string> = { ...status.reasons };
  for (const { operator, reason } of left) if (operator in reasons) reasons[operator] = reason;
  for (const name of pathNodes(graph, [from], [to]).flatMap((node) => node.output)) {
    const type = observation.type(name);
    if (type === 'float16' || type === 'float64') reasons[`${type} tensors`] = 'rules are written for float32';
  }
  if (Object.keys(reasons).length === 0) {
    const trial = create(GraphProtoSchema, {
      ...graph,
      node: [...graph.node],
      initializer: [...graph.initializer],
    });
    const builder = new GraphBuilder(trial);
    differentiate({
      builder,
      observation,
      constants: new Constants(trial),
      from: [from],
      arriving: new Map([[to, to]]),
      onUnavailable(operator, reason) {
        reasons[operator] = reason;
      },
    });
  }
  return { ...status, unavailable: Object.keys(reasons), reasons };
}
