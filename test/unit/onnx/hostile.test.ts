import { mkdir, mkdtemp, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { create, toBinary } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RobustnessError } from '../../../src/engine/error';
import { floatValueInfo, GraphBuilder } from '../../../src/engine/onnx/builder';
import {
  GraphProtoSchema,
  ModelProtoSchema,
  OperatorSetIdProtoSchema,
  StringStringEntryProtoSchema,
  type TensorProto,
  TensorProto_DataLocation,
  TensorProto_DataType,
  TensorProtoSchema,
} from '../../../src/engine/onnx/generated/onnx_pb';
import { readModel } from '../../../src/engine/onnx/read';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'hostile-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** x · W with W as given. */
function modelWith(weights: TensorProto): Uint8Array {
  const graph = create(GraphProtoSchema, { input: [floatValueInfo('x', ['N', 4])], initializer: [weights] });
  const builder = new GraphBuilder(graph);
  graph.output = [floatValueInfo(builder.op('MatMul', ['x', weights.name]), ['N', 3])];
  return toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, {
      irVersion: 8n,
      opsetImport: [create(OperatorSetIdProtoSchema, { version: 17n })],
      graph,
    }),
  );
}

const weights = (changes: Partial<TensorProto> = {}) =>
  create(TensorProtoSchema, {
    name: 'W',
    dataType: TensorProto_DataType.FLOAT,
    dims: [4n, 3n],
    rawData: new Uint8Array(48),
    ...changes,
  } as never);

const external = (entries: Record<string, string>) =>
  weights({
    rawData: new Uint8Array(0),
    dataLocation: TensorProto_DataLocation.EXTERNAL,
    externalData: Object.entries(entries).map(([key, value]) => create(StringStringEntryProtoSchema, { key, value })),
  });

async function codeOf(bytes: Uint8Array, name = 'model.onnx'): Promise<string> {
  const file = path.join(folder, name);
  await writeFile(file, bytes);
  return codeOfFile(file);
}

async function codeOfFile(file: string): Promise<string> {
  try {
    await readModel(file);
    return 'read';
  } catch (error) {
    if (!RobustnessError.is(error)) throw error;
    expect(error.message).not.toBe('');
    expect(error.hint).not.toBe('');
    return error.code;
  }
}

describe('reading hostile or broken model files', () => {
  it('reads the honest one', async () => {
    expect(await codeOf(modelWith(weights()))).toBe('read');
  });

  it('refuses an absent file, a folder, an empty file and random bytes', async () => {
    expect(await codeOfFile(path.join(folder, 'absent.onnx'))).toBe('model/unreadable');
    await mkdir(path.join(folder, 'folder.onnx'));
    expect(await codeOfFile(path.join(folder, 'folder.onnx'))).toBe('model/unreadable');
    expect(await codeOf(new Uint8Array(0))).toBe('model/not-onnx');
    expect(await codeOf(Uint8Array.from({ length: 999 }, (_, i) => (i * 73 + 41) % 256))).toBe('model/not-onnx');
  });

  it('refuses a model cut anywhere', async () => {
    const whole = modelWith(weights());
    for (let cut = 1; cut < whole.length; cut += 7) {
      const file = path.join(folder, 'cut.onnx');
      await writeFile(file, whole);
      await truncate(file, cut);
      expect(await codeOfFile(file)).toMatch(/^model\//);
    }
  });

  it('refuses 10 GB declared in 1 KB', async () => {
    expect(await codeOf(modelWith(weights({ dims: [50_000n, 50_000n] })))).toBe('model/bad-tensor');
    expect(await codeOf(modelWith(weights({ dims: [2n ** 40n, 2n ** 40n] })))).toBe('model/bad-tensor');
    expect(await codeOf(modelWith(weights({ dims: [-4n, -3n] })))).toBe('model/bad-tensor');
    expect(await codeOf(modelWith(weights({ rawData: new Uint8Array(0), floatData: [1, 2] })))).toBe(
      'model/bad-tensor',
    );
  });

  it('keeps external data inside the folder of the model', async () => {
    const outside = await mkdtemp(path.join(tmpdir(), 'outside-'));
    await writeFile(path.join(outside, 'secret.bin'), new Uint8Array(48));
    await symlink(path.join(outside, 'secret.bin'), path.join(folder, 'link.bin'));
    for (const location of [
      '../secret.bin',
      '/etc/passwd',
      'C:\\windows\\win.ini',
      'link.bin',
      'absent.bin',
      '',
      `../${path.basename(outside)}/secret.bin`,
    ]) {
      expect(await codeOf(modelWith(external({ location })))).toBe('model/external-data');
    }
    await rm(outside, { recursive: true });
  });

  it('holds offsets and lengths against the external file', async () => {
    await writeFile(path.join(folder, 'weights.bin'), new Uint8Array(64));
    expect(await codeOf(modelWith(external({ location: 'weights.bin', offset: '16', length: '48' })))).toBe('read');
    expect(await codeOf(modelWith(external({ location: 'weights.bin', length: '48' })))).toBe('read');
    expect(await codeOf(modelWith(external({ location: 'weights.bin' })))).toBe('model/bad-tensor');
    for (const bad of [
      { offset: '60', length: '48' },
      { offset: '-1' },
      { length: '1e9' },
      { offset: '99999999999999999999' },
    ]) {
      expect(await codeOf(modelWith(external({ location: 'weights.bin', ...bad })))).toBe('model/external-data');
    }
  });

  it.each([
    ['model.ort', 'other'],
    ['model.pt', 'other'],
    ['model.h5', 'other'],
    ['model.tflite', 'other'],
    ['model.safetensors', 'other'],
    ['model.pkl', 'other'],
  ])('says how to export %s', async (name) => {
    expect(await codeOf(new Uint8Array(8), name)).toBe('model/other-format');
  });

  it('knows other formats under the name of ONNX', async () => {
    expect(await codeOf(Uint8Array.of(0x50, 0x4b, 3, 4, 0, 0, 0, 0))).toBe('model/other-format');
    expect(await codeOf(Uint8Array.of(0, 0, 0, 0, 0x54, 0x46, 0x4c, 0x33))).toBe('model/other-format');
  });

  it('gives one typed error for any damage', async () => {
    const whole = modelWith(weights());
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 }),
        async (edits) => {
          const damaged = whole.slice();
          for (const [at, byte] of edits) damaged[at] = byte;
          expect(await codeOf(damaged)).toMatch(/^(read|model\/.*)$/);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('reads the tiny fixture', async () => {
    const fixture = await readFile(path.join(import.meta.dirname, '../../fixtures/tiny/tiny.onnx'));
    expect(await codeOf(fixture)).toBe('read');
  });
});
