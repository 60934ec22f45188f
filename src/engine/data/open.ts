import { access, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { RobustnessError } from '../error';
import type { DataSource } from '../spec/schema';
import { type AssembleOptions, assemble, type OpenDataset } from './assemble';
import { cifarFilesIn, openCifar } from './cifar';
import { openCsv } from './csv';
import { openFolder } from './folder';
import { formatOf } from './format';
import { idxFileIn, openIdx } from './idx';
import { openNpyPair, openNpz } from './npz';
import type { SeriesInput } from './series';
import type { ExampleSource } from './source';
import { type AnswerKind, noTargets } from './targets';
import { openText } from './text';
import { openWavFolder } from './wavFolder';

export interface OpenOptions extends AssembleOptions {
  readonly classes?: readonly string[] | undefined;
  /** How the model takes time series, where it does. */
  readonly series?: SeriesInput | undefined;
  /** Class labels if absent. */
  readonly answers?: AnswerKind | undefined;
  /** The model takes texts: tables hold them. */
  readonly texts?: boolean | undefined;
  /** Of texts: code points in an example, where other data say. */
  readonly width?: number | undefined;
  /** Of texts: names of the classes in the order of the model, where its own files say them. */
  readonly names?: readonly string[] | undefined;
}

/**
 * Opens the data that a spec names, whatever their format. Every used example is read once, so that damage is found now
 * and not in the middle of a run; folders of images are only checked by their headers.
 * @param base folder that relative paths are relative to
 * @throws RobustnessError `data/…`
 */
export async function openDataset(source: DataSource, base: string, options: OpenOptions = {}): Promise<OpenDataset> {
  const path = resolve(base, source.path);
  const format = (await formatOf(path)) ?? source.format;
  const limits = [source.limit, options.limit].filter((limit) => limit !== undefined);
  const stored = await openSource(path, source.format ?? format, source, base, options);
  return assemble(stored, { ...options, limit: limits.length > 0 ? Math.min(...limits) : undefined });
}

async function openSource(
  path: string,
  format: DataSource['format'],
  source: DataSource,
  base: string,
  options: OpenOptions,
): Promise<ExampleSource> {
  const classes = options.classes ?? null;
  const { answers, series } = options;
  if (answers === 'targets' && format !== undefined && format !== 'npz' && format !== 'csv' && format !== 'jsonl')
    throw noTargets(path);
  const folder = (await stat(path)).isDirectory();
  if (options.texts === true || source.text !== undefined || format === 'jsonl') {
    if (folder || (format !== 'csv' && format !== 'jsonl')) throw noTexts(path);
    if (options.range !== undefined || (options.unit ?? 1) !== 1) throw noScale(path);
    return openText(path, source, {
      classes,
      answers: answers ?? 'labels',
      width: options.width,
      names: options.names,
    });
  }
  switch (format) {
    case 'npz':
      if (folder) throw unknownFormat(path);
      if (!path.toLowerCase().endsWith('.npy')) return openNpz(path, source, classes, answers, series);
      return openNpyPair(
        path,
        source,
        answers === 'none' ? path : await npyLabels(path, source, base),
        classes,
        answers,
        series,
      );
    case 'csv':
      if (folder) throw unknownFormat(path);
      return openCsv(path, source, classes, answers, series);
    case 'idx': {
      const labels = source.labels === undefined ? null : resolve(base, String(source.labels));
      const file = folder ? await idxFileIn(path) : path;
      if (file === null) throw unknownFormat(path);
      return openIdx(file, source, labels, classes, answers);
    }
    case 'cifar': {
      const files = folder ? await cifarFilesIn(path) : [path];
      if (files.length === 0) throw unknownFormat(path);
      return openCifar(path, files, classes);
    }
    case 'folder':
      return openFolder(path, options.resize ?? null, classes, answers);
    case 'wav':
      return openWavFolder(path, source, classes, answers);
    case undefined:
      throw unknownFormat(path);
  }
}

function noTexts(path: string): RobustnessError {
  return new RobustnessError(
    'data/no-texts',
    `${path} is no table of texts, which the model takes.`,
    'Give a .csv or .tsv file with a column of texts, or a .jsonl file of objects with a text and a label each.',
  );
}

function noScale(path: string): RobustnessError {
  return new RobustnessError(
    'data/outside-range',
    `${path} holds texts, whose characters have neither range nor unit.`,
    'Remove `data.range` and `data.unit` from the spec.',
  );
}

async function npyLabels(path: string, source: DataSource, base: string): Promise<string> {
  if (source.labels !== undefined) return resolve(base, String(source.labels));
  const name = basename(path);
  const candidates = [
    name.replace(/^x/i, (x) => (x === 'x' ? 'y' : 'Y')),
    name.replace(/images|inputs|data|features/i, 'labels'),
    'labels.npy',
    'y.npy',
  ];
  for (const candidate of candidates) {
    const file = join(dirname(path), candidate);
    if (
      candidate !== name &&
      (await access(file).then(
        () => true,
        () => false,
      ))
    )
      return file;
  }
  throw new RobustnessError(
    'data/no-labels',
    `There is no label file such as ${candidates[0] === name ? 'labels.npy' : candidates[0]} beside ${path}.`,
    'Put it there, or name it in the spec as `labels`.',
  );
}

function unknownFormat(path: string): RobustnessError {
  return new RobustnessError(
    'data/unknown-format',
    `The format of ${path} is not known.`,
    'Give an .npz, .csv, .jsonl, MNIST IDX or CIFAR-10 .bin file or a folder of images or WAV files, or state `format` in the spec.',
  );
}
