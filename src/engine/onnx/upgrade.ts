import { create } from '@bufbuild/protobuf';
import { RobustnessError } from '../error';
import {
  attributeProto,
  floatAttribute,
  floatsAttribute,
  hasAttribute,
  intAttribute,
  intsAttribute,
} from './attribute';
import { GraphBuilder } from './builder';
import { dropoutMark } from './dropoutMark';
import { type GraphProto, GraphProtoSchema, type NodeProto, NodeProtoSchema } from './generated/onnx_pb';
import { isStandard, targetOpset } from './opset';
import { type Constant, toConstant, toTensorProto } from './tensor';

const oldestOpset = 7;

/** What one operator's meaning needs to be carried from an older opset to {@link targetOpset}; returns nodes in its place. */
type Upgrade = (
  node: NodeProto,
  opset: number,
  builder: GraphBuilder,
  constant: (name: string) => Constant | undefined,
) => NodeProto | undefined;

/**
 * Brings a graph to {@link targetOpset}: attributes that became inputs, defaults that changed, operators that were
 * renamed (ONNX changelog). Constant nodes become initializers, Dropout becomes Identity, or what it is made of where a
 * file leaves it in training mode. The input graph is not changed;
 * weights are shared. Newer graphs keep their own opset.
 *
 * @throws `model/old-opset` below opset 7, whose broadcasting was another.
 */
export function upgradeGraph(graph: GraphProto, opset: number): GraphProto {
  if (opset < oldestOpset) {
    throw new RobustnessError(
      'model/old-opset',
      `The model uses opset ${opset}; the oldest that can be read is ${oldestOpset}.`,
      'Convert it with onnx.version_converter.convert_version(model, 13).',
    );
  }
  const initializers = new Set(graph.initializer.map((tensor) => tensor.name));
  const outputs = new Set(graph.output.map((output) => output.name));
  const upgraded = create(GraphProtoSchema, {
    name: graph.name,
    // IR 3 listed every initializer among the inputs.
    input: graph.input.filter((input) => !initializers.has(input.name)),
    output: [...graph.output],
    initializer: [...graph.initializer],
  });
  const builder = new GraphBuilder(create(GraphProtoSchema, { ...upgraded, node: [...graph.node], initializer: [] }));
  const constantOf = (name: string) => {
    const tensor = upgraded.initializer.find((each) => each.name === name);
    return tensor && toConstant(tensor);
  };
  for (const node of graph.node) {
    // ONNX Runtime refuses an initializer as an output of a graph.
    const constant = node.opType === 'Constant' && !outputs.has(node.output[0]!) ? constantValue(node) : undefined;
    if (constant) {
      upgraded.initializer.push(constant);
      continue;
    }
    // Nodes that an upgrade adds through the builder must come before the node that uses them.
    builder.graph.node = [];
    const rule = isStandard(node) && opset < targetOpset ? upgrades[node.opType] : alwaysUpgrades[node.opType];
    const replacement = rule?.(node, opset, builder, constantOf) ?? node;
    upgraded.node.push(...builder.graph.node, upgradeSubgraphs(replacement, opset));
  }
  upgraded.initializer.push(...builder.graph.initializer);
  return upgraded;
}

function upgradeSubgraphs(node: NodeProto, opset: number): NodeProto {
  if (!node.attribute.some((attribute) => attribute.g)) return node;
  return replace(node, {
    attribute: node.attribute.map((a) => (a.g ? copyWith(a, { g: upgradeGraph(a.g, opset) }) : a)),
  });
}

function constantValue(node: NodeProto) {
  const name = node.output[0]!;
  const attribute = node.attribute[0];
  const values: Record<string, () => Constant> = {
    value_float: () => ({ type: 'float32', dims: [], data: Float32Array.of(attribute!.f) }),
    value_floats: () => ({
      type: 'float32',
      dims: [attribute!.floats.length],
      data: Float32Array.from(attribute!.floats),
    }),
    value_int: () => ({ type: 'int64', dims: [], data: BigInt64Array.of(attribute!.i) }),
    value_ints: () => ({ type: 'int64', dims: [attribute!.ints.length], data: BigInt64Array.from(attribute!.ints) }),
  };
  if (attribute?.name === 'value' && attribute.t) return copyWith(attribute.t, { name });
  const make = attribute && values[attribute.name];
  return make && toTensorProto(name, make());
}

/** A shallow copy: fields that were never set have their defaults on the prototype, which a spread would lose. */
export function copyWith<T extends object>(message: T, changes: Partial<T>): T {
  return Object.assign(Object.create(Object.getPrototypeOf(message)) as T, message, changes);
}

function replace(node: NodeProto, changes: Partial<NodeProto>): NodeProto {
  return create(NodeProtoSchema, {
    name: node.name,
    opType: node.opType,
    domain: node.domain,
    input: node.input,
    output: node.output,
    attribute: node.attribute,
    ...changes,
  } as never);
}

const without = (node: NodeProto, ...names: string[]) => node.attribute.filter((a) => !names.includes(a.name));

/** `axes` moved from an attribute to the second input. */
function axesToInput(since: number): Upgrade {
  return (node, opset, builder) => {
    if (opset >= since) return undefined;
    const axes = intsAttribute(node, 'axes');
    return replace(node, {
      input: axes ? [node.input[0]!, builder.ints(axes)] : [node.input[0]!],
      attribute: without(node, 'axes'),
    });
  };
}

/** Before opset 13 these worked on the input flattened to two dimensions at `axis` (default 1). */
const flattenedAxis: Upgrade = (node, opset, builder) => {
  if (opset >= 13) return undefined;
  const [x, y] = [node.input[0]!, node.output[0]!];
  const shape = builder.op('Shape', [x]);
  const flat = builder.op('Flatten', [x], { axis: intAttribute(node, 'axis', 1) });
  const result = builder.op(node.opType, [flat], { axis: -1 });
  return replace(node, { opType: 'Reshape', input: [result, shape], output: [y], attribute: [] });
};

const dropout: Upgrade = (node, _opset, builder, constant) => {
  const [x, ratio = '', training = ''] = node.input;
  const [y, mask = ''] = node.output;
  if (training === '' || Number(constant(training)?.data[0] ?? 0) === 0)
    return replace(node, { opType: 'Identity', input: [x!], output: [y!], attribute: [] });
  // What is kept is scaled up, so that the mean stays (Srivastava et al. 2014, §10). The same operators as in the file's own
  // would be one node without a derivative.
  const kept = builder.op('Sub', [builder.scalar(1), ratio === '' ? builder.scalar(0.5) : ratio]);
  const drawn = builder.fresh('drawn');
  builder.graph.node.push(
    create(NodeProtoSchema, {
      name: drawn,
      opType: 'RandomUniformLike',
      input: [x!],
      output: [drawn],
      docString: dropoutMark,
    }),
  );
  const keep = mask === '' ? builder.fresh('keep') : mask;
  builder.named('Less', [drawn, kept], keep);
  const scaled = builder.op('Div', [x!, kept]);
  return replace(node, { opType: 'Where', input: [keep, scaled, builder.scalar(0)], output: [y!], attribute: [] });
};

const alwaysUpgrades: Readonly<Record<string, Upgrade>> = { Dropout: dropout };

const upgrades: Readonly<Record<string, Upgrade>> = {
  ...alwaysUpgrades,
  Squeeze: axesToInput(13),
  Unsqueeze: axesToInput(13),
  ReduceSum: axesToInput(13),
  ...Object.fromEntries(
    ['Mean', 'Max', 'Min', 'Prod', 'L1', 'L2', 'LogSum', 'LogSumExp', 'SumSquare'].map((name) => [
      `Reduce${name}`,
      axesToInput(18),
    ]),
  ),
  Softmax: flattenedAxis,
  LogSoftmax: flattenedAxis,
  Hardmax: flattenedAxis,
  Split(node, opset, builder) {
    const sizes = opset < 13 ? intsAttribute(node, 'split') : undefined;
    if (sizes)
      return replace(node, { input: [node.input[0]!, builder.ints(sizes)], attribute: without(node, 'split') });
    if (node.input[1] || hasAttribute(node, 'num_outputs')) return undefined;
    return replace(node, { attribute: [...node.attribute, attributeProto('num_outputs', node.output.length)] });
  },
  Slice(node, opset, builder) {
    if (opset >= 10) return undefined;
    const starts = intsAttribute(node, 'starts') ?? [];
    const axes = intsAttribute(node, 'axes') ?? starts.map((_, i) => i);
    return replace(node, {
      input: [
        node.input[0]!,
        builder.ints(starts),
        builder.ints(intsAttribute(node, 'ends') ?? []),
        builder.ints(axes),
      ],
      attribute: [],
    });
  },
  Pad(node, opset, builder) {
    if (opset >= 11) return undefined;
    const value = floatAttribute(node, 'value', 0);
    return replace(node, {
      input: [node.input[0]!, builder.ints(intsAttribute(node, 'pads') ?? []), builder.scalar(value)],
      attribute: without(node, 'pads', 'value'),
    });
  },
  Clip(node, opset, builder) {
    if (opset >= 11) return undefined;
    const bound = (name: string) => (hasAttribute(node, name) ? builder.scalar(floatAttribute(node, name, 0)) : '');
    return replace(node, { input: [node.input[0]!, bound('min'), bound('max')], attribute: [] });
  },
  TopK(node, opset, builder) {
    if (opset >= 10) return undefined;
    return replace(node, {
      input: [node.input[0]!, builder.ints([intAttribute(node, 'k', 1)])],
      attribute: without(node, 'k'),
    });
  },
  BatchNormalization(node) {
    return replace(node, {
      output: [node.output[0]!],
      attribute: without(node, 'spatial', 'is_test', 'consumed_inputs'),
    });
  },
  Upsample(node, opset, builder) {
    const scales = opset < 9 ? builder.floats(floatsAttribute(node, 'scales') ?? []) : node.input[1]!;
    return resizeAsBefore11(node, scales);
  },
  Resize(node, opset) {
    return opset < 11 ? resizeAsBefore11(node, node.input[1]!) : undefined;
  },
  Scatter(node) {
    return replace(node, { opType: 'ScatterElements' });
  },
};

function resizeAsBefore11(node: NodeProto, scales: string): NodeProto {
  return replace(node, {
    opType: 'Resize',
    input: [node.input[0]!, '', scales],
    attribute: [
      ...node.attribute.filter((a) => a.name === 'mode'),
      attributeProto('coordinate_transformation_mode', 'asymmetric'),
      attributeProto('nearest_mode', 'floor'),
    ],
  });
}
