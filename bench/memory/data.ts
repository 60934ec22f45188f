import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { create, toBinary } from '@bufbuild/protobuf';
import { zipSync } from 'fflate';
import { encodeNpy } from '../../src/engine/data/write';
import { floatValueInfo, GraphBuilder } from '../../src/engine/onnx/builder';
import { GraphProtoSchema, ModelProtoSchema, OperatorSetIdProtoSchema } from '../../src/engine/onnx/generated/onnx_pb';
import { Random } from '../../src/engine/random';

/** `npz` is stored, `deflated` compressed; `cifar` is CIFAR-10's .bin of 3 × 32 × 32. */
export const formats = ['npz', 'deflated', 'csv', 'cifar'] as const;
export type Format = (typeof formats)[number];

const classes = 10;
/** Examples near one pattern of ±1 a class; images are bytes, tables numbers. */
export interface Kind {
  readonly format: Format;
  /** Numbers in an example: 784 and 3072 are images, anything else a table. */
  readonly values: number;
  /** Share of labels that are drawn at random: the model is wrong about nearly all of those. */
  readonly wrong: number;
}

export const isImage = ({ values }: Kind) => values === 784 || values === 3072;

function patterns(values: number): Float64Array {
  const all = new Float64Array(classes * values);
  Random.of(0, 'patterns', values).fillBetween(-1, 1, all);
  for (let i = 0; i < all.length; i++) all[i] = Math.sign(all[i]!);
  return all;
}

/** Writes `count` examples; the same seed gives the same ones. @param shift moves all values, in shares of the range */
export function writeData(folder: string, name: string, kind: Kind, count: number, seed: number, shift = 0): string {
  const { format, values } = kind;
  const all = patterns(values);
  const random = Random.of(seed, 'examples', values);
  const noise = new Float64Array(values);
  const image = isImage(kind);
  const labels = new Uint8Array(count);
  const fill = (i: number, row: Uint8Array | Float32Array) => {
    const own = random.integer(classes);
    labels[i] = random.uniform() < kind.wrong ? random.integer(classes) : own;
    random.fillBetween(-1, 1, noise);
    for (let k = 0; k < values; k++) {
      const value = 0.5 + shift + 0.2 * all[own * values + k]! + (image ? 0.25 : 0.5) * noise[k]!;
      row[k] = image ? Math.round(255 * Math.min(1, Math.max(0, value))) : value;
    }
  };
  if (format === 'npz' || format === 'deflated') {
    const x = image ? new Uint8Array(count * values) : new Float32Array(count * values);
    for (let i = 0; i < count; i++) fill(i, x.subarray(i * values, (i + 1) * values));
    const shape = image ? [count, 1, 28, 28] : [count, values];
    const y = BigInt64Array.from(labels, (label) => BigInt(label));
    // The group of an example: one of four sites.
    const site = Int32Array.from(labels, (_, i) => i % 4);
    const path = join(folder, `${name}.npz`);
    writeFileSync(
      path,
      zipSync(
        {
          'x.npy': encodeNpy({ shape, values: x }),
          'y.npy': encodeNpy({ shape: [count], values: y }),
          'site.npy': encodeNpy({ shape: [count], values: site }),
        },
        { level: format === 'npz' ? 0 : 1 },
      ),
    );
    return path;
  }
  const path = join(folder, `${name}.${format === 'csv' ? 'csv' : 'bin'}`);
  const file = openSync(path, 'w');
  const row = image ? new Uint8Array(values) : new Float32Array(values);
  if (format === 'csv') writeSync(file, `${[...row.keys()].map((k) => `f${k}`).join()}${image ? '' : ',site'},label\n`);
  for (let i = 0; i < count; i++) {
    fill(i, row);
    if (format === 'cifar') writeSync(file, Uint8Array.of(labels[i]!, ...row));
    else
      writeSync(
        file,
        `${Array.from(row, (value) => (image ? value : value.toFixed(4))).join()}${image ? '' : `,${i % 4}`},${labels[i]}\n`,
      );
  }
  closeSync(file);
  return path;
}

/** A network of one hidden layer that knows the patterns: input [N, …], logits [N, 10]. */
export function writeModel(folder: string, kind: Kind): string {
  const { values } = kind;
  const shape = values === 784 ? [1, 28, 28] : values === 3072 ? [3, 32, 32] : [values];
  const all = patterns(values);
  const hidden = 2 * classes;
  // How near a pattern is, and how far: their difference is the score, and the network has an edge at 0.
  const inward = new Float32Array(values * hidden);
  const outward = new Float32Array(hidden * classes);
  const bias = new Float32Array(hidden);
  const scale = 60 / values;
  for (let c = 0; c < classes; c++) {
    for (let k = 0; k < values; k++) {
      const weight = scale * all[c * values + k]!;
      inward[k * hidden + 2 * c] = weight;
      inward[k * hidden + 2 * c + 1] = -weight;
      bias[2 * c]! -= 0.5 * weight;
      bias[2 * c + 1]! += 0.5 * weight;
    }
    outward[2 * c * classes + c] = 1;
    outward[(2 * c + 1) * classes + c] = -1;
  }
  const g = new GraphBuilder(create(GraphProtoSchema));
  const matrix = (dims: number[], data: Float32Array) => g.constant({ type: 'float32', dims, data });
  const flat = shape.length === 1 ? 'x' : g.op('Flatten', ['x']);
  const first = g.op('Gemm', [flat, matrix([values, hidden], inward), g.floats(bias)]);
  g.named('MatMul', [g.op('Relu', [first]), matrix([hidden, classes], outward)], 'logits');
  g.graph.name = 'patterns';
  g.graph.input = [floatValueInfo('x', ['N', ...shape])];
  g.graph.output = [floatValueInfo('logits', ['N', classes])];
  const path = join(folder, 'model.onnx');
  writeFileSync(
    path,
    toBinary(
      ModelProtoSchema,
      create(ModelProtoSchema, {
        irVersion: 8n,
        producerName: 'robustness-inspector bench',
        opsetImport: [create(OperatorSetIdProtoSchema, { domain: '', version: 18n })],
        graph: g.graph,
      }),
    ),
  );
  return path;
}
