import { create, toBinary } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { floatValueInfo, GraphBuilder } from '../../../src/engine/onnx/builder';
import {
  GraphProtoSchema,
  ModelProtoSchema,
  OperatorSetIdProtoSchema,
} from '../../../src/engine/onnx/generated/onnx_pb';
import { Weights } from '../../../src/engine/onnx/weights';
import { modelBytes } from '../../../src/engine/onnx/write';
import { openWithProvider, providerNotice } from '../../../src/engine/oracle/provider';
import { Sessions } from '../../../src/engine/oracle/sessions';
import { floats, type Session } from '../../../src/engine/runtime';

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
    const a = await one.make(() => bytes(2));
    const b = await other.make(() => bytes(2));
    await one.release();
    expect(Array.from((await b.run(feed())).y!.data as Float32Array)).toEqual([7, 7]);
    await other.release();
    // Whoever still holds one gets a fresh session, not a crash.
    expect(Array.from((await a.run(feed())).y!.data as Float32Array)).toEqual([7, 7]);
    await one.release();
  });

  it('say what is wrong with a model each time that they are asked', async () => {
    const sessions = new Sessions({ threads: 1 });
    const broken = () => sessions.make(() => new Uint8Array([1, 2, 3]));
    await expect(broken()).rejects.toMatchObject({ code: 'model/not-loadable' });
    await expect(broken()).rejects.toMatchObject({ code: 'model/not-loadable' });
    await sessions.release();
  });

  it('on large weights make room for each other and come back; small ones are left alone', async () => {
    const width = 2 ** 21;
    const weights = new Weights();
    const models = await Promise.all([2, 3].map((a) => weights.moveFrom(affine(a, width))));
    const made = [0, 0];
    const sessions = new Sessions({ threads: 1, frugal: true }, 1);
    const held: Session[] = [];
    for (const [i, proto] of models.entries()) {
      held.push(
        await sessions.make(() => {
          made[i]!++;
          return modelBytes(proto, proto.graph);
        }),
      );
    }
    let smallMade = 0;
    const small = await sessions.make(() => {
      smallMade++;
      return bytes(5);
    });
    for (const round of [1, 2]) {
      for (const [i, a] of [2, 3].entries()) {
        const { y } = await held[i]!.run(feed(width));
        expect((y!.data as Float32Array)[width - 1]).toBe(3 * a + 1);
        // The other one ran last, so that this one had to come back.
        expect(made[i]).toBe(round + 1);
      }
      expect((await small.run(feed())).y!.data[0]).toBe(16);
    }
    expect(smallMade).toBe(1);
    await sessions.release();
    weights.release();
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
