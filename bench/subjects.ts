import { readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { type OpenOptions, openDataset } from '../src/engine/data/open';
import { elementCount } from '../src/engine/onnx/tensor';
import { Random } from '../src/engine/random';
import type { DataSource, Preprocess } from '../src/engine/spec/schema';

export const material = resolve(process.env.ROBUSTNESS_MATERIAL ?? '../shared/material');

/** A model with the data that it was made for: on noise many a network is dead, and its passes are not those of an attack. */
export interface Subject {
  readonly path: string;
  /** Null where there are none: random points stand in. */
  readonly data: { readonly base: string; readonly source: DataSource; readonly options: OpenOptions } | null;
  /** Shape of an example of the data. */
  readonly example: readonly number[];
  readonly preprocess: Preprocess;
}

interface Entry {
  readonly file: string;
  readonly dataset?: string;
  readonly layout?: string;
  readonly mean?: number | number[];
  readonly std?: number | number[];
}

/** Shape of an example, and its file; others must be resized first. */
const datasets: Readonly<Record<string, { readonly shape: readonly number[]; readonly file: string }>> = {
  mnist: { shape: [1, 28, 28], file: 'data/mnist/images-idx3-ubyte.gz' },
  cifar10: { shape: [3, 32, 32], file: 'data/cifar10/cifar10.bin' },
};

/** By a model's path, or a part of its name in the material. Models without data of their own take [3, 224, 224]. */
export function subjectOf(name: string): Subject {
  if (/digits/.test(name)) {
    return {
      path: name,
      data: {
        base: 'samples/digits',
        source: { path: 'data/test.npz', inputs: 'x', labels: 'y' },
        options: { range: [0, 255], unit: 255 },
      },
      example: [1, 28, 28],
      preprocess: { mean: [0.1307], std: [0.3081], layout: 'nchw', channels: 'gray' },
    };
  }
  const entries = JSON.parse(readFileSync(join(material, 'manifest.json'), 'utf8')) as Entry[];
  const entry = entries.find(({ file }) => file.includes(basename(name)));
  if (!entry) throw new Error(`${name} is not in the material.`);
  const known = datasets[entry.dataset ?? ''];
  const example = known?.shape ?? [3, 224, 224];
  return {
    path: join(material, entry.file),
    example,
    data: known ? { base: material, source: { path: known.file }, options: {} } : null,
    preprocess: {
      mean: [entry.mean ?? 0].flat(),
      std: [entry.std ?? 1].flat(),
      layout: entry.layout === 'hwc' ? 'nhwc' : 'nchw',
      channels: example[0] === 1 ? 'gray' : 'rgb',
    },
  };
}

/** [n, ...example]: the first n examples, from the start again where there are fewer. */
export async function examples({ data, example }: Subject, n: number): Promise<Float32Array> {
  const size = elementCount(example);
  const random = Random.of(0, 'bench');
  if (data === null) return Float32Array.from({ length: n * size }, () => random.uniform());
  const dataset = await openDataset(data.source, data.base, data.options);
  try {
    for await (const { x } of dataset.batches(n)) {
      return Float32Array.from({ length: n * size }, (_, i) => x[i % x.length]!);
    }
    throw new Error(`No data in ${data.source.path}.`);
  } finally {
    await dataset.close();
  }
}

/**
 * What a model's own input gets of its data, for a model that is run as it stands: normalised, in its layout.
 *
 * @param shape of an example of the input.
 * @returns null where there are no data that fit.
 */
export async function modelInputs(path: string, shape: readonly number[], n: number): Promise<Float32Array | null> {
  let subject: Subject;
  try {
    subject = subjectOf(path);
  } catch {
    return null;
  }
  const { data, example, preprocess } = subject;
  const [channels, height, width] = example as [number, number, number];
  const size = channels * height * width;
  if (data === null || elementCount(shape) !== size) return null;
  const pixels = await examples(subject, n);
  const area = height * width;
  const normalised = new Float32Array(pixels.length);
  for (let i = 0; i < pixels.length; i++) {
    const [row, channel, at] = [Math.floor(i / size), Math.floor((i % size) / area), i % area];
    const to = preprocess.layout === 'nhwc' ? row * size + at * channels + channel : i;
    const { mean, std } = preprocess;
    normalised[to] = (pixels[i]! - mean[channel % mean.length]!) / std[channel % std.length]!;
  }
  return normalised;
}
