import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import { create, toBinary } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openModel } from '../../../../src/engine/model';
import { floatValueInfo, GraphBuilder } from '../../../../src/engine/onnx/builder';
import { GraphProtoSchema, ModelProtoSchema } from '../../../../src/engine/onnx/generated/onnx_pb';
import { Random } from '../../../../src/engine/random';
import { createSession, floats } from '../../../../src/engine/runtime';
import { attentionCases } from './attentionCases';
import { fusedCases } from './fusedCases';
import { fixed, graphOf, type Make, protoOf } from './nativeNode';

/** Fused operators as files: opened, differentiated, and held against differences of the untouched file. */
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'fused-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const classes = 3;

/** One example through the operator, flattened, and classified by a last product. */
function fileOf(make: Make) {
  const native = make(1);
  const at = native.inputs.findIndex((input) => input?.value.type === 'float32' && !input.fixed && !input.held);
  const inputs = native.inputs.map((input, i) => (input && i !== at ? fixed(input) : input));
  const { graph } = graphOf({ ...native, inputs });
  const x = native.inputs[at]!.value;
  const builder = new GraphBuilder(graph);
  graph.input = [floatValueInfo(`in${at}`, x.dims)];
  const width = (size: number) => {
    const random = Random.of(9, 'classify');
    return builder.floats(
      Float32Array.from({ length: size * classes }, () => random.normal()),
      [size, classes],
    );
  };
  return {
    dims: x.dims,
    native,
    name: `in${at}`,
    model: (size: number) => {
      const flat = builder.op('Reshape', ['out0', builder.ints([1, size])]);
      builder.named('MatMul', [flat, width(size)], 'scores');
      const whole = create(GraphProtoSchema, { ...graph, output: [floatValueInfo('scores', [1, classes])] });
      return toBinary(ModelProtoSchema, create(ModelProtoSchema, { ...protoOf(native), graph: whole }));
    },
    probe: toBinary(ModelProtoSchema, create(ModelProtoSchema, { ...protoOf(native), graph })),
    data: x.data as Float32Array,
  };
}

const all: Record<string, fc.Arbitrary<Make>> = {
  ...fusedCases,
  ...Object.fromEntries(Object.entries(attentionCases).map(([title, [, make]]) => [title, make])),
};
/** Its ids are no floats; its indices choose among examples. */
const withoutExamples = ['com.microsoft:EmbedLayerNormalization', 'com.microsoft:GatherND'];
const names = Object.keys(all).filter((name) => !withoutExamples.includes(name));

describe('files with a fused operator', () => {
  it.each(names)('%s opens and differentiates', async (name) => {
    const makes = fc.sample(all[name]!, { seed: 21, numRuns: 40 }).filter((make) => make(1).inputs[0]);
    // An input whose first dimension is no batch has no example in it.
    const made = makes.map(fileOf).filter(({ dims }) => dims[0] === 1 && dims.length > 1);
    for (const [i, file] of made.slice(0, 3).entries()) {
      const native = await createSession(file.probe, { optimization: 'disabled', threads: 1 });
      const out = (await native.run({ [file.name]: floats(file.data, file.dims) })).out0!;
      await native.release();
      const where = path.join(folder, `${name.replace(/\W/g, '_')}${i}.onnx`);
      await writeFile(where, file.model(out.data.length));
      const preprocess = { mean: [0], std: [1], layout: 'flat', channels: 'rgb' } as const;
      const opened = await openModel(where, {
        preprocess,
        exampleShape: file.dims.slice(1),
        kind: 'vector',
        threads: 1,
      });
      try {
        expect(opened.facts.gradient).toMatchObject({ available: true, reasons: {} });
        const label = Int32Array.of(i % classes);
        const { gradient } = await opened.oracle.gradient(file.data, label, 'ce');
        const loss = async (x: Float32Array) => {
          const scores = await opened.original.predict(x);
          const most = Math.max(...scores);
          return most + Math.log(scores.reduce((sum, s) => sum + Math.exp(s - most), 0)) - scores[label[0]!]!;
        };
        const scale = Math.max(0.1, ...gradient.map(Math.abs));
        for (const k of [0, Math.floor(file.data.length / 2), file.data.length - 1]) {
          let least = Number.POSITIVE_INFINITY;
          for (const step of [5e-3, 1e-3]) {
            const moved = (sign: number) =>
              loss(file.data.map((v, j) => (j === k ? v + sign * step : v)) as Float32Array);
            const slope = ((await moved(1)) - (await moved(-1))) / (2 * step);
            least = Math.min(least, Math.abs(slope - gradient[k]!) / scale);
          }
          expect(least).toBeLessThan(0.02);
        }
      } finally {
        await opened.release();
      }
    }
    expect(made.length).toBeGreaterThan(0);
  });
});
