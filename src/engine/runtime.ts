import * as ort from 'onnxruntime-node';
import { RobustnessError } from './error';

/** A tensor at the border to ONNX Runtime. */
export interface Value {
  readonly type: string;
  readonly dims: readonly number[];
  readonly data: Float32Array | Float64Array | BigInt64Array | Int32Array | Uint8Array | Uint16Array | Int8Array;
}

export interface Session {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Runs the graph; `fetches` limits what is computed and copied out. */
  run(feeds: Readonly<Record<string, Value>>, fetches?: readonly string[]): Promise<Record<string, Value>>;
  release(): Promise<void>;
}

export interface SessionOptions {
  /** Threads within an operator; ONNX Runtime's choice (all cores) if absent. */
  readonly threads?: number;
  /** `disabled` keeps the graph as written, which is what a reference run wants. */
  readonly optimization?: 'all' | 'disabled';
}

export const executionProvider = 'cpu';

/** Version of the ONNX Runtime binding that is loaded. */
export function runtimeVersion(): string {
  return ort.env.versions.node ?? ort.env.versions.common;
}

/** A float32 tensor for {@link Session.run}. */
export function floats(data: Float32Array, dims: readonly number[]): Value {
  return { type: 'float32', data, dims };
}

/**
 * Loads a model into ONNX Runtime.
 *
 * @throws `model/not-loadable` when ONNX Runtime refuses the graph.
 */
export async function createSession(model: Uint8Array | string, options: SessionOptions = {}): Promise<Session> {
  const settings: ort.InferenceSession.SessionOptions = {
    executionProviders: [executionProvider],
    graphOptimizationLevel: options.optimization ?? 'all',
    logSeverityLevel: 4,
    ...(options.threads === undefined ? {} : { intraOpNumThreads: options.threads }),
  };
  const session = await load(model, settings);
  return {
    inputs: session.inputNames,
    outputs: session.outputNames,
    async run(feeds, fetches) {
      const tensors: Record<string, ort.Tensor> = {};
      for (const [name, value] of Object.entries(feeds)) tensors[name] = toTensor(value);
      const results = await (fetches ? session.run(tensors, [...fetches]) : session.run(tensors));
      const values: Record<string, Value> = {};
      for (const [name, tensor] of Object.entries(results)) {
        values[name] = { type: tensor.type, dims: tensor.dims, data: tensor.data as Value['data'] };
      }
      return values;
    },
    release: () => session.release(),
  };
}

async function load(model: Uint8Array | string, settings: ort.InferenceSession.SessionOptions) {
  try {
    return await (typeof model === 'string'
      ? ort.InferenceSession.create(model, settings)
      : ort.InferenceSession.create(model, settings));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new RobustnessError(
      'model/not-loadable',
      `ONNX Runtime cannot load the model: ${reason}`,
      'Check the file with onnx.checker, or export it again with a newer exporter.',
      { cause: error },
    );
  }
}

function toTensor(value: Value): ort.Tensor {
  return new ort.Tensor(value.type as 'float32', value.data as Float32Array, [...value.dims]);
}
