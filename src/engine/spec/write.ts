import { writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { Document, isMap, isScalar, visit } from 'yaml';
import { RobustnessError } from '../error';
import { type Spec, specSchema } from './schema';

/** What stands above each setting; the order is that of the file. */
const comments: readonly (readonly [keyof Spec, string])[] = [
  ['model', ' The model to evaluate, relative to this file.'],
  ['models', ' The models to compare, relative to this file.'],
  ['ensemble', ' Several models as one: members, and how they are brought to one answer.'],
  ['task', ''],
  ['data', ' Examples that the model has not seen. Stored values are divided by `unit`; ε below is in the result.'],
  ['preprocess', ' What the model wants: (x - mean) / std a channel, after the division by `unit`.'],
  ['threatModels', ' What an attacker may do. A robustness figure means nothing without it.'],
  ['corruptions', ' Common corruptions, as they happen without an attacker.'],
  ['stability', ' Whether predictions flip along sequences of small perturbations.'],
  ['spatial', ' Rotations and shifts of images, on a grid.'],
  ['universal', ' One perturbation for all examples.'],
  ['shifts', ' The same task on other data, or examples that belong to no class.'],
  ['shiftBaselines', ' Reports on other models that effective robustness is held against.'],
  ['eot', ' Passes that are averaged where the model draws random numbers.'],
  ['gates', ' Thresholds that fail a run, such as "clean.accuracy >= 0.9" or "robustAccuracy(linf-8) >= 0.4".'],
  ['claims', ' Where sentences that claim robustness are looked for.'],
  ['context', ' How average and worst case are weighed.'],
  ['baseline', ' An earlier report to compare with.'],
  ['seed', ' The same seed gives the same report.'],
];

/** The spec as commented YAML. */
export function renderSpec(spec: Spec): string {
  const ordered = comments.map(([key]) => [key, spec[key]] as const).filter(([, value]) => value !== undefined);
  const document = new Document(Object.fromEntries(ordered));
  document.commentBefore = ' Evaluation spec of Robustness Inspector. Unknown keys are errors.';
  if (isMap(document.contents)) {
    for (const [i, pair] of document.contents.items.entries()) {
      if (!isScalar(pair.key)) continue;
      const comment = comments.find(([key]) => isScalar(pair.key) && key === pair.key.value)?.[1];
      if (comment) pair.key.commentBefore = comment;
      if (comment && i > 0) pair.key.spaceBefore = true;
    }
  }
  visit(document, {
    // Short lists of numbers and names stay on a line.
    Seq: (_, node) => {
      if (node.items.every((item) => isScalar(item))) node.flow = true;
    },
  });
  return document.toString({ lineWidth: 100, flowCollectionPadding: false });
}

/**
 * Writes a spec as commented YAML.
 * @throws RobustnessError `spec/exists` when there is a file already and `overwrite` is not set; `spec/not-written`
 */
export async function writeSpec(
  path: string,
  spec: Spec,
  options: { readonly overwrite?: boolean } = {},
): Promise<void> {
  const text = renderSpec(specSchema.parse(spec));
  try {
    await writeFile(path, text, { flag: options.overwrite === true ? 'w' : 'wx' });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') {
      throw new RobustnessError(
        'spec/exists',
        `${basename(path)} exists already and was left as it is.`,
        'Edit it, or remove it first.',
        { cause },
      );
    }
    throw new RobustnessError(
      'spec/not-written',
      `${path} cannot be written.`,
      'Check the folder and its permissions.',
      {
        cause,
      },
    );
  }
}
