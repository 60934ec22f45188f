import { basename } from 'node:path';
import { RobustnessError } from '../error';
import type { DataSource } from '../spec/schema';
import { pairedExamples, type StoredArray } from './arrays';
import { fileBytes } from './bytes';
import { labelReader } from './labels';
import { openNpy } from './npy';
import { openNpzRecord } from './record';
import { layoutOf, type SeriesInput, sampled } from './series';
import type { ExampleSource } from './source';
import { type AnswerKind, targetReader, targetWidth } from './targets';
import { zipMembers } from './zip';

const inputNames = ['x', 'x_test', 'inputs', 'images', 'data', 'features', 'test_images', 'arr_0'];
const labelNames = ['y', 'y_test', 'labels', 'label', 'targets', 'target', 'test_labels', 'arr_1'];

/**
 * Examples and labels in a numpy archive. Members are streamed, compressed or not, and never held as a whole.
 * @throws RobustnessError `data/…`
 */
export async function openNpz(
  path: string,
  source: DataSource,
  classes: readonly string[] | null,
  answers: AnswerKind = 'labels',
  series?: SeriesInput,
): Promise<ExampleSource> {
  if (typeof source.inputs === 'object') return openNpzRecord(path, source.inputs, source, classes, answers);
  const members = (await zipMembers(path)).filter((member) => member.name.endsWith('.npy'));
  const names = members.map((member) => member.name.slice(0, -'.npy'.length));
  const inferred: string[] = [];
  const choose = (stated: string | undefined, usual: readonly string[], role: string): string => {
    if (stated !== undefined && names.includes(stated)) return stated;
    const found =
      stated === undefined
        ? usual.flatMap((name) => names.filter((each) => each.toLowerCase() === name))[0]
        : undefined;
    if (found === undefined) {
      throw new RobustnessError(
        'data/no-such-array',
        stated === undefined
          ? `${path} has no array with a usual name for ${role}.`
          : `${path} has no array called “${stated}”.`,
        `Name one of its arrays (${names.join(', ')}) in the spec as \`${role}\`.`,
      );
    }
    inferred.push(`${role} are the array “${found}”`);
    return found;
  };
  const inputs = choose(source.inputs, inputNames, 'inputs');
  const labels =
    answers === 'none'
      ? inputs
      : choose(source.labels === undefined ? undefined : String(source.labels), labelNames, 'labels');
  const open = async (name: string) => openNpy(await members[names.indexOf(name)]!.open());
  return arraySource(path, [path], await open(inputs), await open(labels), source, classes, answers, inferred, series);
}

/**
 * Examples in one .npy file, labels in another beside it: `x.npy` and `y.npy`, `images.npy` and `labels.npy`, or as
 * stated.
 */
export async function openNpyPair(
  path: string,
  source: DataSource,
  labelPath: string,
  classes: readonly string[] | null,
  answers: AnswerKind = 'labels',
  series?: SeriesInput,
): Promise<ExampleSource> {
  const inputs = await openNpy(await fileBytes(path));
  const labels = await openNpy(await fileBytes(labelPath));
  const inferred = source.labels === undefined && answers !== 'none' ? [`labels are in ${basename(labelPath)}`] : [];
  return arraySource(path, [path, labelPath], inputs, labels, source, classes, answers, inferred, series);
}

function arraySource(
  path: string,
  files: readonly string[],
  inputs: StoredArray,
  labels: StoredArray,
  source: DataSource,
  classes: readonly string[] | null,
  answers: AnswerKind,
  inferred: readonly string[],
  series: SeriesInput | undefined,
): ExampleSource {
  const [available = 0, ...dimensions] = inputs.shape;
  if (inputs.shape.length < 2) {
    throw new RobustnessError(
      'data/layout',
      `The array of examples has the shape (${inputs.shape.join(', ')}), which leaves no room for an example.`,
      'The first dimension counts the examples: name the right array as `inputs`, or reshape it.',
    );
  }
  if (labels.shape[0] !== available) {
    throw new RobustnessError(
      'data/count-mismatch',
      `There are ${available} examples but ${labels.shape[0] ?? 0} labels in ${path}.`,
      'Save the examples and the labels of the same set.',
    );
  }
  const uint8 = inputs.type === 'u1';
  const layout = layoutOf(dimensions, source, series, uint8);
  const answerOf =
    answers === 'none' ? () => 0 : answers === 'targets' ? targetReader(labels) : labelReader(labels, classes);
  return {
    path,
    files: [...new Set(files)],
    available,
    kind: layout.kind,
    shape: layout.shape,
    stored: { shape: dimensions, channelsLast: layout.channelsLast },
    depth: uint8 && layout.kind === 'image' ? 'uint8' : 'number',
    seekable: inputs.bytes.seekable === true,
    classes,
    ...sampled(layout.kind, source),
    features: null,
    ...(answers === 'targets' ? { targets: targetWidth(labels) } : {}),
    inferred: [...inferred, ...layout.inferred],
    examples: (start, end, signal) => pairedExamples(inputs, layout, labels, answerOf, { start, end, signal }),
  };
}
