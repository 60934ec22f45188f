import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Workspace {
  readonly root: string;
  readonly specPath: string;
  remove(): Promise<void>;
}

/** A folder of its own with the small iris network, its data, and a spec. */
export async function irisWorkspace(spec: Readonly<Record<string, unknown>> = {}): Promise<Workspace> {
  const root = await mkdtemp(join(tmpdir(), 'iris-'));
  for (const file of ['tiny.onnx', 'iris.csv']) await cp(join('test/fixtures/tiny', file), join(root, file));
  return withSpec(root, {
    model: 'tiny.onnx',
    data: { test: { path: 'iris.csv', labels: 'species' }, range: [0, 8] },
    preprocess: { mean: 0, std: 1 },
    threatModels: [{ name: 'linf', norm: 'linf', epsilon: 0.5, suite: 'quick' }],
    ...spec,
  });
}

/** A folder of its own with the sample digits, their two networks, and a spec. */
export async function digitsWorkspace(spec: Readonly<Record<string, unknown>> = {}): Promise<Workspace> {
  const root = await mkdtemp(join(tmpdir(), 'digits-'));
  await cp('samples/digits/models', join(root, 'models'), { recursive: true });
  await cp('samples/digits/data', join(root, 'data'), { recursive: true });
  return withSpec(root, {
    model: 'models/plain.onnx',
    data: { test: { path: 'data/test.npz', inputs: 'x', labels: 'y', limit: 40 }, range: [0, 255], unit: 255 },
    preprocess: { mean: 0.1307, std: 0.3081 },
    threatModels: [
      { name: 'linf', norm: 'linf', epsilon: 0.1, iterations: 5, suite: 'quick', attacks: ['fgsm', 'pgd', 'apgd-ce'] },
    ],
    corruptions: { only: ['gaussian_noise', 'contrast'], severities: [1, 5] },
    seed: 3,
    ...spec,
  });
}

async function withSpec(root: string, spec: object): Promise<Workspace> {
  const specPath = join(root, 'robustness.json');
  await writeFile(specPath, JSON.stringify(spec));
  return { root, specPath, remove: () => rm(root, { recursive: true }) };
}
