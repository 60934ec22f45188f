import type { SeriesInput } from './data/series';
import type { DataKind, RecordLayout } from './data/types';
import { buildDataGraph, type DataGraph, observeModel } from './dataGraph';
import { type Embedding, openEmbedding } from './embedding';
import type { OpenedMember } from './ensemble/open';
import { RobustnessError } from './error';
import { pathNodes } from './gradient/path';
import type { Heads } from './onnx/head';
import { fileFacts } from './onnx/inspect';
import { otherFloats } from './onnx/lower/floatWidth';
import { operatorName } from './onnx/opset';
import { type PreparedModel, prepareModel } from './onnx/prepare';
import { planInput } from './onnx/preprocess';
import { recordPreprocess } from './onnx/record';
import { seriesInput } from './onnx/seriesInput';
import { createOracle, type OracleOptions, type OwnedOracle } from './oracle/oracle';
import { createOriginal, type OriginalModel } from './original';
import type { Report } from './report/schema';
import type { Preprocess } from './spec/schema';
import { inspectText, type TextInspection } from './text/describe';
import { textHead } from './text/head';
import { textFacts } from './text/open';

export type ModelFacts = Report['model'];

/** A model opened for evaluation: once rewritten for attacks, once untouched for the verifier. */
export interface OpenedModel {
  readonly facts: ModelFacts;
  /** Data space in, logits out; a last Softmax or Sigmoid is bypassed. With raw heads, the outputs as they are. */
  readonly oracle: OwnedOracle;
  /** The untouched model file behind pre-processing in TypeScript. */
  readonly original: OriginalModel;
  /** Of several files that were opened as one. */
  readonly members?: readonly OpenedMember[];
  /** Of an ensemble whose answer is no mean of logits: its decisions, with the gradient of that mean. */
  readonly throughLogits?: () => Promise<OwnedOracle>;
  /** A session of its own up to the last linear layer, to be released; null where the model has no such layer. */
  embedding(): Promise<Embedding | null>;
  release(): Promise<void>;
}

export interface OpenOptions extends Omit<OracleOptions, 'modelSha256'> {
  readonly preprocess: Preprocess;
  /** One example in data space; [C, H, W] for images. */
  readonly exampleShape: readonly number[];
  readonly kind: DataKind;
  /** How an example holds several inputs of the model, where it takes several. */
  readonly record?: RecordLayout;
  /** The output that holds the scores; the first float one if absent. */
  readonly output?: string;
  /** `raw` for the outputs as they are (regression, control, verification); `scores` of a classifier if absent. */
  readonly heads?: Heads;
  /** How many classes the data have: asked where the model returns labels and does not say of how many. */
  readonly countClasses?: () => Promise<number>;
}

/**
 * Opens a model: reads it as untrusted input, makes its batch dynamic (checked against the original), prepends
 * pre-processing, and prepares its gradient.
 *
 * @throws `model/*`, `spec/preprocess`. A missing gradient rule is no error: `oracle.differentiable` is false then.
 */
export async function openModel(modelPath: string, options: OpenOptions): Promise<OpenedModel> {
  const { threads } = options;
  const { prepared, data } = await openGraph(modelPath, options);
  try {
    const oracle = await createOracle(data, { ...options, modelSha256: prepared.model.sha256 });
    const original = createOriginal(prepared, data);
    return {
      facts: factsOf(prepared, data, gradientFacts(data)),
      oracle,
      original,
      embedding: () => openEmbedding(data, threads === undefined ? {} : { threads }),
      async release() {
        await oracle.release();
        await prepared.release();
      },
    };
  } catch (error) {
    await prepared.release();
    throw error;
  }
}

/**
 * Reads a model and builds its graph from data space to logits, without sessions of its own. What is prepared is to be released.
 * @throws as {@link openModel}
 */
export async function openGraph(
  modelPath: string,
  options: OpenOptions,
): Promise<{ readonly prepared: PreparedModel; readonly data: DataGraph }> {
  const { exampleShape, kind, threads, record, output, heads = 'scores' } = options;
  const preprocess = record ? recordPreprocess(record, options.preprocess) : options.preprocess;
  const prepared = await prepareModel(modelPath, {
    exampleOf: (input) => planInput(preprocess, exampleShape, kind, input).to,
    ...(threads === undefined ? {} : { threads }),
    ...(record === undefined ? {} : { record }),
    ...(output === undefined ? {} : { output }),
  });
  try {
    const { countClasses } = options;
    const data = await buildDataGraph(prepared, { preprocess, exampleShape, kind, heads, countClasses });
    return { prepared, data };
  } catch (error) {
    await prepared.release();
    throw error;
  }
}

export interface Inspection {
  readonly facts: ModelFacts;
  /** How it takes time series; null where it does not seem to. */
  readonly series: SeriesInput | null;
  /** How it takes texts; absent where it does not. */
  readonly text?: TextInspection;
  /** Each operator of the graph: how often it occurs and what becomes of its gradient. */
  readonly operators: readonly {
    readonly name: string;
    readonly count: number;
    readonly gradient: 'exact' | 'straight-through' | 'unavailable' | 'not on the path';
  }[];
}

/** Looks at a model without data: inputs, outputs, operators, and what can be differentiated. */
export async function inspectModel(modelPath: string, output?: string): Promise<Inspection> {
  const prepared = await prepareModel(modelPath, output === undefined ? {} : { output }).catch(
    async (error: unknown) => {
      const textual = RobustnessError.is(error, 'model/inputs') ? await inspectTextModel(modelPath, output) : null;
      if (textual === null) throw error;
      return textual;
    },
  );
  if ('text' in prepared) return prepared;
  try {
    const observed = await observeModel(prepared);
    const { status, pathOperators } = observed;
    const apart = takenApart(prepared);
    const gradientOf = (name: string) =>
      status.unavailable.includes(name)
        ? 'unavailable'
        : status.straightThrough.includes(name)
          ? 'straight-through'
          : pathOperators.has(name) || apart.has(name)
            ? 'exact'
            : 'not on the path';
    const { graph: own } = prepared.model.proto;
    return {
      series: seriesInput(own, prepared.facts.inputs[0]?.name ?? '', prepared.facts.inputs[0]?.shape.length ?? 0),
      facts: factsOf(prepared, observed, gradientFacts(observed)),
      operators: Object.entries(prepared.facts.operators)
        .sort(([a], [b]) => a.localeCompare(b))
        .map(([name, count]) => ({ name, count, gradient: gradientOf(name) })),
    };
  } finally {
    await prepared.release();
  }
}

/** A model that takes token ids: nothing of it can be differentiated by characters. */
async function inspectTextModel(
  modelPath: string,
  output?: string,
): Promise<(Inspection & { text: TextInspection }) | null> {
  const found = await inspectText(modelPath);
  if (found === null) return null;
  const { facts, inspection: text } = found;
  return {
    series: null,
    text,
    facts: textFacts(found, textHead(found, output)),
    operators: Object.entries(facts.operators)
      .sort(([a], [b]) => a.localeCompare(b))
      .map(([name, count]) => ({ name, count, gradient: 'not on the path' as const })),
  };
}

/** Operators on the file's own path of which the rewritten graph has none left: others compute their outputs exactly. */
function takenApart({ model, facts, graph, output }: PreparedModel): ReadonlySet<string> {
  const left = new Set(graph.node.map(operatorName));
  const inputs = facts.inputs.map(({ name }) => name);
  const before = pathNodes(model.proto.graph, inputs, [output.name]).map(operatorName);
  return new Set(before.filter((name) => !left.has(name)));
}

/** What a report says of the gradient. */
export function gradientFacts({ status }: Pick<DataGraph, 'status'>): ModelFacts['gradient'] {
  return {
    available: status.unavailable.length === 0,
    unavailable: [...status.unavailable],
    reasons: { ...status.reasons },
    straightThrough: [...status.straightThrough],
  };
}

export function factsOf(
  prepared: PreparedModel,
  { head, labels }: Pick<DataGraph, 'head' | 'labels'>,
  gradient: ModelFacts['gradient'],
): ModelFacts {
  const { model, facts } = prepared;
  const kept = otherFloats(prepared.graph);
  const widened = otherFloats(model.proto.graph).filter((type) => !kept.includes(type));
  return {
    ...fileFacts(model, facts),
    batch: prepared.batch,
    bypassed: head.bypassed,
    ...(labels ? { labelsOnly: true } : {}),
    ...(labels && labels.scores !== null ? { scoresBefore: labels.operator } : {}),
    ...(widened.length > 0 ? { widened: [...widened] } : {}),
    ...(prepared.random.length > 0 ? { random: [...prepared.random] } : {}),
    ...(prepared.cutOff.length > 0 ? { cutOff: [...prepared.cutOff] } : {}),
    gradient,
  };
}
