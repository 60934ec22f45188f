import { existsSync, readFileSync } from 'node:fs';
import * as path from 'node:path';
import { openDataset } from '../../src/engine/data/open';
import type { Dataset } from '../../src/engine/data/types';
import type { Preprocess } from '../../src/engine/spec/schema';

/** Real models and data that this project did not make; see CONTRIBUTING. */
export const materialRoot = path.resolve(process.env.ROBUSTNESS_MATERIAL ?? path.join('..', 'shared', 'material'));
export const materialAvailable = existsSync(path.join(materialRoot, 'manifest.json'));
if (!materialAvailable) console.warn(`SKIPPED: no material at ${materialRoot} (set ROBUSTNESS_MATERIAL)`);

export interface MaterialModel {
  readonly file: string;
  readonly path: string;
  readonly dataset: 'mnist' | 'cifar10' | 'gtsrb';
  readonly correct: number;
  readonly n: number;
  readonly preprocess: Preprocess;
}

interface ManifestEntry {
  file: string;
  dataset?: MaterialModel['dataset'];
  correct?: number;
  n: number;
  layout: 'chw' | 'hwc';
  mean: number | number[];
  std: number | number[];
}

/** Classifiers with data and a known count of correct answers. */
export const materialClassifiers: readonly MaterialModel[] = materialAvailable
  ? (JSON.parse(readFileSync(path.join(materialRoot, 'manifest.json'), 'utf8')) as ManifestEntry[])
      .filter((entry) => entry.correct !== undefined && entry.dataset !== undefined)
      .map((entry) => ({
        file: path.basename(entry.file, '.onnx'),
        path: path.join(materialRoot, entry.file),
        dataset: entry.dataset!,
        correct: entry.correct!,
        n: entry.n,
        preprocess: {
          mean: [entry.mean].flat(),
          std: [entry.std].flat(),
          layout: entry.layout === 'hwc' ? 'nhwc' : 'nchw',
          channels: 'rgb',
        },
      }))
  : [];

/** Path of the model's data, relative to the root. */
export function materialSource(model: MaterialModel): string {
  return { mnist: 'data/mnist/images-idx3-ubyte.gz', cifar10: 'data/cifar10/cifar10.bin', gtsrb: 'data/gtsrb' }[
    model.dataset
  ];
}

export function openMaterialData(model: MaterialModel): Promise<Dataset> {
  const options = model.dataset === 'gtsrb' ? { resize: [48, 48] as const } : {};
  return openDataset({ path: materialSource(model), limit: model.n }, materialRoot, options);
}
