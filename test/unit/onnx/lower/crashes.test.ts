import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { create, toBinary } from '@bufbuild/protobuf';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inspectModel } from '../../../../src/engine/model';
import { attributeProto } from '../../../../src/engine/onnx/attribute';
import { floatValueInfo, type GraphBuilder } from '../../../../src/engine/onnx/builder';
import {
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  FunctionProtoSchema,
  GraphProtoSchema,
  type ModelProto,
  ModelProtoSchema,
  type NodeProto,
  NodeProtoSchema,
} from '../../../../src/engine/onnx/generated/onnx_pb';
import { graphOf, protoOf } from './lowered';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'crashes-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const domain = 'com.microsoft';
const width = 4;

const attention = (input: string[], output: string) =>
  create(NodeProtoSchema, {
    domain,
    opType: 'Attention',
    name: 'self',
    input,
    output: [output],
    attribute: [attributeProto('num_heads', 1)],
  });

type Place = (
  b: GraphBuilder,
  node: (output: string) => NodeProto,
  edit: (change: (proto: ModelProto) => void) => void,
) => string;

const direct: Place = (b, node) => {
  b.graph.node.push(node('attended'));
  return 'attended';
};

async function save(name: string, bias: 'zeros' | 'empty' | 'absent', place: Place = direct): Promise<string> {
  const edits: ((p: ModelProto) => void)[] = [];
  const graph = graphOf(['N', 3, width], (b) => {
    const weights = b.floats(
      Array.from({ length: 3 * width * width }, (_, i) => Math.sin(i)),
      [width, 3 * width],
    );
    const third = { zeros: [b.floats(new Float32Array(3 * width))], empty: [''], absent: [] }[bias];
    const y = place(
      b,
      (output) => attention(['x', weights, ...third], output),
      (edit) => edits.push(edit),
    );
    return [b.op('ReduceMean', [y, b.ints([1])], { keepdims: 0 })];
  });
  graph.output = [floatValueInfo(graph.output[0]!.name, ['N', width])];
  const proto = protoOf(graph, { domains: [domain, 'own'] });
  for (const edit of edits) edit(proto);
  const file = path.join(folder, `${name}.onnx`);
  await writeFile(file, toBinary(ModelProtoSchema, proto));
  return file;
}

const inBranch: Place = (b, node) => {
  const g = create(GraphProtoSchema, { name: 'g', node: [node('y')], output: [floatValueInfo('y', ['N', 3, width])] });
  const type = AttributeProto_AttributeType.GRAPH;
  const chosen = b.op('If', [b.op('Cast', [b.scalar(1)], { to: 9 })]);
  b.graph.node.at(-1)!.attribute = ['then_branch', 'else_branch'].map((name) =>
    create(AttributeProtoSchema, { name, type, g }),
  );
  return chosen;
};

const inFunction: Place = (b, node, edit) => {
  const inner = node('y');
  const [x, weights] = inner.input as [string, string];
  inner.input = ['x', 'w'];
  edit((proto) => {
    proto.functions.push(
      create(FunctionProtoSchema, {
        name: 'Block',
        domain: 'own',
        input: ['x', 'w'],
        output: ['y'],
        node: [inner],
        opsetImport: proto.opsetImport,
      }),
    );
  });
  b.graph.node.push(
    create(NodeProtoSchema, { opType: 'Block', domain: 'own', input: [x, weights], output: ['called'] }),
  );
  return 'called';
};

describe('a file that would end the process', () => {
  it.each([
    ['absent', 'absent', direct],
    ['empty', 'empty', direct],
    ['branch', 'absent', inBranch],
    ['function', 'absent', inFunction],
  ] as const)('is refused by name: Attention without a bias (%s)', async (name, bias, place) => {
    const refused = expect(inspectModel(await save(name, bias, place))).rejects;
    await refused.toMatchObject({ code: 'model/crashes-runtime', message: expect.stringContaining('"self"') });
  });

  it('opens with a bias', async () => {
    const { facts } = await inspectModel(await save('with', 'zeros'));
    expect(facts.gradient.available).toBe(true);
  });

  it('still ends it: the refusal goes when ONNX Runtime is mended', async () => {
    const script = `
      const ort = require('onnxruntime-node');
      ort.InferenceSession.create(process.argv[1])
        .then((s) => s.run({ x: new ort.Tensor('float32', new Float32Array(${3 * width}), [1, 3, ${width}]) }))
        .then(() => console.log('ran'));`;
    const run = (file: string) => spawnSync(process.execPath, ['-e', script, file], { encoding: 'utf8' });
    expect(run(await save('safe', 'zeros'))).toMatchObject({ status: 0, stdout: 'ran\n' });
    expect(run(await save('unsafe', 'absent')).stdout).toBe('');
  });
});
