import { create, toBinary } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { RobustnessError } from '../../../../src/engine/error';
import { attributeProto, float } from '../../../../src/engine/onnx/attribute';
import type { GraphBuilder } from '../../../../src/engine/onnx/builder';
import {
  type AttributeProto,
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  type FunctionProto,
  FunctionProtoSchema,
  GraphProtoSchema,
  ModelProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  OperatorSetIdProtoSchema,
  ValueInfoProtoSchema,
} from '../../../../src/engine/onnx/generated/onnx_pb';
import { checkFunctions, inlineFunctions } from '../../../../src/engine/onnx/lower/functions';
import { upgradeGraph } from '../../../../src/engine/onnx/upgrade';
import { createSession } from '../../../../src/engine/runtime';
import { gradientApart, graphOf, lower, type Native, numbersApart, operatorsOf, protoOf } from './lowered';

const domain = 'local.functions';

const node = (opType: string, input: string[], output: string[], attribute: AttributeProto[] = [], own = '') =>
  create(NodeProtoSchema, { opType, input, output, attribute, domain: own });
const call = (name: string, input: string[], output: string[], attribute: AttributeProto[] = []) =>
  node(name, input, output, attribute, domain);
const reference = (name: string, refAttrName: string, type: AttributeProto_AttributeType) =>
  create(AttributeProtoSchema, { name, refAttrName, type });

interface Definition {
  readonly input?: string[];
  readonly output?: string[];
  readonly attribute?: string[];
  readonly defaults?: AttributeProto[];
  readonly opset?: number;
}

const define = (name: string, nodes: NodeProto[], rest: Definition = {}): FunctionProto =>
  create(FunctionProtoSchema, {
    name,
    domain,
    input: rest.input ?? ['a'],
    output: rest.output ?? ['b'],
    attribute: rest.attribute ?? [],
    attributeProto: rest.defaults ?? [],
    node: nodes,
    opsetImport: [
      create(OperatorSetIdProtoSchema, { version: BigInt(rest.opset ?? 18) }),
      create(OperatorSetIdProtoSchema, { domain, version: 1n }),
    ],
  });

function native(functions: FunctionProto[], nodes: NodeProto[], opset = 18): Native {
  const graph = graphOf(['N', 3], (b: GraphBuilder) => {
    b.graph.node.push(...nodes);
    return ['y'];
  });
  return {
    proto: protoOf(graph, { functions, domains: [domain], opset }),
    graph,
    x: { dims: [2, 3], data: Float32Array.of(-1.2, 0.3, 0.7, 1.4, -0.4, 2.1) },
  };
}

/** Inlined and lowered, the numbers and the gradient are those of the model with its functions. */
async function agrees(model: Native): Promise<Set<string>> {
  checkFunctions(model.proto);
  const opset = Number(model.proto.opsetImport[0]!.version);
  const inlined = inlineFunctions(model.proto, upgradeGraph(model.graph, opset));
  expect(inlined.node.filter((n) => n.domain === domain)).toEqual([]);
  const { graph, left } = await lower({ ...model, graph: inlined });
  expect(left).toEqual([]);
  expect(await numbersApart(model, graph)).toBeLessThan(1e-6);
  expect(await gradientApart(model, graph)).toBeLessThan(0.01);
  return operatorsOf(graph);
}

describe('model-local functions', () => {
  it('are inlined where they call each other, with names that clash', async () => {
    const inner = define('Inner', [node('Sin', ['x'], ['t']), node('Mul', ['t', 'x'], ['y'])], {
      input: ['x'],
      output: ['y'],
    });
    const outer = define('Outer', [
      call('Inner', ['a'], ['t']),
      call('Inner', ['t'], ['y']),
      node('Add', ['y', 't'], ['b']),
    ]);
    const operators = await agrees(
      native([inner, outer], [call('Outer', ['x'], ['t']), call('Outer', ['t'], ['u']), node('Tanh', ['u'], ['y'])]),
    );
    expect(operators).toEqual(new Set(['Sin', 'Mul', 'Add', 'Tanh']));
  });

  it('take attributes by reference, and defaults where the call has none', async () => {
    const { FLOAT, INT } = AttributeProto_AttributeType;
    const f = define(
      'Leak',
      [
        node('LeakyRelu', ['a'], ['t'], [reference('alpha', 'slope', FLOAT)]),
        // Left out by the call and without a default: the operator's own default holds.
        node('Elu', ['t'], ['e'], [reference('alpha', 'absent', FLOAT)]),
        node('Constant', [], ['k'], [reference('value_float', 'factor', FLOAT)]),
        node('Mul', ['e', 'k'], ['m']),
        node('Softmax', ['m'], ['b'], [reference('axis', 'axis', INT)]),
      ],
      { attribute: ['slope', 'absent', 'axis'], defaults: [attributeProto('factor', float(3))] },
    );
    await agrees(
      native(
        [f],
        [
          call('Leak', ['x'], ['t'], [attributeProto('slope', 0.25), attributeProto('axis', 1)]),
          call(
            'Leak',
            ['t'],
            ['y'],
            [attributeProto('slope', 0.5), attributeProto('axis', 0), attributeProto('factor', 1.5)],
          ),
        ],
      ),
    );
  });

  it('may leave inputs out, and give outputs that nothing reads', async () => {
    const f = define('Bounded', [node('Clip', ['a', 'low', 'high'], ['b']), node('Exp', ['b'], ['c'])], {
      input: ['a', 'low', 'high'],
      output: ['b', 'c'],
    });
    const graph = native(
      [f],
      [
        node('Constant', [], ['one'], [attributeProto('value_float', float(1))]),
        call('Bounded', ['x', '', 'one'], ['', 't']),
        call('Bounded', ['t', '', ''], ['y', 'unread']),
      ],
    );
    await agrees(graph);
  });

  it('are upgraded from their own operator set', async () => {
    const f = define(
      'Old',
      [node('ReduceMax', ['a'], ['t'], [attributeProto('axes', [1])]), node('Sub', ['a', 't'], ['b'])],
      { opset: 13 },
    );
    await agrees(native([f], [call('Old', ['x'], ['y'])], 13));
  });

  it('reach into branches, and branches of theirs are inlined', async () => {
    const branch = (name: string, nodes: NodeProto[], output: string) =>
      create(AttributeProtoSchema, {
        name,
        type: AttributeProto_AttributeType.GRAPH,
        g: create(GraphProtoSchema, { name, node: nodes, output: [create(ValueInfoProtoSchema, { name: output })] }),
      });
    const twice = define('Twice', [node('Add', ['a', 'a'], ['b'])]);
    const choose = define(
      'Choose',
      [
        node('Constant', [], ['zero'], [attributeProto('value_int', 0)]),
        node('Constant', [], ['k'], [reference('value_int', 'which', AttributeProto_AttributeType.INT)]),
        node('Greater', ['k', 'zero'], ['condition']),
        node(
          'If',
          ['condition'],
          ['b'],
          [
            branch('then_branch', [call('Twice', ['a'], ['t']), node('Sin', ['t'], ['then'])], 'then'),
            branch('else_branch', [node('Cos', ['a'], ['t']), node('Neg', ['t'], ['else'])], 'else'),
          ],
        ),
      ],
      { attribute: ['which'] },
    );
    // `t` and `then` are names of the caller too.
    const operators = await agrees(
      native(
        [twice, choose],
        [
          call('Choose', ['x'], ['t'], [attributeProto('which', 1)]),
          call('Choose', ['t'], ['then'], [attributeProto('which', 0)]),
          node('Mul', ['t', 'then'], ['y']),
        ],
      ),
    );
    expect([...operators].sort()).toEqual(['Add', 'Cos', 'Mul', 'Neg', 'Sin']);
  });

  it('of operator sets that the model has not stay', () => {
    const f = define('Newer', [node('Relu', ['a'], ['b'])], { opset: 99 });
    const model = native([f], [call('Newer', ['x'], ['y'])]);
    expect(inlineFunctions(model.proto, model.graph).node.map((n) => n.opType)).toEqual(['Newer']);
  });

  it('a graph without them is left alone', () => {
    const model = native([], [node('Relu', ['x'], ['y'])]);
    expect(inlineFunctions(model.proto, model.graph)).toBe(model.graph);
  });
});

describe('hostile functions', () => {
  const refusal = (functions: FunctionProto[], start = 'F0'): string => {
    const model = native(functions, [call(start, ['x'], ['y'])]);
    try {
      checkFunctions(model.proto);
      return 'accepted';
    } catch (error) {
      if (!RobustnessError.is(error, 'model/functions')) throw error;
      expect(error.hint).not.toBe('');
      return error.message;
    }
  };
  const chain = (length: number, calls: number) =>
    Array.from({ length }, (_, i) => {
      if (i === length - 1) return define(`F${i}`, [node('Relu', ['a'], ['b'])]);
      const names = ['a', ...Array.from({ length: calls - 1 }, (_, k) => `t${k}`), 'b'];
      return define(
        `F${i}`,
        Array.from({ length: calls }, (_, k) => call(`F${i + 1}`, [names[k]!], [names[k + 1]!])),
      );
    });

  it('that call themselves, directly or through others, are refused', () => {
    expect(refusal([define('F0', [call('F0', ['a'], ['b'])])])).toContain('calls itself');
    const mutual = [define('F0', [call('F1', ['a'], ['b'])]), define('F1', [call('F0', ['a'], ['b'])])];
    expect(refusal(mutual)).toContain('calls itself');
  });

  it('thirty that each call the next twice, a billion operators, are refused at once', () => {
    expect(refusal(chain(30, 2))).toContain('more than 50,000 operators');
    expect(refusal(chain(12, 2))).toBe('accepted');
  });

  it('2000 deep are refused', () => {
    expect(refusal(chain(2000, 1))).toContain('called through more than 32 others');
    expect(refusal(chain(20_000, 1))).toContain('called through more than 32 others');
  });

  it('that are missing stay, and ONNX Runtime says so', async () => {
    const model = native([], [call('Nowhere', ['x'], ['y'])]);
    expect(inlineFunctions(model.proto, model.graph)).toBe(model.graph);
    const error = await createSession(toBinary(ModelProtoSchema, model.proto)).catch((thrown: unknown) => thrown);
    expect(RobustnessError.is(error, 'model/not-loadable')).toBe(true);
  });
});
