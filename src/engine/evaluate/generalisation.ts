import type { Oracle } from '../attack/types';
import type { Dataset } from '../data/types';
import { RobustnessError } from '../error';
import { differenceOf } from '../metric/difference';
import { share } from '../metric/interval';
import { Random } from '../random';
import type { GeneralisationReport } from '../report/cleanSchema';
import { storedPath } from '../report/store';
import type { Journal } from './journal';
import type { Subject } from './prepare';
import { argmax, isCorrect, type RunState, where } from './state';
import { openTrain } from './trainData';

/** What the model makes of a sample of its training data. */
export interface TrainTally {
  readonly path: string;
  readonly available: number;
  readonly examples: number;
  readonly correct: number;
}

/** Fewer training examples than this are not worth saving time on. */
const leastSample = 1000;
const batch = 128;

/**
 * Accuracy on a sample of the training data, with the pre-processing of the test data: `data.train.limit` examples, or as many as there are test
 * examples (1000 at least), drawn from each class by its share. Journalled. Null where the spec names no training data.
 * @throws RobustnessError `data/train-shape`, and what reading throws
 */
export async function trainAccuracy(
  subject: Subject,
  oracle: Pick<Oracle, 'logits' | 'classes'>,
  journal: Journal,
  keyPrefix: string,
  signal?: AbortSignal,
): Promise<TrainTally | null> {
  const { target, dataset, spec } = subject;
  const { train } = target.spec.data;
  if (train === undefined) return null;
  const key = `${keyPrefix}generalisation`;
  const known = journal.get(key) as TrainTally | undefined;
  if (known !== undefined) return known;
  const opened = await openTrain(subject, false, signal);
  if (opened === null) return null;
  try {
    if (String(opened.shape) !== String(dataset.shape)) {
      throw new RobustnessError(
        'data/train-shape',
        `Training examples have the shape [${opened.shape.join(', ')}], test examples [${dataset.shape.join(', ')}].`,
        'Give `data.train` in the same form as `data.test`.',
      );
    }
    const size = Math.min(opened.count, train.limit ?? Math.max(leastSample, dataset.count));
    const tally = {
      path: storedPath(target.base, opened.path),
      available: opened.count,
      ...(await accuracyOn(opened, size, oracle, spec.seed, signal)),
    };
    await journal.append(key, tally);
    return tally;
  } finally {
    await opened.close();
  }
}

async function accuracyOn(
  data: Dataset,
  size: number,
  oracle: Pick<Oracle, 'logits' | 'classes'>,
  seed: number,
  signal: AbortSignal | undefined,
): Promise<Pick<TrainTally, 'examples' | 'correct'>> {
  const options = signal ? { signal } : {};
  const labels = new Int32Array(data.count);
  for await (const { start, y } of data.batches(batch, options)) labels.set(y, start);
  const chosen = stratifiedSample(labels, size, seed);
  const elements = data.shape.reduce((product, dimension) => product * dimension, 1);
  let correct = 0;
  for await (const { start, count, x, y } of data.batches(batch, options)) {
    let kept = 0;
    // Those that were drawn move to the front of the batch.
    for (let i = 0; i < count; i++) {
      if (chosen[start + i] !== 1) continue;
      x.copyWithin(kept * elements, i * elements, (i + 1) * elements);
      y[kept++] = y[i]!;
    }
    if (kept === 0) continue;
    const predicted = argmax(await oracle.logits(x.subarray(0, kept * elements)), oracle.classes);
    for (let i = 0; i < kept; i++) if (predicted[i] === y[i]) correct++;
  }
  return { examples: size, correct };
}

/**
 * [n] 1 for `size` examples drawn without replacement, from each class by its share; what rounding leaves goes to the classes with the largest
 * remainders.
 */
export function stratifiedSample(labels: Int32Array, size: number, seed: number): Uint8Array {
  const members = new Map<number, number[]>();
  for (const [i, label] of labels.entries()) {
    const own = members.get(label);
    if (own) own.push(i);
    else members.set(label, [i]);
  }
  const n = labels.length;
  const wanted = Math.min(size, n);
  const strata = [...members]
    .sort(([a], [b]) => a - b)
    .map(([label, own]) => ({
      label,
      own,
      quota: Math.floor((own.length * wanted) / n),
      rest: (own.length * wanted) % n,
    }));
  let left = wanted - strata.reduce((sum, { quota }) => sum + quota, 0);
  for (const stratum of [...strata].sort((a, b) => b.rest - a.rest || a.label - b.label)) {
    if (left === 0) break;
    stratum.quota++;
    left--;
  }
  const random = Random.of(seed, 'train-sample');
  const chosen = new Uint8Array(n);
  for (const { own, quota } of strata) {
    // The first steps of a shuffle.
    for (let k = 0; k < quota; k++) {
      const at = k + random.integer(own.length - k);
      [own[k], own[at]] = [own[at]!, own[k]!];
      chosen[own[k]!] = 1;
    }
  }
  return chosen;
}

/** The figures of training and test data, and the gap between them; nothing until both are known. */
export function generalisationReport(state: RunState): { generalisation?: GeneralisationReport } {
  const { train } = state;
  if (!train || train.examples === 0 || state.seen < state.count) return {};
  const ours = share(train.correct, train.examples);
  const test = share(where(state.count, (i) => isCorrect(state, i)).length, state.count);
  return {
    generalisation: {
      trainPath: train.path,
      trainExamples: train.available,
      train: ours,
      test,
      gap: { ...differenceOf(ours, test), n: test.n },
    },
  };
}
