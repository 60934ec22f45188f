import type { GradientResult, LossName, Oracle, SegmentKind, SegmentRunner } from '../attack/types';
import type { DataGraph } from '../dataGraph';
import { RobustnessError } from '../error';
import { dataInput } from '../onnx/preprocess';
import { elementCount } from '../onnx/tensor';
import { modelBytes } from '../onnx/write';
import { Random } from '../random';
import { type ExecutionProvider, floats, type Session, type SessionOptions } from '../runtime';
import { aimsFor } from './aims';
import { type BatchChoice, estimateBatchSize, largestThatFits, measureBatchSize } from './batchSize';
import { type BatchKey, rememberBatchSize, rememberedBatchSize } from './batchSizeCache';
import { aimInput, gradientModel, labelInput } from './gradientModel';
import { createJacobian } from './jacobian';
import { openWithProvider, type ProviderChoice } from './provider';
import { createSegments, onehotRows } from './segments';
import { Sessions } from './sessions';

/** An oracle that owns native sessions. */
export interface OwnedOracle extends Oracle {
  readonly provider: ProviderChoice;
  readonly batch: BatchChoice;
  /** Batch size by the size of the model's tensors alone: the same in every run, on every machine. */
  readonly estimatedBatchSize: number;
  release(): Promise<void>;
}

export interface OracleOptions {
  /** Threads within an operator; all cores if absent. */
  readonly threads?: number;
  /** `cpu` if absent, and where the one asked for does not work. */
  readonly provider?: ExecutionProvider;
  /** A size; `measure` to find the best one; estimated from the size of the model's tensors if absent. */
  readonly batchSize?: number | 'measure';
  /** Hash of the model file: what a measured batch size is remembered by. */
  readonly modelSha256?: string;
}

/** Forward nodes from which a gradient, of three times as many, takes longer to optimize than that gains. */
const sprawlingNodes = 1500;

/** Runs a graph from data space to logits, and its gradients, one session a loss, built when first asked for. */
export async function createOracle(data: DataGraph, options: OracleOptions = {}): Promise<OwnedOracle> {
  const { threads, provider: requested = 'cpu' } = options;
  const { classes, plan } = data;
  const exampleSize = elementCount(plan.from);
  const sprawling = data.graph.node.length > sprawlingNodes;
  const common: SessionOptions = { frugal: data.large, sprawling, ...(threads === undefined ? {} : { threads }) };
  const { session: forward, provider } = await openWithProvider(
    modelBytes(data.model, data.graph),
    { [dataInput]: floats(new Float32Array(exampleSize), [1, ...plan.from]) },
    common,
    requested,
  );
  const settings: SessionOptions = { ...common, provider: provider.used };
  const sessions = new Sessions(settings);
  const backward = new Map<LossName, Promise<Session>>();
  const estimatedBatchSize = data.batched ? estimateBatchSize(data.observation.floatsPerExample) : 1;
  let batch: BatchChoice = { size: estimatedBatchSize, from: 'estimated' };
  const counts = { forwards: 0, backwards: 0 };

  const session = (loss: LossName): Promise<Session> => {
    const known = backward.get(loss);
    if (known) return known;
    const made = sessions.make(gradientModel(data, loss));
    backward.set(loss, made);
    return made;
  };

  const runners = new Map<string, Promise<SegmentRunner | null>>();
  const segmentRunner = (kind: SegmentKind): Promise<SegmentRunner | null> =>
    createSegments(data, kind, {
      logits: (x) => oracle.logits(x),
      counts,
      session: (model) => sessions.make(model()),
    }).catch((error: unknown) => {
      // The attack goes step by step then.
      if (error instanceof RobustnessError && error.code === 'model/not-loadable') return null;
      throw error;
    });

  const oracle: OwnedOracle = {
    classes,
    exampleShape: plan.from,
    exampleSize,
    ...(data.free === undefined ? {} : { free: data.free }),
    differentiable: data.status.unavailable.length === 0,
    ...(data.labels?.scores === null ? { labelsOnly: true } : {}),
    provider,
    estimatedBatchSize,
    get batch() {
      return batch;
    },
    get batchSize() {
      return batch.size;
    },
    counts,
    async logits(x) {
      const n = x.length / exampleSize;
      const result = new Float32Array(n * classes);
      for (let at = 0; at < n; at += batch.size) {
        const end = Math.min(n, at + batch.size);
        const part = x.subarray(at * exampleSize, end * exampleSize);
        const out = await forward.run({ [dataInput]: floats(part, [end - at, ...plan.from]) });
        result.set(out[data.decision ?? data.logits]!.data as Float32Array, at * classes);
      }
      counts.forwards += n;
      return result;
    },
    async gradient(x, y, loss, aim) {
      const n = y.length;
      const aims = aimsFor(loss, aim, n, classes);
      const run = await session(loss);
      const result: GradientResult = {
        logits: new Float32Array(n * classes),
        loss: new Float32Array(n),
        gradient: new Float32Array(n * exampleSize),
      };
      for (let at = 0; at < n; at += batch.size) {
        const end = Math.min(n, at + batch.size);
        const part = x.subarray(at * exampleSize, end * exampleSize);
        const out = await run.run({
          [dataInput]: floats(part, [end - at, ...plan.from]),
          [labelInput]: floats(onehotRows(y.subarray(at, end), classes), [end - at, classes]),
          ...(aims && { [aimInput]: floats(aims.subarray(at * classes, end * classes), [end - at, classes]) }),
        });
        result.logits.set(out.ri_logits!.data as Float32Array, at * classes);
        result.loss.set(out.ri_loss!.data as Float32Array, at);
        result.gradient.set(out.ri_gradient!.data as Float32Array, at * exampleSize);
      }
      counts.forwards += n;
      counts.backwards += n;
      return result;
    },
    jacobian: (x, chosen) => jacobian(x, chosen),
    segments(kind) {
      // Inside the runtime, the points that are broken are told by the logits that the loss is of.
      if (data.decision !== undefined) return Promise.resolve(null);
      const key = JSON.stringify(kind);
      const known = runners.get(key) ?? segmentRunner(kind);
      runners.set(key, known);
      return known;
    },
    async release() {
      await forward.release();
      await sessions.release();
    },
  };
  const jacobian = createJacobian(data, {
    session: (model) => sessions.make(model()),
    get batchSize() {
      return batch.size;
    },
    counts,
  });
  if (data.batched) {
    batch = await settleBatch(data, oracle, options, (size) => {
      batch = { size, from: 'measured' };
    });
    counts.forwards = 0;
    counts.backwards = 0;
  }
  return oracle;
}

/** @param use makes the oracle run batches of a size. */
async function settleBatch(
  { observation, plan }: DataGraph,
  oracle: OwnedOracle,
  { batchSize, threads, modelSha256 }: OracleOptions,
  use: (size: number) => void,
): Promise<BatchChoice> {
  if (typeof batchSize === 'number') return { size: batchSize, from: 'given' };
  if (batchSize !== 'measure') return oracle.batch;
  const key: BatchKey = {
    modelSha256: modelSha256 ?? '',
    exampleShape: plan.from,
    provider: oracle.provider.used,
    threads: threads ?? null,
    gradient: oracle.differentiable,
  };
  const known = modelSha256 === undefined ? undefined : await rememberedBatchSize(key);
  if (known !== undefined) return { size: known, from: 'remembered' };
  const random = Random.of(0, 'batch-size');
  const run = async (n: number) => {
    const x = Float32Array.from({ length: n * oracle.exampleSize }, () => random.uniform());
    use(n);
    // Any loss costs the same, and this one takes models that are no classifiers.
    if (oracle.differentiable) {
      await oracle.gradient(x, new Int32Array(n), 'linear', new Float32Array(n * oracle.classes).fill(1));
    } else await oracle.logits(x);
  };
  const size = await measureBatchSize(run, largestThatFits(observation.floatsPerExample));
  if (modelSha256 !== undefined) await rememberBatchSize(key, size);
  return { size, from: 'measured' };
}
