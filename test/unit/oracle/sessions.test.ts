import { create, toBinary } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { floatValueInfo, GraphBuilder } from '../../../src/engine/onnx/builder';
import {
  GraphProtoSchema,
  ModelProtoSchema,
  OperatorSetIdProtoSchema,
} from '../../../src/engine/onnx/generated/onnx_pb';
import { openWithProvider, providerNotice } from '../../../src/engine/oracle/provider';
import { Sessions } from '../../../src/engine/oracle/sessions';
import { floats } from '../../../src/engine/runtime';

/** x ↦ a·x + b, with b of `width`. */
function affine(a: number, width: number) {
  const g = new GraphBuilder(create(GraphProtoSchema, { name: 'affine' }));
  const b = g.constant({ type: 'float32', dims: [width], data: new Float32Array(width).fill(1) });
  g.named('Add', [g.op('Mul', ['x', g.scalar(a)]), b], 'y');
  g.graph.input = [floatValueInfo('x', ['N', width])];
  g.graph.output = [floatValueInfo('y', ['N', width])];
  const proto = create(ModelProtoSchema, {
    irVersion: 8n,
    opsetImport: [create(OperatorSetIdProtoSchema, { domain: '', version: 18n })],
    graph: g.graph,
  });
  return Object.assign(proto, { graph: g.graph });
}
const bytes = (a: number, width = 2) => toBinary(ModelProtoSchema, affine(a, width));
const feed = (width = 2) => ({ x: floats(new Float32Array(width).fill(3), [1, width]) });

describe('Sessions', () => {
  it('are shared between oracles of the same model, and live until the last one lets go', async () => {
    const [one, other] = [new Sessions({ threads: 1 }), new Sessions({ threads: 1 })];
    const a = await one.make(bytes(2));
    const b = await other.make(bytes(2));
    expect(b).toBe(a);
    expect(await other.make(bytes(3))).not.toBe(a);
    await one.release();
    await one.release();
    expect(Array.from((await b.run(feed())).y!.data as Float32Array)).toEqual([7, 7]);
    await other.release();
    await expect(b.run(feed())).rejects.toMatchObject({ code: 'model/run-failed' });
    expect(await one.make(bytes(2))).not.toBe(a);
    await one.release();
  });

  it('with other settings are others', async () => {
    const [one, other] = [new Sessions({ threads: 1 }), new Sessions({ threads: 2 })];
    expect(await one.make(bytes(2))).not.toBe(await other.make(bytes(2)));
    await one.release();
    await other.release();
  });

  it('say what is wrong with a model each time that they are asked', async () => {
    const sessions = new Sessions({ threads: 1 });
    const broken = () => sessions.make(new Uint8Array([1, 2, 3]));
    await expect(broken()).rejects.toMatchObject({ code: 'model/not-loadable' });
    await expect(broken()).rejects.toMatchObject({ code: 'model/not-loadable' });
    await sessions.release();
  });
});

describe('openWithProvider', () => {
  it('falls back to the processor and says why', async () => {
    for (const requested of ['cuda', 'dml', 'coreml'] as const) {
      const { session, provider } = await openWithProvider(bytes(2), feed(), { threads: 1 }, requested);
      // A machine with a graphics card and its libraries would use them.
      if (provider.used === requested) continue;
      expect(provider).toMatchObject({ requested, used: 'cpu' });
      expect(providerNotice(provider)).toMatch(new RegExp(`^${requested} was asked for and cpu is used: .{10}`));
      expect(Array.from((await session.run(feed())).y!.data as Float32Array)).toEqual([7, 7]);
      await session.release();
    }
  });

  it('has nothing to say about the processor', async () => {
    const { session, provider } = await openWithProvider(bytes(2), feed(), { threads: 1 }, 'cpu');
    expect(providerNotice(provider)).toBeNull();
    await session.release();
  });

  it('blames the model, not the provider, where the processor refuses it too', async () => {
    const nonsense = new Uint8Array([8, 8, 0]);
    await expect(openWithProvider(nonsense, feed(), {}, 'cuda')).rejects.toMatchObject({ code: 'model/not-loadable' });
  });
});
