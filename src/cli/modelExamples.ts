import { resolve } from 'node:path';
import { openDataset } from '../engine/data/open';
import { withInputsByName } from '../engine/data/record';
import type { RecordLayout } from '../engine/data/types';
import type { WritableArray } from '../engine/data/write';
import { RobustnessError } from '../engine/error';
import { graphFacts } from '../engine/onnx/inspect';
import { readModel } from '../engine/onnx/read';
import { textInputs } from '../engine/text/inputs';
import type { Arguments } from './command';
import { type NpzExamples, readExamples } from './npzInput';

/** Options of commands that take a model with several inputs or outputs. */
export const portOptions = {
  perturb: {
    type: 'string',
    value: 'A,B',
    help: "Those of the model's inputs that may change; its float inputs if absent.",
  },
  output: { type: 'string', value: 'NAME', help: 'Output that holds the scores; the first float one if absent.' },
} as const;

/** Names given with --perturb. */
export function perturbed(args: Arguments): string[] | undefined {
  const text = args.text('perturb');
  return text === undefined ? undefined : text.split(',').map((name) => name.trim());
}

export interface ModelExamples extends Omit<NpzExamples, 'unit'> {
  /** How an example holds the model's inputs, where it takes several. */
  readonly record?: RecordLayout;
}

function takesText(modelPath: string): RobustnessError {
  return new RobustnessError(
    'usage/text',
    `${modelPath} takes token ids of texts, which are not attacked from arrays: characters are discrete.`,
    'Give texts in place of arrays: `robustness attack` or `evaluate MODEL --data TEXTS.csv`, with its tokenizer.json beside it.',
  );
}

/** These commands hold their arrays in memory; larger work is for `evaluate`, which streams. */
const largest = 2 ** 28;

/**
 * What a model takes: `x` of the archive, or, for a model with several inputs, an array of each one's name.
 * @throws RobustnessError `data/…`, `model/…`
 */
export async function readModelExamples(
  modelPath: string,
  dataPath: string,
  perturb: string[] | undefined,
): Promise<ModelExamples> {
  const { inputs } = graphFacts(await readModel(modelPath));
  if (textInputs({ inputs })) throw takesText(modelPath);
  if (inputs.length <= 1) {
    if (perturb !== undefined && String(perturb) !== inputs[0]?.name) {
      throw new RobustnessError(
        'usage/perturb',
        `The model has one input, “${inputs[0]?.name}”, and --perturb names ${perturb.join(', ')}.`,
        'Leave --perturb out.',
      );
    }
    return readExamples(dataPath);
  }
  const source = withInputsByName({ path: resolve(dataPath), ...(perturb ? { perturb } : {}) }, inputs);
  const dataset = await openDataset(source, '.');
  const size = dataset.shape[0] ?? 0;
  if (dataset.count * size > largest) {
    throw new RobustnessError(
      'data/too-large',
      `${dataPath} holds ${dataset.count * size} values.`,
      `Give at most ${largest}; \`evaluate\` streams larger data.`,
    );
  }
  for await (const { x, y } of dataset.batches(dataset.count)) {
    return { x, y, shape: dataset.shape, record: dataset.record as RecordLayout };
  }
  throw new RobustnessError('data/empty', `${dataPath} has no examples.`, 'Give a data set with examples.');
}

/**
 * Values in the layout of examples as arrays to be written: [n, …] under `name`, or one for each perturbed input under
 * `name_input`.
 */
export function arraysOf(
  name: string,
  values: Float32Array,
  { shape, record }: Pick<ModelExamples, 'shape' | 'record'>,
): Record<string, WritableArray> {
  const size = shape.reduce((product, dimension) => product * dimension, 1);
  const n = values.length / size;
  if (!record) return { [name]: { values, shape: [n, ...shape] } };
  let from = 0;
  const arrays: Record<string, WritableArray> = {};
  for (const part of record.parts) {
    const count = part.shape.reduce((product, dimension) => product * dimension, 1);
    if (part.perturbed) {
      const own = new Float32Array(n * count);
      for (let i = 0; i < n; i++) own.set(values.subarray(i * size + from, i * size + from + count), i * count);
      arrays[`${name}_${part.input}`] = { values: own, shape: [n, ...part.shape] };
    }
    from += count;
  }
  return arrays;
}
