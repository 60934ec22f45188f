import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createVerifier } from '../../../src/engine/attack/verify';
import { type CheckedMember, checkMerged } from '../../../src/engine/ensemble/check';
import { type MemberFile, type OpenedEnsemble, openEnsemble } from '../../../src/engine/ensemble/open';
import { argmax } from '../../../src/engine/evaluate/state';
import { openModel } from '../../../src/engine/model';
import type { Combination } from '../../../src/engine/spec/ensemble';
import { classes, examples, type Folder, memberFolder, type SmallModel, width } from './members';

let folder: Folder;
beforeAll(async () => {
  folder = await memberFolder();
});
afterAll(() => folder.remove());

const options = { exampleShape: [width], kind: 'vector', threads: 1, batchSize: 4 } as const;
let made = 0;

async function files(models: readonly SmallModel[], preprocess: Partial<MemberFile['preprocess']>[] = []) {
  const name = made++;
  return Promise.all(models.map((model, m) => folder.write(`member${name}-${m}.onnx`, model, preprocess[m])));
}

async function withEnsemble(
  members: readonly MemberFile[],
  combine: Combination,
  use: (ensemble: OpenedEnsemble) => Promise<void>,
  weights = members.map(() => 1 / members.length),
): Promise<void> {
  const path = join(folder.path, 'all.ensemble');
  const ensemble = await openEnsemble({ path, combine, members, weights }, options, examples(2));
  try {
    await use(ensemble);
  } finally {
    await ensemble.release();
  }
}

/** Logits of one member by itself, opened as a model of its own. */
async function alone(file: MemberFile, x: Float32Array): Promise<{ logits: Float32Array; gradient: Float32Array }> {
  const model = await openModel(file.path, { ...options, preprocess: file.preprocess });
  try {
    const { gradient } = await model.oracle.gradient(x, new Int32Array(x.length / width), 'linear', ones(x));
    return { logits: await model.oracle.logits(x), gradient };
  } finally {
    await model.release();
  }
}

/** The weight 1 of class 1 alone, as `linear` takes it. */
const ones = (x: Float32Array) =>
  Float32Array.from({ length: (x.length / width) * classes }, (_, i) => (i % classes === 1 ? 1 : 0));

const softmax = (z: Float32Array, at: number) => {
  const row = [...z.subarray(at, at + classes)].map(Math.exp);
  const sum = row.reduce((total, value) => total + value, 0);
  return row.map((value) => value / sum);
};

function close(actual: Float32Array, expected: ArrayLike<number>, tolerance = 2e-5): void {
  expect(actual.length).toBe(expected.length);
  actual.forEach((value, i) => {
    expect(Math.abs(value - expected[i]!)).toBeLessThanOrEqual(tolerance * Math.max(1, Math.abs(expected[i]!)));
  });
}

/** Different opsets, batches and pre-processing. */
const three: SmallModel[] = [
  { phase: 0 },
  { phase: 1, opset: 9, batch: 1, returns: 'softmax' },
  { phase: 2, opset: 17, returns: 'log-softmax' },
];
const prepared = [{}, { mean: [0.5], std: [0.25] }, { std: [2] }];

describe('one graph of several models', () => {
  it('gives the mean of logits, of which the gradient is the mean of gradients', async () => {
    const members = await files([three[0]!, { phase: 1, opset: 9, batch: 1 }], prepared.slice(0, 2));
    const x = examples(5, 1);
    const [a, b] = [await alone(members[0]!, x), await alone(members[1]!, x)];
    await withEnsemble(
      members,
      'mean-logits',
      async ({ oracle, original }) => {
        const expected = a.logits.map((value, i) => 0.75 * value + 0.25 * b.logits[i]!);
        close(await oracle.logits(x), expected);
        close(await original.predict(x), expected);
        const { gradient } = await oracle.gradient(x, new Int32Array(5), 'linear', ones(x));
        close(
          gradient,
          a.gradient.map((value, i) => 0.75 * value + 0.25 * b.gradient[i]!),
        );
      },
      [0.75, 0.25],
    );
  });

  it('gives the logarithm of the mean of probabilities', async () => {
    const members = await files(three, prepared);
    const x = examples(5, 2);
    const logits: Float32Array[] = [];
    for (const member of members) logits.push((await alone(member, x)).logits);
    const weights = [0.5, 0.3, 0.2];
    const check = async ({ oracle, original }: OpenedEnsemble) => {
      const expected = Array.from({ length: 5 * classes }, (_, i) => {
        const at = i - (i % classes);
        return Math.log(logits.reduce((sum, z, m) => sum + weights[m]! * softmax(z, at)[i % classes]!, 0));
      });
      close(await oracle.logits(x), expected);
      close(await original.predict(x), expected);
    };
    await withEnsemble(members, 'mean-probabilities', check, weights);
  });

  it('votes, and takes the gradient of the mean probabilities', async () => {
    const members = await files(three.slice(0, 2), prepared);
    const x = examples(60, 3);
    const logits: Float32Array[] = [];
    for (const member of members) logits.push((await alone(member, x)).logits);
    const predictions = logits.map((z) => argmax(z, classes));
    let reference: Float32Array | undefined;
    await withEnsemble(members, 'mean-probabilities', async ({ oracle }) => {
      reference = (await oracle.gradient(x, predictions[0]!, 'ce')).gradient;
    });
    await withEnsemble(members, 'vote', async ({ oracle, original, facts }) => {
      const scores = await oracle.logits(x);
      close(scores, await original.predict(x), 1e-4);
      const votes = argmax(scores, classes);
      const ties: number[] = [];
      for (let i = 0; i < 60; i++) {
        const counts = Array.from({ length: classes }, (_, k) => predictions.filter((own) => own[i] === k).length);
        const most = Math.max(...counts);
        const winners = [...counts.keys()].filter((k) => counts[k] === most);
        if (winners.length > 1) ties.push(i);
        const mean = (k: number) => logits.reduce((sum, z) => sum + softmax(z, i * classes)[k]!, 0);
        expect(votes[i]).toBe(winners.reduce((best, k) => (mean(k) > mean(best) ? k : best)));
      }
      // The examples hold both: votes that decide, and votes that do not.
      expect(ties.length).toBeGreaterThan(0);
      expect(ties.length).toBeLessThan(60);
      const result = await oracle.gradient(x, predictions[0]!, 'ce');
      expect(argmax(result.logits, classes)).toEqual(votes);
      close(result.gradient, reference!);
      expect(facts.ensemble?.surrogate).toBe('mean-probabilities');
    });
  });

  it.each(['mean-logits', 'mean-probabilities', 'vote'] as const)(
    'has a gradient of %s that differences confirm',
    async (combine) => {
      const members = await files(three, prepared);
      const x = examples(3, 4);
      const y = Int32Array.of(0, 1, 2);
      await withEnsemble(members, combine, async ({ oracle }) => {
        for (const loss of ['ce', 'margin'] as const) {
          const { gradient } = await oracle.gradient(x, y, loss);
          const step = 2e-3;
          for (let j = 0; j < width; j++) {
            const moved = async (by: number) =>
              (
                await oracle.gradient(
                  x.map((value, i) => (i % width === j ? value + by : value)),
                  y,
                  loss,
                )
              ).loss;
            const [up, down] = [await moved(step), await moved(-step)];
            for (let i = 0; i < 3; i++) {
              const difference = (up[i]! - down[i]!) / (2 * step);
              expect(Math.abs(difference - gradient[i * width + j]!)).toBeLessThan(2e-3);
            }
          }
        }
      });
    },
  );

  it('runs iterations inside the runtime where a mean decides, and not where votes do', async () => {
    const members = await files(three, prepared);
    const kind = { loss: 'ce', norm: 'linf', momentum: true } as const;
    await withEnsemble(members, 'mean-probabilities', async ({ oracle }) => {
      expect(await oracle.segments?.(kind)).not.toBeNull();
    });
    await withEnsemble(members, 'vote', async ({ oracle }) => {
      expect(await oracle.segments?.(kind)).toBeNull();
    });
  });

  it.each([
    ['sigmoids', 'shares'],
    ['probabilities', 'plain-probabilities'],
    ['softmax', 'probabilities'],
  ] as const)('knows what a file returns: %s', async (returns, scale) => {
    const members = await files([{ phase: 0, returns }, { phase: 1 }]);
    const x = examples(4, 5);
    await withEnsemble(members, 'mean-probabilities', async ({ oracle, original, facts }) => {
      expect(facts.ensemble?.members.map((member) => member.scale)).toEqual([scale, 'logits']);
      close(await oracle.logits(x), await original.predict(x), 1e-4);
    });
  });

  it('takes one sigmoid for two classes', async () => {
    const members = await files([
      { phase: 0, returns: 'one-sigmoid' },
      { phase: 1, returns: 'softmax', classes: 2 },
    ]);
    const x = examples(4, 6);
    await withEnsemble(members, 'mean-probabilities', async ({ oracle, original }) => {
      expect(oracle.classes).toBe(2);
      close(await oracle.logits(x), await original.predict(x), 1e-4);
    });
  });

  it('stays finite where members are as sure as float32 allows, and has a way on where their mean is flat', async () => {
    const members = await files([
      { phase: 0, returns: 'softmax', sharpness: 400 },
      { phase: 2, returns: 'softmax', sharpness: 300 },
    ]);
    const x = examples(8, 7);
    await withEnsemble(members, 'mean-probabilities', async ({ oracle, original, throughLogits }) => {
      const scores = await oracle.logits(x);
      const y = argmax(scores, classes);
      expect([...(await original.predict(x))].every(Number.isFinite)).toBe(true);
      const steepest = ({ gradient }: { gradient: Float32Array }) =>
        Array.from({ length: 8 }, (_, i) =>
          gradient.subarray(i * width, (i + 1) * width).reduce((most, g) => Math.max(most, Math.abs(g)), 0),
        );
      const own = await oracle.gradient(x, y, 'margin');
      expect([...own.gradient, ...own.loss].every(Number.isFinite)).toBe(true);
      // Sure of different classes: nothing moves the mean of their probabilities.
      expect(steepest(own).filter((size) => size < 1e-6).length).toBeGreaterThan(0);
      const through = await (await throughLogits!()).gradient(x, y, 'margin');
      expect(Math.min(...steepest(through))).toBeGreaterThan(1);
      // What it decides by is the ensemble itself.
      expect(through.logits).toEqual(scores);
    });
  });
});

describe('the verifier of an ensemble', () => {
  it('asks the files: a member that is another one on the disk is seen', async () => {
    const members = await files(three, prepared);
    const x = examples(6, 8);
    await withEnsemble(members, 'vote', async ({ original, members: opened }) => {
      const verifier = createVerifier({ predict: (each) => original.predict(each), classes, exampleSize: width });
      const y = argmax(await original.predict(x), classes);
      const threat = { norm: 'linf', epsilon: 1, bounds: null } as const;
      const { confirmed, reasons } = await verifier.confirm({ x, adversarial: x, y, threat });
      expect([...confirmed]).toEqual([0, 0, 0, 0, 0, 0]);
      expect(reasons[0]).toContain('still predicts the true class');
      const wrong = y.map((k) => (k + 1) % classes);
      expect([...(await verifier.confirm({ x, adversarial: x, y: wrong, threat })).confirmed]).toEqual([
        1, 1, 1, 1, 1, 1,
      ]);
      expect(opened.map(({ differentiable }) => differentiable)).toEqual([true, true, true]);
    });
  });

  it('is held against the graph before it is used: a member that differs is named', async () => {
    const members = await files(three, prepared);
    const { mergeGraphs } = await import('../../../src/engine/ensemble/merge');
    const { openGraph } = await import('../../../src/engine/model');
    const opened: (CheckedMember & { release(): Promise<void> })[] = [];
    for (const [m, file] of members.entries()) {
      const { prepared: own, data } = await openGraph(file.path, { ...options, preprocess: file.preprocess });
      const { createOriginal } = await import('../../../src/engine/original');
      const original = createOriginal(own, data);
      opened.push({
        name: `number ${m}`,
        data,
        input: own.input,
        scale: (['logits', 'probabilities', 'log-probabilities'] as const)[m]!,
        weight: 1 / 3,
        left: own.left,
        tolerance: 1e-3,
        random: false,
        original,
        release: () => own.release(),
      });
    }
    try {
      const merged = await mergeGraphs(opened, 'mean-logits');
      const rule = {
        combine: 'mean-logits',
        weights: [1 / 3, 1 / 3, 1 / 3],
        scales: opened.map(({ scale }) => scale),
      } as const;
      await checkMerged(merged, opened, rule, examples(2));
      // Another file in the place of the second.
      const swapped = opened.map((member, m) => (m === 1 ? { ...member, original: opened[0]!.original } : member));
      await expect(checkMerged(merged, swapped, rule, examples(2))).rejects.toMatchObject({
        code: 'model/ensemble-differs',
        message: expect.stringContaining('number 1'),
      });
    } finally {
      for (const member of opened) await member.release();
    }
  });

  it('has a hash that any member changes', async () => {
    const [a, b, c] = await files([{ phase: 0 }, { phase: 1 }, { phase: 2 }]);
    const hashes = new Set<string>();
    const note = async ({ facts }: OpenedEnsemble) => {
      hashes.add(facts.sha256);
    };
    await withEnsemble([a!, b!], 'vote', note);
    await withEnsemble([a!, c!], 'vote', note);
    await withEnsemble([b!, a!], 'vote', note);
    await withEnsemble([a!, b!], 'mean-logits', note);
    await withEnsemble([a!, b!], 'vote', note, [0.6, 0.4]);
    expect(hashes.size).toBe(5);
  });
});

describe('members that do not fit', () => {
  const refused = async (models: readonly SmallModel[], combine: Combination = 'mean-logits') => {
    const members = await files(models);
    return withEnsemble(members, combine, async () => {}).then(
      () => null,
      (error: unknown) => error,
    );
  };

  it('have other classes: both are named', async () => {
    expect(await refused([{ phase: 0 }, { phase: 1, classes: 4 }])).toMatchObject({
      code: 'model/ensemble',
      message: expect.stringMatching(/member\d+-0\.onnx tells 3 classes apart and member\d+-1\.onnx 4/),
    });
  });

  it('take other examples: the one is named', async () => {
    expect(await refused([{ phase: 0 }, { phase: 1, width: 7 }])).toMatchObject({
      code: 'model/input-mismatch',
      message: expect.stringMatching(/^member\d+-1\.onnx, a member of the ensemble: /),
    });
  });

  it('return labels where a mean is asked for; votes they can give', async () => {
    expect(await refused([{ phase: 0 }, { phase: 1, returns: 'labels' }])).toMatchObject({
      code: 'model/ensemble',
      message: expect.stringContaining('labels alone'),
    });
    expect(await refused([{ phase: 0 }, { phase: 1, returns: 'labels' }], 'vote')).toBeNull();
  });

  it('are no models', async () => {
    const [good] = await files([{ phase: 0 }]);
    const path = join(folder.path, 'garbage.onnx');
    await writeFile(path, Buffer.from('no model at all, but some bytes'));
    await expect(withEnsemble([good!, { ...good!, path }], 'vote', async () => {})).rejects.toMatchObject({
      code: 'model/not-onnx',
      message: expect.stringContaining('garbage.onnx, a member'),
    });
  });
});
