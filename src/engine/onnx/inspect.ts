import { RobustnessError } from '../error';
import { type GraphProto, type TensorProto, TensorProto_DataType, type ValueInfoProto } from './generated/onnx_pb';
import { isStandardDomain, operatorName } from './opset';
import type { LoadedModel } from './read';
import { elementCount, typeName } from './tensor';

/** A tensor at the model's border; symbolic dimensions are strings. */
export interface Border {
  readonly name: string;
  /** `float`, `float16`, `int64` ... */
  readonly type: string;
  readonly shape: readonly (number | string)[];
  /** Values of one example to try the model on, NaN where any will do; absent where any will do everywhere. */
  readonly typical?: Float32Array;
}

export interface GraphFacts {
  readonly opset: string;
  readonly inputs: readonly Border[];
  readonly outputs: readonly Border[];
  /** How often each operator occurs, subgraphs included. */
  readonly operators: Readonly<Record<string, number>>;
  readonly parameters: number;
}

/** What a report says of any model: its files, and what can be read off them. */
export function fileFacts(model: LoadedModel, facts: GraphFacts) {
  const border = ({ name, type, shape }: Border) => ({ name, type, shape: [...shape] });
  return {
    path: model.path,
    sha256: model.sha256,
    ...(model.external.length > 0 ? { external: model.external.map((file) => ({ ...file })) } : {}),
    bytes: model.bytes,
    opset: facts.opset,
    inputs: facts.inputs.map(border),
    outputs: facts.outputs.map(border),
    operators: { ...facts.operators },
    parameters: facts.parameters,
  };
}

/** What can be read off the file without running it. */
export function graphFacts(model: LoadedModel): GraphFacts {
  const { proto } = model;
  const initializers = new Set(proto.graph.initializer.map((tensor) => tensor.name));
  const operators: Record<string, number> = {};
  countOperators(proto.graph, operators);
  return {
    opset: proto.opsetImport
      .map(({ domain, version }) => `${isStandardDomain(domain) ? 'ai.onnx' : domain} ${version}`)
      .join(', '),
    inputs: proto.graph.input.filter((input) => !initializers.has(input.name)).map(border),
    outputs: proto.graph.output.map(border),
    operators,
    parameters: proto.graph.initializer
      .filter((tensor) => isFloat(tensor.dataType) || isQuantisedWeight(tensor))
      .reduce((sum, tensor) => sum + elementCount(tensor.dims), 0),
  };
}

/**
 * The one float input that is attacked and the one output that holds the scores, or where there are none the labels.
 *
 * @param record stands for several inputs, where the model takes several.
 * @param wanted name of the output; the first float one if absent, the first of integers if there is no float one.
 * @throws `model/inputs`, `model/no-scores`
 */
export function classifierBorder(
  facts: GraphFacts,
  record?: Border,
  wanted?: string,
): { input: Border; output: Border } {
  const [input, ...others] = record ? [record] : facts.inputs;
  if (!input || others.length > 0) {
    throw new RobustnessError(
      'model/inputs',
      `The model has ${facts.inputs.length} inputs (${facts.inputs.map((i) => i.name).join(', ')}); one is expected.`,
      'Export the model with its other inputs fixed to constants.',
    );
  }
  if (!['float', 'double', 'float16'].includes(input.type)) {
    throw new RobustnessError(
      'model/inputs',
      `The model's input "${input.name}" is ${input.type}, and perturbations need numbers with a fraction.`,
      'Export the part of the model that starts at its first float tensor (for text: after the embedding).',
    );
  }
  const ofTypes = (types: readonly string[]) => facts.outputs.filter(({ type }) => types.includes(type));
  const usable = [...ofTypes(['float', 'double', 'float16']), ...ofTypes(['int64', 'int32', 'uint8', 'int8', 'bool'])];
  const output = usable.find(({ name }) => wanted === undefined || name === wanted);
  if (!output && wanted !== undefined && usable.length > 0) {
    throw new RobustnessError(
      'model/no-scores',
      `The model has no output "${wanted}" of numbers.`,
      `Name one of ${usable.map(({ name }) => name).join(', ')} as \`output\`.`,
    );
  }
  if (!output) {
    throw new RobustnessError(
      'model/no-scores',
      `None of the model's outputs (${facts.outputs.map((o) => `${o.name}: ${o.type}`).join(', ')}) holds scores or labels.`,
      'Export the model so that it returns logits or probabilities (for skl2onnx: zipmap=False).',
    );
  }
  return { input, output };
}

function countOperators(graph: GraphProto, counts: Record<string, number>): void {
  for (const node of graph.node) {
    const name = operatorName(node);
    counts[name] = (counts[name] ?? 0) + 1;
    for (const attribute of node.attribute) {
      if (attribute.g) countOperators(attribute.g, counts);
    }
  }
}

function isFloat(type: number): boolean {
  return [
    TensorProto_DataType.FLOAT,
    TensorProto_DataType.FLOAT16,
    TensorProto_DataType.DOUBLE,
    TensorProto_DataType.BFLOAT16,
  ].includes(type);
}

/** Weights of 4 and 8 bits; a single such number is a zero point. */
function isQuantisedWeight({ dataType, dims }: TensorProto): boolean {
  const small: readonly number[] = [
    TensorProto_DataType.INT8,
    TensorProto_DataType.UINT8,
    TensorProto_DataType.INT4,
    TensorProto_DataType.UINT4,
  ];
  return small.includes(dataType) && dims.length >= 2;
}

function border(info: ValueInfoProto): Border {
  const type = info.type?.value;
  if (type?.case !== 'tensorType') return { name: info.name, type: type?.case ?? 'unknown', shape: [] };
  return {
    name: info.name,
    type: typeName(type.value.elemType),
    shape: (type.value.shape?.dim ?? []).map((dim, i) =>
      dim.value.case === 'dimValue' && dim.value.value > 0n
        ? Number(dim.value.value)
        : dim.value.case === 'dimParam' && dim.value.value
          ? dim.value.value
          : `dim_${i}`,
    ),
  };
}
