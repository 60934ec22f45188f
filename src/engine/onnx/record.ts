import { create } from '@bufbuild/protobuf';
import type { RecordLayout } from '../data/types';
import { RobustnessError } from '../error';
import type { Session, Value } from '../runtime';
import type { Preprocess } from '../spec/schema';
import { exampleShape, tensor } from './batch';
import { floatValueInfo, GraphBuilder } from './builder';
import { constantMark } from './constantMark';
import { type GraphProto, GraphProtoSchema, NodeProtoSchema, TensorProto_DataType } from './generated/onnx_pb';
import type { Border } from './inspect';
import { elementCount } from './tensor';

/** Name of the one input that {@link joinInputs} makes of several. */
export const recordInput = 'ri_record';

/** One input of a model that takes several, as a stretch of the record that holds an example's inputs one after another. */
export interface RecordPart {
  readonly input: Border;
  /** Of one example, as the model takes it. */
  readonly shape: readonly number[];
  /** Attacks change it; the others are passed through from the data as they are. */
  readonly perturbed: boolean;
  /** What one example of the data holds there. */
  readonly example?: Float32Array;
}

const castTypes: Readonly<Record<string, number>> = {
  float: TensorProto_DataType.FLOAT,
  double: TensorProto_DataType.DOUBLE,
  float16: TensorProto_DataType.FLOAT16,
  int64: TensorProto_DataType.INT64,
  int32: TensorProto_DataType.INT32,
  int8: TensorProto_DataType.INT8,
  uint8: TensorProto_DataType.UINT8,
  bool: TensorProto_DataType.BOOL,
};

/**
 * The parts of a model's record: as the data have them, or, without data, every input as the model declares it, the float
 * ones perturbed.
 *
 * @throws `model/inputs` where data and model do not agree, or where no input is a float.
 */
export function recordParts(inputs: readonly Border[], layout: RecordLayout | undefined): RecordPart[] {
  const isFloat = (input: Border) => ['float', 'double', 'float16'].includes(input.type);
  if (!layout) {
    const parts = inputs.map((input) => ({ input, shape: exampleShape(input), perturbed: isFloat(input) }));
    if (!parts.some(({ perturbed }) => perturbed)) throw nothingToPerturb(inputs);
    return [...parts.filter(({ perturbed }) => perturbed), ...parts.filter(({ perturbed }) => !perturbed)];
  }
  const missing = inputs.find(({ name }) => !layout.parts.some(({ input }) => input === name));
  if (missing) throw disagree(inputs, `The data give nothing for the model's input "${missing.name}".`);
  let from = 0;
  return layout.parts.map(({ input: name, shape, perturbed }) => {
    const example = layout.example?.subarray(from, from + elementCount(shape));
    from += elementCount(shape);
    const input = inputs.find((each) => each.name === name);
    if (!input) throw disagree(inputs, `The model has no input "${name}".`);
    const declared = input.shape.slice(1);
    const fits =
      declared.length === shape.length && declared.every((dim, i) => typeof dim === 'string' || dim === shape[i]);
    if (!fits) {
      throw disagree(
        inputs,
        `The input "${name}" takes [${declared.join(', ')}] an example, the data give [${shape.join(', ')}].`,
      );
    }
    if (perturbed && !isFloat(input)) {
      throw disagree(inputs, `The input "${name}" is ${input.type}, and perturbations need numbers with a fraction.`);
    }
    return { input, shape, perturbed, ...(example ? { example } : {}) };
  });
}

function disagree(inputs: readonly Border[], what: string): RobustnessError {
  const list = inputs.map(({ name, type, shape }) => `${name}: ${type} [${shape.join(', ')}]`).join('; ');
  return new RobustnessError(
    'model/inputs',
    what,
    `Map an array to each input under \`data.test.inputs\`, and name in \`perturb\` those that attacks change. The model takes ${list}.`,
  );
}

function nothingToPerturb(inputs: readonly Border[]): RobustnessError {
  return new RobustnessError(
    'model/inputs',
    `None of the model's inputs (${inputs.map(({ name, type }) => `${name}: ${type}`).join(', ')}) is a float tensor that could be perturbed.`,
    'Export the part of the model that starts at its first float tensor (for text: after the embedding).',
  );
}

/**
 * Pre-processing of a record, a value a number: the perturbed inputs by the mean and deviation stated (one value, one a
 * channel of the only perturbed input, or one a number), the others as they are.
 *
 * @throws `spec/preprocess`
 */
export function recordPreprocess({ parts }: RecordLayout, preprocess: Preprocess): Preprocess {
  const free = parts.filter(({ perturbed }) => perturbed);
  const size = free.reduce((sum, { shape }) => sum + elementCount(shape), 0);
  const held = parts.reduce((sum, { shape }) => sum + elementCount(shape), 0) - size;
  const [only, ...others] = free;
  const shape = others.length === 0 ? (only?.shape ?? []) : [];
  const last = preprocess.layout === 'nhwc';
  const channels = (last ? shape.at(-1) : shape[0]) ?? 1;
  const spread = (name: 'mean' | 'std', neutral: number): number[] => {
    const values = preprocess[name];
    if (values.length !== 1 && values.length !== channels && values.length !== size) {
      throw new RobustnessError(
        'spec/preprocess',
        `\`preprocess.${name}\` has ${values.length} values for perturbed inputs of ${size} numbers${shape.length > 0 ? ` in ${channels} channels` : ''}.`,
        'Give one value, one a channel, or one a number.',
      );
    }
    const plane = size / channels;
    const at = (i: number) =>
      values.length === 1 ? 0 : values.length === size ? i : last ? i % channels : Math.floor(i / plane);
    return Array.from({ length: size + held }, (_, i) => (i < size ? values[at(i)]! : neutral));
  };
  return { ...preprocess, layout: 'flat', mean: spread('mean', 0), std: spread('std', 1) };
}

/** Numbers that one example's record holds. */
export function recordSize(parts: readonly RecordPart[]): number {
  return parts.reduce((sum, { shape }) => sum + elementCount(shape), 0);
}

/** Numbers at the front of a record that attacks may change: the perturbed inputs come first. */
export function freeSize(parts: readonly RecordPart[]): number {
  return recordSize(parts.filter(({ perturbed }) => perturbed));
}

/**
 * A graph with the one input {@link recordInput} [N, record] in place of several, which it cuts, shapes and casts.
 *
 * @throws `model/inputs` for an input whose type cannot be carried in a float32.
 */
export function joinInputs(graph: GraphProto, parts: readonly RecordPart[], batch: number | 'N'): GraphProto {
  const names = new Set(parts.map(({ input }) => input.name));
  const front = new GraphBuilder(create(GraphProtoSchema, { ...graph, node: [], initializer: [...graph.initializer] }));
  front.reserve(graph);
  let from = 0;
  for (const { input, shape, perturbed } of parts) {
    const to = castTypes[input.type];
    if (to === undefined) throw unsupported(input);
    const end = from + elementCount(shape);
    const cut = front.op('Slice', [recordInput, front.ints([from]), front.ints([end]), front.ints([1])]);
    const shaped = front.op('Reshape', [cut, front.ints([-1, ...shape])]);
    const entry = to === TensorProto_DataType.FLOAT ? shaped : front.op('Cast', [shaped], { to });
    front.graph.node.push(
      create(NodeProtoSchema, {
        opType: 'Identity',
        name: `${input.name}_entry`,
        input: [entry],
        output: [input.name],
        docString: perturbed ? '' : constantMark,
      }),
    );
    from = end;
  }
  return create(GraphProtoSchema, {
    ...graph,
    input: [
      floatValueInfo(recordInput, [batch, recordSize(parts)]),
      ...graph.input.filter(({ name }) => !names.has(name)),
    ],
    node: [...front.graph.node, ...graph.node],
    initializer: front.graph.initializer,
  });
}

/** How the record looks from outside: one float input. */
export function recordBorder(parts: readonly RecordPart[]): Border {
  const first = parts[0]?.input.shape[0];
  return {
    name: recordInput,
    type: 'float',
    typical: Float32Array.from(parts.flatMap((part) => typicalOf(part))),
    shape: [typeof first === 'number' ? first : 'N', recordSize(parts)],
  };
}

/** Ids, lengths and masks of 1 where the data say nothing: 0 would often mean that there is nothing to compute. */
function typicalOf({ input, shape, perturbed, example }: RecordPart): number[] {
  const size = elementCount(shape);
  if (!perturbed && example) return [...example];
  const anything = ['float', 'double', 'float16'].includes(input.type);
  return Array<number>(size).fill(anything ? Number.NaN : 1);
}

/** The untouched model behind one input: records are cut up in TypeScript, apart from the graph that does the same. */
export function recordSession(session: Session, parts: readonly RecordPart[]): Session {
  return {
    ...session,
    inputs: [recordInput],
    run(feeds, fetches) {
      const record = feeds[recordInput];
      if (!record) return session.run(feeds, fetches);
      return session.run(cutRecord(parts, record.data as Float32Array, record.dims[0] ?? 1), fetches);
    },
    release: () => session.release(),
  };
}

/** @param x [n, record] */
export function cutRecord(parts: readonly RecordPart[], x: Float32Array, n: number): Record<string, Value> {
  const size = recordSize(parts);
  const feeds: Record<string, Value> = {};
  let from = 0;
  for (const { input, shape } of parts) {
    const count = elementCount(shape);
    const values = new Float32Array(n * count);
    for (let i = 0; i < n; i++) {
      values.set(x.subarray(i * size + from, i * size + from + count), i * count);
    }
    feeds[input.name] = typedValue(input, [n, ...shape], values);
    from += count;
  }
  return feeds;
}

function typedValue(input: Border, dims: readonly number[], values: Float32Array): Value {
  switch (input.type) {
    case 'int64':
      return { type: 'int64', dims, data: BigInt64Array.from(values, (v) => BigInt(Math.trunc(v))) };
    case 'int32':
      return { type: 'int32', dims, data: Int32Array.from(values) };
    case 'int8':
      return { type: 'int8', dims, data: Int8Array.from(values) };
    case 'uint8':
      return { type: 'uint8', dims, data: Uint8Array.from(values) };
    case 'bool':
      return { type: 'bool', dims, data: Uint8Array.from(values, (v) => (v === 0 ? 0 : 1)) };
    default:
      return tensor(input, dims, values);
  }
}

function unsupported(input: Border): RobustnessError {
  return new RobustnessError(
    'model/inputs',
    `The model's input "${input.name}" is ${input.type}, which cannot be passed through.`,
    `Inputs may be ${Object.keys(castTypes).join(', ')}; export the model with this input fixed.`,
  );
}
