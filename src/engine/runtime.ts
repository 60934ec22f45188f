import * as ort from 'onnxruntime-node';
import { RobustnessError } from './error';
import { weightsFolder } from './onnx/weights';

// What goes wrong is in the errors; on standard error it would come a second time, in colours.
ort.env.logLevel = 'fatal';
halvesAsBits();

/**
 * onnxruntime-common chooses the array type of float16 tensors once, when the first tensor is made: Float16Array where the
 * engine has it. The native binding cannot read that type ("not enough space: expected 301056, got 0", 1.30 on Node 24),
 * so the choice is made without it: float16 tensors hold their bits in a Uint16Array.
 */
function halvesAsBits(): void {
  const scope = globalThis as { Float16Array?: unknown };
  const native = scope.Float16Array;
  delete scope.Float16Array;
  try {
    new ort.Tensor('float32', Float32Array.of(0), [1]);
  } finally {
    if (native !== undefined) scope.Float16Array = native;
  }
}

/** A tensor at the border to ONNX Runtime. */
export interface Value {
  readonly type: string;
  readonly dims: readonly number[];
  readonly data: Float32Array | Float64Array | BigInt64Array | Int32Array | Uint8Array | Uint16Array | Int8Array;
}

export interface Session {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Element types of the outputs, by name; sequences and the like are left out. */
  readonly outputTypes: ReadonlyMap<string, string>;
  /** Runs the graph; `fetches` limits what is computed and copied out. */
  run(feeds: Readonly<Record<string, Value>>, fetches?: readonly string[]): Promise<Record<string, Value>>;
  release(): Promise<void>;
}

export interface SessionOptions {
  /** Threads within an operator; ONNX Runtime's choice (all cores) if absent. */
  readonly threads?: number;
  /** `disabled` keeps the graph as written, which is what a reference run wants. */
  readonly optimization?: 'all' | 'disabled';
  /**
   * Computes on the weights as they lie in their file: no copies of them in layouts that a processor likes better. For
   * large models, whose sessions then share one copy.
   */
  readonly frugal?: boolean;
  /**
   * For graphs of thousands of nodes, such as unrolled layers: passes that find nothing to fuse there take most of the time
   * of loading (12.5 s of a 400-step LSTM's 15 s), and planning memory anew for each batch size takes ten runs' time.
   */
  readonly sprawling?: boolean;
  /** `cpu` if absent. Operators that another provider lacks run on the processor. */
  readonly provider?: ExecutionProvider;
}

/** Where ONNX Runtime computes: the processor, or what an accelerator's library offers. */
export const executionProviders = ['cpu', 'cuda', 'dml', 'coreml', 'webgpu'] as const;
export type ExecutionProvider = (typeof executionProviders)[number];

/** Providers that this platform's binding knows; whether one works shows when a session is made. */
export function knownProviders(): ExecutionProvider[] {
  const known = new Set(ort.listSupportedBackends().map(({ name }) => name));
  return executionProviders.filter((name) => name === 'cpu' || known.has(name));
}

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
  const { optimization = 'all', frugal = false, sprawling = false, provider = 'cpu' } = options;
  const folder = weightsFolder();
  const settings: ort.InferenceSession.SessionOptions = {
    executionProviders: provider === 'cpu' ? ['cpu'] : [provider, 'cpu'],
    // "all" over "extended" is layout: convolutions get a second copy of their kernels in blocks of channels.
    graphOptimizationLevel:
      optimization === 'all' && sprawling ? 'basic' : optimization === 'all' && frugal ? 'extended' : optimization,
    logSeverityLevel: 4,
    // The arena grows by doubling and gives nothing back before the session ends.
    enableMemPattern: !sprawling,
    enableCpuMemArena: !(frugal || optimization === 'disabled'),
    extra: {
      session: {
        // Threads spin within a run, where the next operator is microseconds away, and not between runs.
        force_spinning_stop: '1',
        ...(frugal || optimization === 'disabled' ? { disable_prepacking: '1' } : {}),
        ...(folder === undefined ? {} : { model_external_initializers_file_folder_path: folder }),
      },
      // Folding would keep each transposed or flipped kernel beside its weight.
      ...(frugal ? { optimization: { disable_specified_optimizers: 'ConstantFolding' } } : {}),
    },
    ...(options.threads === undefined ? {} : { intraOpNumThreads: options.threads }),
  };
  const session = await load(model, settings);
  return {
    inputs: session.inputNames,
    outputs: session.outputNames,
    outputTypes: new Map(
      session.outputMetadata.flatMap((output) => (output.isTensor ? [[output.name, output.type] as const] : [])),
    ),
    async run(feeds, fetches) {
      const tensors: Record<string, ort.Tensor> = {};
      for (const [name, value] of Object.entries(feeds)) tensors[name] = toTensor(value);
      const results = await (fetches ? session.run(tensors, [...fetches]) : session.run(tensors)).catch(runFailed);
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
    throw new RobustnessError(
      'model/not-loadable',
      `ONNX Runtime cannot load the model: ${reasonOf(error)}`,
      'Check the file with onnx.checker, or export it again with a newer exporter.',
      { cause: error },
    );
  }
}

/** The first line of a native message, without the source files and signatures that it carries. */
function reasonOf(error: unknown): string {
  const [line = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
  const plain = line.replace(/\/onnxruntime_src\/\S+ [^)]*\)\s*/g, '');
  return plain.length > 300 ? `${plain.slice(0, 300)}…` : plain;
}

function runFailed(error: unknown): never {
  throw new RobustnessError(
    'model/run-failed',
    `ONNX Runtime cannot run the model: ${reasonOf(error)}`,
    'Check that the data have the shape and the range that the model takes.',
    { cause: error },
  );
}

function toTensor(value: Value): ort.Tensor {
  return new ort.Tensor(value.type as 'float32', value.data as Float32Array, [...value.dims]);
}
