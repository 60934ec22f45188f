import { create } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { floatValueInfo, GraphBuilder } from '../../../src/engine/onnx/builder';
import {
  GraphProtoSchema,
  ModelProtoSchema,
  OperatorSetIdProtoSchema,
} from '../../../src/engine/onnx/generated/onnx_pb';
import { applyPreprocess, dataInput, planInput, prependPreprocess } from '../../../src/engine/onnx/preprocess';
import { modelBytes } from '../../../src/engine/onnx/write';
import { createSession, floats } from '../../../src/engine/runtime';
import { wave } from './model';

const border = (...shape: (number | string)[]) => ({ name: 'in', type: 'float', shape: ['N', ...shape] });

describe('pre-processing', () => {
  it('is the same in the graph and in TypeScript', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          channels: fc.constantFrom(1, 3),
          h: fc.integer({ min: 1, max: 4 }),
          w: fc.integer({ min: 1, max: 4 }),
          layout: fc.constantFrom('nchw' as const, 'nhwc' as const, 'flat' as const),
          order: fc.constantFrom('rgb' as const, 'bgr' as const),
          each: fc.boolean(),
          mean: fc.double({ min: -1, max: 1, noNaN: true }),
          std: fc.double({ min: 0.1, max: 2, noNaN: true }),
        }),
        async ({ channels, h, w, layout, order, each, mean, std }) => {
          const from = [channels, h, w];
          const spread = (v: number) => (each ? Array.from({ length: channels }, (_, c) => v + 0.1 * c) : [v]);
          const input =
            layout === 'flat'
              ? border(channels * h * w)
              : layout === 'nhwc'
                ? border(h, w, channels)
                : border(channels, h, w);
          const plan = planInput(
            { mean: spread(mean), std: spread(std), layout, channels: order },
            from,
            'image',
            input,
          );
          const graph = create(GraphProtoSchema, {});
          const builder = new GraphBuilder(graph);
          const y = prependPreprocess(builder, plan, input, 'N');
          builder.named('Identity', [y], 'y');
          graph.output = [floatValueInfo('y', ['N', ...plan.to])];
          const proto = create(ModelProtoSchema, {
            irVersion: 8n,
            opsetImport: [create(OperatorSetIdProtoSchema, { version: 18n })],
          });
          const session = await createSession(modelBytes(proto, graph), { threads: 1 });
          const x = wave(2 * channels * h * w);
          const out = (await session.run({ [dataInput]: floats(x, [2, ...from]) })).y!;
          expect(out.dims).toEqual([2, ...plan.to]);
          expect(Array.from(out.data as Float32Array)).toEqual(Array.from(applyPreprocess(plan, x)));
          await session.release();
        },
      ),
      { numRuns: 60 },
    );
  });

  it('says what does not fit', () => {
    const preprocess = { mean: [0], std: [1], layout: 'nchw', channels: 'rgb' } as const;
    expect(() => planInput(preprocess, [3, 32, 32], 'image', border(3, 28, 28))).toThrowError(
      /takes \[3, 28, 28\].*give \[3, 32, 32\]/,
    );
    expect(() => planInput({ ...preprocess, mean: [0, 0] }, [3, 8, 8], 'image', border(3, 8, 8))).toThrowError(
      /2 values for 3 channels/,
    );
    expect(() => planInput(preprocess, [5], 'vector', border(4))).toThrowError(/takes \[4\]/);
  });
});
