import { storedPath } from '../report/store';
import type { Evidence } from './evidence';
import { asYaml, infer, isStated } from './inference';
import type { Journal } from './journal';
import { findOverlap } from './overlap';
import type { Subject } from './prepare';
import { samplePositions } from './stage/check';
import { isCorrect, type RunState, where } from './state';
import { openTrain } from './trainData';

/** Clean accuracy of images below which it is worth asking whether the pre-processing is the right one. */
const doubtful = 0.9;

/**
 * Looks at the data and at what is done to them, once the clean accuracy is known: whether test examples occur elsewhere, and
 * whether another pre-processing fits the model better than the stated one. Journalled, so that a resumed run reports the same.
 */
export async function probeData(
  subject: Subject,
  state: RunState,
  journal: Journal,
  keyPrefix: string,
  signal?: AbortSignal,
): Promise<void> {
  const { evidence } = state;
  evidence.overlap = await once(journal, `${keyPrefix}probe/overlap`, () => overlapOf(subject, signal));
  const right = where(state.seen, (i) => isCorrect(state, i)).length / Math.max(1, state.seen);
  // Of an ensemble each member has its own.
  if (subject.target.ensemble) return;
  if (subject.dataset.kind !== 'image' || !isStated(subject) || right >= doubtful) return;
  evidence.preprocessing = await once(journal, `${keyPrefix}probe/preprocessing`, () => otherPreprocessing(subject));
}

async function once<T>(journal: Journal, key: string, find: () => Promise<T>): Promise<T> {
  const known = journal.get(key) as { found: T } | undefined;
  if (known !== undefined) return known.found;
  const found = await find();
  await journal.append(key, { found });
  return found;
}

async function overlapOf(subject: Subject, signal?: AbortSignal): Promise<Evidence['overlap']> {
  const { target, dataset } = subject;
  const opened = await openTrain(subject, true, signal);
  if (opened === null) return findOverlap(dataset, null, signal);
  try {
    return await findOverlap(dataset, { ...opened, shownPath: storedPath(target.base, opened.path) }, signal);
  } finally {
    await opened.close();
  }
}

/** The accuracy of the usual pre-processings on a sample: the stated one's, and the best one's. */
async function otherPreprocessing(subject: Subject): Promise<Evidence['preprocessing']> {
  const { tried } = await infer(subject);
  const [stated] = tried;
  const best = [...tried].sort((a, b) => b.accuracy - a.accuracy)[0];
  if (!stated || !best) return null;
  return {
    examples: samplePositions(subject.dataset.count).length,
    stated: stated.accuracy,
    best: best.accuracy,
    title: best.title,
    yaml: asYaml(best.preprocess),
  };
}
