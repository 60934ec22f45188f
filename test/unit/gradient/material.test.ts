import { describe, expect, it } from 'vitest';
import type { Oracle } from '../../../src/engine/attack/types';
import { openModel } from '../../../src/engine/model';
import { Random } from '../../../src/engine/random';
import { materialAvailable, materialClassifiers, openMaterialData } from '../material';

const inputs = 32;
const directions = 24;

/** max_{i≠y} z_i − z_y for each row. */
function margins(logits: Float32Array, classes: number, label: number, rival: number): number[] {
  return Array.from(
    { length: logits.length / classes },
    (_, k) => logits[k * classes + rival]! - logits[k * classes + label]!,
  );
}

/** Steps of the central differences, relative to a standard normal direction: wide ones meet kinks, narrow ones round off. */
const steps = [4e-3, 1e-3, 3e-4, 1e-4, 5e-5, 2e-5];

/**
 * Cosine between the gradient's and central differences' slopes along random directions, at the step where they agree
 * best: in float32 each model has its own step between kinks and rounding, and a wrong gradient agrees at none.
 */
async function cosine(oracle: Oracle, x: Float32Array, label: number, random: Random): Promise<number> {
  const { exampleSize: size, classes } = oracle;
  const { gradient, logits } = await oracle.gradient(x, Int32Array.of(label), 'margin');
  const rival = [...logits.keys()].filter((c) => c !== label).reduce((a, b) => (logits[b]! > logits[a]! ? b : a));
  const along = Float32Array.from({ length: directions * size }, () => random.normal());
  const slope = Float64Array.from({ length: directions }, (_, k) =>
    gradient.reduce((sum, g, j) => sum + g * along[k * size + j]!, 0),
  );
  let best = -1;
  for (const h of steps) {
    const points = (sign: number) => along.map((v, i) => x[i % size]! + sign * h * v);
    const above = margins(await oracle.logits(points(1)), classes, label, rival);
    const below = margins(await oracle.logits(points(-1)), classes, label, rival);
    let [ab, aa, bb] = [0, 0, 0];
    for (const [k, s] of slope.entries()) {
      const difference = above[k]! - below[k]!;
      ab += s * difference;
      aa += s * s;
      bb += difference * difference;
    }
    best = Math.max(best, ab / Math.sqrt(aa * bb));
    // What is left is another step's rounding.
    if (best > 0.9995) break;
  }
  return best;
}

describe.skipIf(!materialAvailable)('gradients of real classifiers', () => {
  // Sign has no derivative to compare with; its estimate is tested where attacks use it.
  const differentiable = materialClassifiers.filter((model) => !model.file.includes('QConv'));

  it.each(differentiable)('$file: cosine with central differences ≥ 0.999 on 32 inputs', async (model) => {
    const data = await openMaterialData(model);
    const opened = await openModel(model.path, {
      preprocess: model.preprocess,
      exampleShape: data.shape,
      kind: data.kind,
    });
    const random = Random.of(3, model.file);
    for await (const batch of data.batches(inputs, { end: inputs })) {
      for (let i = 0; i < inputs; i++) {
        const size = opened.oracle.exampleSize;
        let agreement = -1;
        // Random noise steps off kinks: a digit's constant background ties max pooling, and a rectifier's kink may lie so near
        // that float32 has no step inside it. A wrong gradient agrees nowhere.
        for (let attempt = 0; attempt < 4 && agreement < 0.999; attempt++) {
          const x = batch.x.slice(i * size, (i + 1) * size).map((v) => v + 0.05 * random.normal());
          agreement = Math.max(agreement, await cosine(opened.oracle, x, batch.y[i]!, random));
        }
        expect(agreement).toBeGreaterThanOrEqual(0.999);
      }
    }
    await opened.release();
    await data.close();
  });
});

describe.skipIf(!materialAvailable)('clean counts of real classifiers', () => {
  it.each(materialClassifiers)('$file: $correct of $n, by the rewritten and by the original model', async (model) => {
    const data = await openMaterialData(model);
    const { oracle, original, release } = await openModel(model.path, {
      preprocess: model.preprocess,
      exampleShape: data.shape,
      kind: data.kind,
    });
    const counts = [0, 0];
    for await (const batch of data.batches(100)) {
      for (const [which, scores] of [await oracle.logits(batch.x), await original.predict(batch.x)].entries()) {
        for (let i = 0; i < batch.count; i++) {
          const row = scores.subarray(i * oracle.classes, (i + 1) * oracle.classes);
          if (row.indexOf(Math.max(...row)) === batch.y[i]) counts[which]!++;
        }
      }
    }
    for (const count of counts) expect(Math.abs(count - model.correct)).toBeLessThanOrEqual(1);
    await release();
    await data.close();
  });
});
