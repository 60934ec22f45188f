import type { GradientResult, LossName, Oracle, SegmentKind, SegmentRunner } from '../attack/types';
import type { DataGraph } from '../dataGraph';
import { RobustnessError } from '../error';
import { dataInput } from '../onnx/preprocess';
import { elementCount } from '../onnx/tensor';
import { modelBytes } from '../onnx/write';
import { createSession, floats, type Session } from '../runtime';
import { gradientModel, labelInput } from './gradientModel';
import { createSegments, onehotRows } from './segments';

/** An oracle that owns native sessions. */
export interface OwnedOracle extends Oracle {
  release(): Promise<void>;
}

/** Intermediate floats of one batch: 64 MiB keeps a batch's tensors near the cache and any model within memory. */
const floatsPerBatch = 16 * 2 ** 20;
const largestBatch = 128;

/** Runs a graph from data space to logits, and its gradients, one session a loss, built when first asked for. */
export async function createOracle(data: DataGraph, threads?: number): Promise<OwnedOracle> {
  const settings = { frugal: data.large, ...(threads === undefined ? {} : { threads }) };
  const forward = await createSession(modelBytes(data.model, data.graph), settings);
  const backward = new Map<LossName, Promise<Session>>();
  const { classes, plan } = data;
  const exampleSize = elementCount(plan.from);
  const batchSize = data.batched
    ? Math.max(1, Math.min(largestBatch, Math.floor(floatsPerBatch / Math.max(1, data.observation.floatsPerExample))))
    : 1;
  const counts = { forwards: 0, backwards: 0 };

  const session = (loss: LossName): Promise<Session> => {
    const known = backward.get(loss);
    if (known) return known;
    const made = createSession(gradientModel(data, loss), settings);
    backward.set(loss, made);
    return made;
  };

  const others: Promise<Session>[] = [];
  const runners = new Map<string, Promise<SegmentRunner | null>>();
  const segmentRunner = (kind: SegmentKind): Promise<SegmentRunner | null> =>
    createSegments(data, kind, {
      logits: (x) => oracle.logits(x),
      counts,
      session(model) {
        const made = createSession(model(), settings);
        others.push(made);
        return made;
      },
    }).catch((error: unknown) => {
      // The attack goes step by step then.
      if (error instanceof RobustnessError && error.code === 'model/not-loadable') return null;
      throw error;
    });

  const oracle: OwnedOracle = {
    classes,
    exampleShape: plan.from,
    exampleSize,
    differentiable: data.status.unavailable.length === 0,
    batchSize,
    counts,
    async logits(x) {
      const n = x.length / exampleSize;
      const result = new Float32Array(n * classes);
      for (let at = 0; at < n; at += batchSize) {
        const end = Math.min(n, at + batchSize);
        const part = x.subarray(at * exampleSize, end * exampleSize);
        const out = await forward.run({ [dataInput]: floats(part, [end - at, ...plan.from]) });
        result.set(out[data.logits]!.data as Float32Array, at * classes);
      }
      counts.forwards += n;
      return result;
    },
    async gradient(x, y, loss) {
      const n = y.length;
      const run = await session(loss);
      const result: GradientResult = {
        logits: new Float32Array(n * classes),
        loss: new Float32Array(n),
        gradient: new Float32Array(n * exampleSize),
      };
      for (let at = 0; at < n; at += batchSize) {
        const end = Math.min(n, at + batchSize);
        const part = x.subarray(at * exampleSize, end * exampleSize);
        const out = await run.run({
          [dataInput]: floats(part, [end - at, ...plan.from]),
          [labelInput]: floats(onehotRows(y.subarray(at, end), classes), [end - at, classes]),
        });
        result.logits.set(out.ri_logits!.data as Float32Array, at * classes);
        result.loss.set(out.ri_loss!.data as Float32Array, at);
        result.gradient.set(out.ri_gradient!.data as Float32Array, at * exampleSize);
      }
      counts.forwards += n;
      counts.backwards += n;
      return result;
    },
    segments(kind) {
      const key = JSON.stringify(kind);
      const known = runners.get(key) ?? segmentRunner(kind);
      runners.set(key, known);
      return known;
    },
    async release() {
      await forward.release();
      for (const made of [...backward.values(), ...others]) await (await made.catch(() => null))?.release();
    },
  };
  return oracle;
}
