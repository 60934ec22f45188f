import { describe, expect, it } from 'vitest';
import { exampleShape, makeBatchDynamic } from '../../../src/engine/onnx/batch';
import { classifierBorder, graphFacts } from '../../../src/engine/onnx/inspect';
import type { LoadedModel } from '../../../src/engine/onnx/read';
import { upgradeGraph } from '../../../src/engine/onnx/upgrade';
import { modelBytes } from '../../../src/engine/onnx/write';
import { createSession, floats } from '../../../src/engine/runtime';
import { bytesOf, TestModel, wave } from './model';

async function batched(model: LoadedModel, opset: number) {
  const { input, output } = classifierBorder(graphFacts(model));
  const original = await createSession(bytesOf(model), { threads: 1 });
  const result = await makeBatchDynamic(
    model,
    upgradeGraph(model.proto.graph, opset),
    input,
    output,
    exampleShape(input),
    original,
  );
  return { ...result, original };
}

/** [1, 2, 3, 3] → reshape as given → [1, 3]. */
function reshaping(reshape: readonly number[], batch: number | string = 1): LoadedModel {
  const m = new TestModel([batch, 2, 3, 3]);
  const flat = m.op('Reshape', [m.op('Relu', ['x']), m.builder.ints(reshape)]);
  const W = m.builder.floats(wave(54), [18, 3]);
  return m.finish(m.op('MatMul', [flat, W]), [batch, 3], 13);
}

describe('making the batch dynamic', () => {
  it.each([[[1, 18]], [[1, -1]], [[-1, 18]], [[0, -1]]])(
    'rewrites a reshape to %j and keeps every result',
    async (shape) => {
      const model = reshaping(shape);
      const { graph, batch, original } = await batched(model, 13);
      expect(batch).toBe('rewritten');
      const session = await createSession(modelBytes(model.proto, graph), { threads: 1 });
      const x = wave(5 * 18);
      const together = (await session.run({ x: floats(x, [5, 2, 3, 3]) })).y!.data as Float32Array;
      for (let i = 0; i < 5; i++) {
        const alone = (await original.run({ x: floats(x.slice(i * 18, (i + 1) * 18), [1, 2, 3, 3]) })).y!;
        expect(Array.from(together.slice(i * 3, i * 3 + 3))).toEqual(
          Array.from(alone.data as Float32Array, (v) => expect.closeTo(v, 4)),
        );
      }
    },
  );

  it('takes a declared dynamic batch at its word only where the numbers agree', async () => {
    expect((await batched(reshaping([-1, 18], 'N'), 13)).batch).toBe('dynamic');
    // Declared dynamic, but the reshape holds one example: repaired.
    expect((await batched(reshaping([1, -1], 'N'), 13)).batch).toBe('dynamic');
  });

  it('keeps to one example where the batch takes part in the computation', async () => {
    const m = new TestModel([1, 4]);
    const mean = m.op('ReduceMean', ['x', m.builder.ints([0])], { keepdims: 1 });
    const model = m.finish(m.op('Sub', [m.op('Exp', ['x']), mean]), [1, 4], 18);
    expect((await batched(model, 18)).batch).toBe('fixed-1');
  });

  it('frees a batch that was exported as several examples, or says that it cannot', async () => {
    expect((await batched(reshaping([4, 18], 4), 13)).batch).toBe('rewritten');
    const m = new TestModel([2, 4]);
    const mean = m.op('ReduceMean', ['x', m.builder.ints([0])], { keepdims: 1 });
    const model = m.finish(m.op('Sub', ['x', mean]), [2, 4], 18);
    await expect(batched(model, 18)).rejects.toMatchObject({ code: 'model/fixed-batch' });
  });
});
