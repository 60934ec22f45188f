import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findDataNear } from '../../../src/engine/data/near';
import { readAll } from './files';

const material = resolve(process.env.ROBUSTNESS_MATERIAL ?? '../shared/material');
const present = existsSync(material);
if (!present) console.warn(`SKIPPED: there is no material at ${material} (set ROBUSTNESS_MATERIAL)`);
const path = (name: string) => join(material, 'data', name);

describe.skipIf(!present)('real data', () => {
  it('MNIST: 1000 test images, the mean of which is near that of the set', async () => {
    const { data, x, y } = await readAll({ path: path('mnist') }, {}, 64);
    expect(data).toMatchObject({ shape: [1, 28, 28], count: 1000, kind: 'image', range: [0, 1] });
    expect(y.slice(0, 10)).toEqual([7, 2, 1, 0, 4, 1, 4, 9, 5, 9]);
    expect(x.reduce((sum, value) => sum + value, 0) / x.length).toBeCloseTo(0.13, 1);
  });

  it('CIFAR-10: the binary file and the images with their list are the same', async () => {
    const binary = await readAll({ path: path('cifar10/cifar10.bin') }, {}, 7);
    const images = await readAll({ path: path('cifar10') }, {}, 100);
    expect(binary.data.count).toBe(100);
    expect(images.data.classes).toEqual(binary.data.classes);
    expect(images.y).toEqual(binary.y);
    expect(images.x.every((value, i) => value === binary.x[i])).toBe(true);
  });

  it('GTSRB: images of many sizes, resized, with 43 classes', async () => {
    const { data, y } = await readAll({ path: path('gtsrb'), limit: 40 }, { resize: [48, 48] });
    expect(data).toMatchObject({ shape: [3, 48, 48], count: 40, available: 400 });
    expect(y.slice(0, 4)).toEqual([16, 1, 38, 33]);
  });

  it('Iris: four features, three classes, no row numbers', async () => {
    const { data, x, y } = await readAll({ path: path('iris/Iris.csv') }, {}, 50);
    expect(data).toMatchObject({ shape: [4], count: 150, kind: 'vector', range: null });
    expect(data.classes).toEqual(['Iris-setosa', 'Iris-versicolor', 'Iris-virginica']);
    expect(x.slice(0, 4)).toEqual([5.1, 3.5, 1.4, 0.2].map(Math.fround));
    expect([y[0], y[50], y[149]]).toEqual([0, 1, 2]);
  });

  it('finds MNIST for a model that is called so', async () => {
    const [best] = await findDataNear(join(material, 'models/winml__mnist.onnx'), [material]);
    expect(best?.source).toEqual({ path: path('mnist/images-idx3-ubyte.gz'), format: 'idx' });
  });
});
