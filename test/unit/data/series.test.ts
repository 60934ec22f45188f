import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { SeriesInput } from '../../../src/engine/data/series';
import { writeNpz } from '../../../src/engine/data/write';
import { openModel } from '../../../src/engine/model';
import { seriesInput } from '../../../src/engine/onnx/seriesInput';
import { possibleLayouts, withSeriesSizes } from '../../../src/engine/spec/modelInput';
import { bytesOf, TestModel, wave } from '../onnx/model';
import { expectError, readAll, temporaryFolder, write } from './files';

const root = temporaryFolder();
const conv: SeriesInput = { by: 'Conv', layout: 'nct' };
const lstm: SeriesInput = { by: 'LSTM', layout: 'ntc' };
const rows: SeriesInput = { by: 'Conv', layout: 'flat' };

async function npz(name: string, shape: readonly number[]): Promise<string> {
  const path = join(root, `${name}.npz`);
  const count = shape.reduce((a, b) => a * b, 1);
  const x = Float32Array.from({ length: count }, (_, i) => i / 8);
  await writeNpz(path, { x: { values: x, shape }, y: { values: new Int32Array(shape[0]!), shape: [shape[0]!] } });
  return path;
}

describe('data of time series', () => {
  it('are read as the spec states them, channels first in memory', async () => {
    const path = await npz('stated', [2, 2, 3]);
    const ct = await readAll({ path, kind: 'series', layout: 'ct' });
    expect(ct.data).toMatchObject({ kind: 'series', shape: [2, 3], range: null, unit: 1 });
    expect(ct.x.slice(0, 6)).toEqual([0, 1, 2, 3, 4, 5].map((k) => k / 8));
    const tc = await readAll({ path, layout: 'tc', sampleRate: 50 });
    expect(tc.data).toMatchObject({ kind: 'series', shape: [3, 2], sampleRate: 50 });
    expect(tc.x.slice(0, 6)).toEqual([0, 3, 1, 4, 2, 5].map((k) => k / 8));
    const guessed = await readAll({ path, kind: 'series' });
    expect(guessed.data.shape).toEqual([2, 3]);
    expect(guessed.data.inferred.join()).toMatch(/2 channels and 3 frames \(ct\)/);
  });

  it('are told by the model, as it takes them', async () => {
    const path = await npz('told', [2, 4, 3]);
    const asConv = await readAll({ path }, { series: conv });
    expect(asConv.data).toMatchObject({ kind: 'series', shape: [4, 3] });
    expect(asConv.data.inferred.join()).toMatch(/the model runs a Conv along them/);
    expect((await readAll({ path }, { series: lstm })).data.shape).toEqual([3, 4]);
    const flat = await npz('flat', [3, 5]);
    expect((await readAll({ path: flat }, { series: rows })).data).toMatchObject({ kind: 'series', shape: [1, 5] });
    // What is stated, or cannot be a series, stays what it was.
    expect((await readAll({ path, layout: 'flat' }, { series: conv })).data.kind).toBe('vector');
    expect((await readAll({ path })).data.kind).toBe('image');
    expect((await readAll({ path }, { series: rows })).data.kind).toBe('image');
    await expectError(readAll({ path, kind: 'series', layout: 'chw' }), 'data/layout', /in the layout chw/);
    const deep = await npz('deep', [2, 2, 3, 4]);
    await expectError(readAll({ path: deep, kind: 'series' }), 'data/layout', /channels and frames/);
  });

  it('may be rows of a table whose columns are numbered, and not those of features', async () => {
    const numbered = write(root, 'numbered.csv', 't0,t1,t2,label\n0.5,1,2,0\n3,4,5.5,1\n');
    const { data, x } = await readAll({ path: numbered }, { series: rows });
    expect(data).toMatchObject({ kind: 'series', shape: [1, 3], features: null });
    expect(x).toEqual([0.5, 1, 2, 3, 4, 5.5]);
    const named = write(root, 'named.csv', 'age,height,weight,label\n0.5,1,2,0\n3,4,5.5,1\n');
    expect((await readAll({ path: named }, { series: rows })).data.kind).toBe('vector');
    expect((await readAll({ path: named, kind: 'series' })).data.kind).toBe('series');
  });
});

describe('a model that takes time series', () => {
  const graphOf = (input: (number | string)[], build: (model: TestModel) => string) => {
    const model = new TestModel(input);
    return model.finish(build(model), ['N', 2], 13).proto.graph;
  };
  const kernel = (model: TestModel, dims: number[]) =>
    model.builder.floats(wave(dims.reduce((a, b) => a * b, 1)), dims);
  const of = (input: (number | string)[], build: (model: TestModel) => string) =>
    seriesInput(graphOf(input, build), 'x', input.length);

  it('is known by a convolution along one axis, wherever that is', () => {
    const direct = (m: TestModel) =>
      m.op('Conv', [m.op('Sub', ['x', m.builder.floats([1], [1])]), kernel(m, [4, 3, 5])]);
    expect(of(['N', 3, 'T'], direct)).toEqual({ by: 'Conv', layout: 'nct' });
    const turned = (m: TestModel) =>
      m.op('Conv', [m.op('Transpose', ['x'], { perm: [0, 2, 1] }), kernel(m, [4, 3, 5])]);
    expect(of(['N', 'T', 3], turned)).toEqual({ by: 'Conv', layout: 'ntc' });
    const alone = (m: TestModel) => m.op('Conv', [m.op('Unsqueeze', ['x', m.builder.ints([1])]), kernel(m, [4, 1, 5])]);
    expect(of(['N', 20], alone)).toEqual({ by: 'Conv', layout: 'flat' });
    // As other frameworks write it: a convolution of a plane of height 1.
    const plane = (m: TestModel) =>
      m.op('Conv', [
        m.op('Unsqueeze', [m.op('Transpose', ['x'], { perm: [0, 2, 1] }), m.builder.ints([2])]),
        kernel(m, [4, 3, 1, 5]),
      ]);
    expect(of(['N', 20, 3], plane)).toEqual({ by: 'Conv', layout: 'ntc' });
  });

  it('is known by a recurrent layer', () => {
    const lstmOf =
      (perm: number[] | null, layout = 0) =>
      (m: TestModel) =>
        m.op('LSTM', [perm ? m.op('Transpose', ['x'], { perm }) : 'x', kernel(m, [1, 8, 3]), kernel(m, [1, 8, 2])], {
          hidden_size: 2,
          layout,
        });
    expect(of(['N', 20, 3], lstmOf([1, 0, 2]))).toEqual({ by: 'LSTM', layout: 'ntc' });
    expect(of(['N', 3, 20], lstmOf([2, 0, 1]))).toEqual({ by: 'LSTM', layout: 'nct' });
    expect(of(['N', 20, 3], lstmOf(null, 1))).toEqual({ by: 'LSTM', layout: 'ntc' });
    // The batch is in the middle: not of a form that is evaluated as series.
    expect(of([20, 'N', 3], lstmOf(null))).toBeNull();
  });

  it('is not seen in networks of tables and pictures', () => {
    const table = (m: TestModel) => m.op('MatMul', ['x', kernel(m, [8, 2])]);
    expect(of(['N', 8], table)).toBeNull();
    const grey = (m: TestModel) =>
      m.op('Conv', [m.op('Unsqueeze', ['x', m.builder.ints([1])]), kernel(m, [4, 1, 3, 3])]);
    expect(of(['N', 8, 8], grey)).toBeNull();
    const picture = (m: TestModel) => m.op('Conv', ['x', kernel(m, [4, 3, 3, 3])]);
    expect(of(['N', 3, 8, 8], picture)).toBeNull();
    const late = (m: TestModel) => m.op('Conv', [m.op('MatMul', ['x', kernel(m, [8, 8])]), kernel(m, [4, 3, 5])]);
    expect(of(['N', 3, 8], late)).toBeNull();
  });

  it('gets them in its layout, mean and deviation by channel, in the graph as in the verifier', async () => {
    // The sum over frames, weighted by their number, of each channel.
    const [channels, frames] = [2, 3];
    for (const [layout, input] of [
      ['nct', ['N', channels, frames]],
      ['ntc', ['N', frames, channels]],
      ['flat', ['N', channels * frames]],
    ] as const) {
      const model = new TestModel([...input]);
      const flat = model.op('Reshape', ['x', model.builder.ints([-1, channels * frames])]);
      const scores = model.op('MatMul', [flat, model.builder.floats([1, 0, 0, 10, 2, 0, 0, 20, 3, 0, 0, 30], [6, 2])]);
      const path = join(root, `${layout}.onnx`);
      await writeFile(path, bytesOf(model.finish(scores, ['N', 2], 13)));
      const preprocess = { mean: [1, 2], std: [2, 4], layout, channels: 'rgb' } as const;
      const opened = await openModel(path, {
        preprocess,
        exampleShape: [channels, frames],
        kind: 'series',
        threads: 1,
      });
      try {
        const x = Float32Array.from([3, 5, 7, 10, 14, 18]);
        const [a, b] = [
          [1, 2, 3],
          [2, 3, 4],
        ];
        const given = layout === 'ntc' ? a.flatMap((value, t) => [value, b[t]!]) : [...a, ...b];
        const expected = [given[0]! + 2 * given[2]! + 3 * given[4]!, 10 * given[1]! + 20 * given[3]! + 30 * given[5]!];
        expect([...(await opened.oracle.logits(x))]).toEqual(expected);
        expect([...(await opened.original.predict(x))]).toEqual(expected);
      } finally {
        await opened.release();
      }
    }
  });

  it('says its layouts by the sizes that it declares, or by its layers where it declares none', () => {
    expect(possibleLayouts(['N', 3, 100], 'series', [3, 100])).toEqual(['nct']);
    expect(possibleLayouts(['N', 100, 3], 'series', [3, 100])).toEqual(['ntc']);
    expect(possibleLayouts(['N', 'C', 'T'], 'series', [3, 100])).toEqual(['nct', 'ntc']);
    expect(possibleLayouts(['N', 100], 'series', [1, 100])).toEqual(['nct']);
    const open = withSeriesSizes(['N', 'T', 'C'], 'ntc', [3, 100]);
    expect(open).toEqual(['N', 100, 3]);
    expect(possibleLayouts(open, 'series', [3, 100])).toEqual(['ntc']);
    expect(withSeriesSizes(['N', 'T', 'C'], undefined, [3, 100])).toEqual(['N', 'T', 'C']);
  });
});
