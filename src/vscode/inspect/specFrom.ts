import { dirname, join, relative, resolve, sep } from 'node:path';
import type { EvaluationInference } from '../../engine/evaluate/inferEvaluation';
import type { DataSource, Preprocess, Spec } from '../../engine/spec/schema';

/** What is known of an evaluation once the questions are answered. */
export interface SpecAnswers {
  readonly modelPath: string;
  /** With an absolute path. */
  source: DataSource | undefined;
  inference: EvaluationInference | undefined;
  norm: 'linf' | 'l2' | 'edits';
  /** As written: `8/255`. */
  epsilon: string | undefined;
}

/** `robustness.yaml` in the nearest folder that holds both model and data; the model's if there is none within `root`. */
export function specPathFor(modelPath: string, dataPath: string, root: string): string {
  let folder = dirname(modelPath);
  while (!contains(folder, dataPath)) {
    const parent = dirname(folder);
    if (parent === folder || !contains(root, parent)) return join(dirname(modelPath), 'robustness.yaml');
    folder = parent;
  }
  return join(folder, 'robustness.yaml');
}

function contains(folder: string, path: string): boolean {
  const way = relative(resolve(folder), resolve(path));
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`) && resolve(folder, way) === resolve(path));
}

/** The spec at `specPath` that says what was found and answered; what is left out has its default. */
export function specFrom(answers: SpecAnswers, source: DataSource, specPath: string): Spec {
  const { inference, norm, modelPath } = answers;
  const epsilon = (answers.epsilon ?? '').replaceAll(/\s/g, '');
  const local = (path: string) => relative(dirname(specPath), path).split(sep).join('/');
  const facts = inference?.facts;
  const texts = facts?.kind === 'text';
  return {
    model: local(modelPath),
    task: 'classification',
    data: {
      test: { ...source, path: local(source.path) },
      // Characters have no unit.
      ...(facts === undefined || texts ? {} : { unit: facts.unit }),
      ...(facts === undefined || facts.storedRange === null ? {} : { range: [...facts.storedRange] }),
    },
    // A pre-processing that fits no better than guessing is not worth writing down.
    ...(inference === undefined || inference.atChance || texts ? {} : { preprocess: written(inference.preprocess) }),
    threatModels: [
      { name: `${norm}-${epsilon.replaceAll('/', '-')}`, norm, epsilon: texts ? Number(epsilon) : epsilon },
    ],
    seed: 0,
  };
}

/** One value for all channels is written as one value. */
function written({ mean, std, layout, channels }: Preprocess): NonNullable<Spec['preprocess']> {
  const short = (values: readonly number[]) => {
    const [first] = values;
    return first !== undefined && values.every((value) => value === first) ? first : [...values];
  };
  return { mean: short(mean), std: short(std), layout, ...(channels === 'rgb' ? {} : { channels }) };
}
