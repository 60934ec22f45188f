import { RobustnessError } from '../error';
import { inferSpec } from '../spec/infer';
import { unstatedPreprocess } from '../spec/resolve';
import type { Preprocess, ResolvedSpec } from '../spec/schema';
import { chunksOf, split } from './examples';
import type { Journal } from './journal';
import { openFor, type Subject } from './prepare';
import { samplePositions } from './stage/check';
import { argmax } from './state';

type Inference = Awaited<ReturnType<typeof inferSpec>>;

/**
 * The spec with its pre-processing settled: as stated, or, where the spec says nothing, the usual one under which the
 * model is best on a sample. The choice is journalled, so that a resumed run makes the same.
 */
export async function settlePreprocess(
  subject: Subject,
  journal: Journal,
  keyPrefix: string,
): Promise<{ spec: ResolvedSpec; notes: readonly string[] }> {
  const { spec } = subject;
  // There is no accuracy by which pre-processings of a regression could be told apart: what is not stated is not done.
  if (isStated(subject) || spec.task === 'regression' || subject.text) return { spec, notes: [] };
  const key = `${keyPrefix}inference`;
  let chosen = journal.get(key) as { preprocess: Preprocess; message: string } | undefined;
  if (chosen === undefined) {
    const { preprocess, message } = await infer(subject);
    chosen = { preprocess, message };
    await journal.append(key, chosen);
  }
  // What was resolved before the model ran is overtaken by what its accuracy shows.
  const inferred = spec.inferred.filter((note) => note !== unstatedPreprocess);
  return { spec: { ...spec, inferred, preprocess: chosen.preprocess }, notes: [chosen.message.replace(/\.$/, '')] };
}

/** Tries the usual pre-processings on a sample of the data. */
export async function infer(subject: Subject): Promise<Inference> {
  const { dataset, model, target, spec } = subject;
  const opened = await openFor(subject, spec.preprocess);
  const { classes } = opened.oracle;
  await opened.release();
  return inferSpec({
    modelPath: target.modelPath,
    input: { shape: model.inputs[0]?.shape ?? [] },
    dataset,
    classes,
    examples: samplePositions(dataset.count).length,
    ...(isStated(subject) ? { stated: spec.preprocess } : {}),
    accuracyOf: (preprocess) => sampleAccuracy(subject, preprocess),
  });
}

/** Whether the spec itself says how inputs are normalised. */
export function isStated({ target }: Subject): boolean {
  const given = target.spec.preprocess;
  return given?.mean !== undefined || given?.std !== undefined;
}

/** Accuracy on a sample spread over the data, which may be sorted by class. */
async function sampleAccuracy(subject: Subject, preprocess: Preprocess): Promise<number> {
  const opened = await openFor(subject, preprocess);
  try {
    const positions = samplePositions(subject.dataset.count);
    let correct = 0;
    for await (const { x, y } of chunksOf(subject.dataset, split(positions, 64))) {
      const predicted = argmax(await opened.oracle.logits(x), opened.oracle.classes);
      correct += predicted.filter((k, i) => k === y[i]).length;
    }
    return correct / positions.length;
  } finally {
    await opened.release();
  }
}

/** What to tell when a model is no better than chance: the figures, and the pre-processing that does fit, if one does. */
export async function atChanceError(
  subject: Subject,
  correct: number,
  count: number,
  classes: number,
): Promise<RobustnessError> {
  const message =
    `The model is right about ${correct} of ${count} examples, which guessing among ${classes} classes does as well: ` +
    'model, data and pre-processing do not match.';
  if (subject.text) {
    return new RobustnessError(
      'evaluate/at-chance',
      message.replace(/:.*/s, ': model, data and tokenizer do not match.'),
      'Check that the labels belong to the texts, the order of the classes (`data.classes`), and that the tokenizer is the one that the model was trained with.',
    );
  }
  let hint: string;
  try {
    const { atChance, tried, preprocess, message: proposal } = await infer(subject);
    hint = atChance
      ? `None of the ${tried.length} usual pre-processings fits either; check that data and labels belong to this model, and the order of the classes.`
      : `${proposal} Write \`preprocess: ${asYaml(preprocess)}\` into the spec.`;
  } catch (error) {
    hint = `Check the data and \`preprocess\` in the spec (no other pre-processing could be tried: ${error instanceof Error ? error.message : String(error)}).`;
  }
  return new RobustnessError('evaluate/at-chance', message, hint);
}

export function asYaml({ mean, std, layout, channels }: Preprocess): string {
  const numbers = (values: readonly number[]) => (values.length === 1 ? String(values[0]) : `[${values.join(', ')}]`);
  const colours = channels === 'rgb' ? '' : `, channels: ${channels}`;
  return `{mean: ${numbers(mean)}, std: ${numbers(std)}, layout: ${layout}${colours}}`;
}
