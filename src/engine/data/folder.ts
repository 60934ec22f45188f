import { createReadStream } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { RobustnessError } from '../error';
import { fileSize } from './bytes';
import { csvRows, inferDelimiter } from './csvRows';
import { decodeImage, type ImageHeader, imageHeader } from './image';
import { LabelMap } from './labels';
import { resizeImage } from './resize';
import type { ExampleSource } from './source';
import type { AnswerKind } from './targets';

/** The files that a folder is looked through for. */
export interface FileKind {
  readonly pattern: RegExp;
  readonly noun: string;
}

const imageFiles: FileKind = { pattern: /\.(png|jpe?g)$/i, noun: 'PNG or JPEG images' };
const otherImage = /\.(bmp|gif|webp|tiff?|ppm|pgm)$/i;
const fileColumns = ['file', 'path', 'filename', 'file_name', 'image', 'image_path', 'img'];
const labelColumns = ['label', 'class', 'classid', 'class_id', 'target', 'species', 'category', 'y'];
/** Enough for the header of a PNG, and for that of a JPEG unless it carries a large profile or preview. */
const headBytes = 65_536;

interface LabelledFile {
  readonly path: string;
  readonly label: number;
}

/**
 * Images in one sub-folder a class, or images listed with their labels in a `labels.csv`.
 * @param path the folder, or its list of labels
 * @param resize [height, width], by PIL's bicubic resampling
 * @throws RobustnessError `data/…`
 */
export async function openFolder(
  path: string,
  resize: readonly [number, number] | null,
  classes: readonly string[] | null,
  answers: AnswerKind = 'labels',
): Promise<ExampleSource> {
  const found = await labelledFiles(path, classes, answers, imageFiles);
  const { files, list } = found;
  const inferred = [...found.inferred];

  const headers: Pick<ImageHeader, 'width' | 'height'>[] = [];
  let channels: 1 | 3 = 1;
  let transparent = 0;
  for (const { path: file } of files) {
    const header = await readHeader(file);
    if (header.channels === 3) channels = 3;
    if (header.transparent) transparent++;
    const { width, height } = header;
    // All that has to be known of the sizes is whether they differ.
    if (
      headers.length === 0 ||
      (headers.length === 1 && (headers[0]!.width !== width || headers[0]!.height !== height))
    ) {
      headers.push({ width, height });
    }
  }
  const [first, different] = headers;
  if (first === undefined) throw noFiles(path, imageFiles);
  if (different !== undefined && resize === null) {
    throw new RobustnessError(
      'data/image-sizes',
      `The images in ${path} have different sizes, such as ${first.width}×${first.height} and ${different.width}×${different.height}.`,
      'Set `preprocess.resize` to the [height, width] that the model takes.',
    );
  }
  if (transparent > 0) inferred.push(`the transparency of ${transparent} images was dropped`);
  const [height, width] = resize ?? [first.height, first.width];
  return {
    path,
    files: [...(list === null ? [] : [list]), ...files.map((file) => file.path)],
    available: files.length,
    kind: 'image',
    shape: [channels, height, width],
    depth: 'uint8',
    classes: found.classes,
    features: null,
    inferred,
    lazy: true,
    resized: true,
    async *examples(start, end, signal) {
      for (const { path: file, label } of files.slice(start, end)) {
        signal?.throwIfAborted();
        const { values, shape } = decodeImage(await readFile(file), file, channels);
        const fits = shape[1] === height && shape[2] === width;
        yield { values: fits ? values : resizeImage(values, shape, [height, width]), label };
      }
    },
  };
}

interface Found {
  readonly files: readonly LabelledFile[];
  readonly classes: readonly string[] | null;
  readonly inferred: readonly string[];
}

/**
 * The files of a kind with their labels: listed in a `labels.csv`, or in one sub-folder a class; without labels, all of them.
 *
 * @returns also the list, where there is one
 * @throws RobustnessError `data/…`
 */
export async function labelledFiles(
  path: string,
  classes: readonly string[] | null,
  answers: AnswerKind,
  kind: FileKind,
): Promise<Found & { readonly list: string | null }> {
  if (answers === 'none') return { ...(await allFiles(path, kind)), list: null };
  const list = path.toLowerCase().endsWith('.csv') ? path : join(path, 'labels.csv');
  if (await exists(list)) return { ...(await listedFiles(list, classes, kind)), list };
  return { ...(await classFolders(path, classes, kind)), list: null };
}

/** Every file of a kind below a folder, whatever the folders in it are called. */
async function allFiles(folder: string, { pattern, noun }: FileKind): Promise<Found> {
  const inside = await readdir(folder, { withFileTypes: true, recursive: true });
  const paths = inside
    .filter((entry) => entry.isFile() && pattern.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort((a, b) => (a < b ? -1 : 1));
  if (paths.length === 0) {
    throw new RobustnessError('data/empty', `${folder} has no ${noun}.`, 'Give a folder with such files.');
  }
  return { files: paths.map((path) => ({ path, label: 0 })), classes: null, inferred: [] };
}

async function classFolders(folder: string, stated: readonly string[] | null, kind: FileKind): Promise<Found> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .map((entry) => entry.name);
  const labels = new LabelMap(stated);
  const files: { path: string; name: string }[] = [];
  let others = 0;
  for (const name of names.sort((a, b) => (a < b ? -1 : 1))) {
    const inside = await readdir(join(folder, name), { withFileTypes: true, recursive: true });
    const wanted = inside.filter((entry) => entry.isFile() && kind.pattern.test(entry.name));
    others += inside.filter((entry) => entry.isFile() && otherImage.test(entry.name)).length;
    if (wanted.length === 0) continue;
    labels.see(name, `folder ${name}`);
    const paths = wanted.map((entry) => join(entry.parentPath, entry.name)).sort((a, b) => (a < b ? -1 : 1));
    for (const path of paths) files.push({ path, name });
  }
  if (files.length === 0) throw noFiles(folder, kind);
  const { classes, inferred } = labels.settle();
  const said = [...inferred];
  if (classes === null) said.push('the names of the folders are numbers and were taken as class indices');
  if (others > 0 && kind === imageFiles) said.push(`${others} images of other formats than PNG and JPEG were left out`);
  return { files: files.map(({ path, name }) => ({ path, label: labels.of(name) })), classes, inferred: said };
}

async function listedFiles(list: string, stated: readonly string[] | null, kind: FileKind): Promise<Found> {
  const root = dirname(list);
  const labels = new LabelMap(stated);
  const listed: { path: string; label: string }[] = [];
  const names = new Map<string, string>();
  let columns: ListColumns | undefined;
  for await (const { cells, line } of csvRows(list, await inferDelimiter(list))) {
    if (columns === undefined) {
      columns = listColumns(cells) ?? undefined;
      if (columns === undefined) throw noListColumns(list);
      continue;
    }
    const name = cells[columns.file]!;
    const path = resolve(root, name);
    const within = relative(root, path);
    if (within === '' || within.startsWith('..') || isAbsolute(within)) {
      throw new RobustnessError(
        'data/path-outside',
        `Line ${line} of ${list} names “${name}”, which is outside of the folder.`,
        'List files inside the folder of the list only.',
      );
    }
    const label = cells[columns.label]!;
    labels.see(label, `line ${line}`);
    if (columns.name !== null && names.size < 10_000) names.set(label, cells[columns.name]!);
    listed.push({ path, label });
  }
  if (listed.length === 0) throw noFiles(list, kind);
  const { classes, inferred } = labels.settle();
  const files = listed.map(({ path, label }) => ({ path, label: labels.of(label) }));
  const named = classes ?? classNames(names, Math.max(...new Set(files.map((file) => file.label))));
  return { files, classes: named, inferred: [`labels are those of ${basename(list)}`, ...inferred] };
}

interface ListColumns {
  readonly file: number;
  readonly label: number;
  /** A column with the name of the class. */
  readonly name: number | null;
}

/** Which columns of a list name the image and its class; null if it is no such list. */
export function listColumns(header: readonly string[]): ListColumns | null {
  const lower = header.map((name) => name.toLowerCase());
  const find = (names: readonly string[]) => names.map((name) => lower.indexOf(name)).find((column) => column >= 0);
  const file = find(fileColumns);
  const label = find(labelColumns);
  if (file === undefined || label === undefined) return null;
  return { file, label, name: find(['name', 'label_name', 'class_name', 'classname']) ?? null };
}

/** Names by class index, if every class up to the largest has one. */
function classNames(names: ReadonlyMap<string, string>, largest: number): readonly string[] | null {
  const byIndex = new Map([...names].map(([label, name]) => [Number(label), name]));
  const all = Array.from({ length: largest + 1 }, (_, i) => byIndex.get(i));
  return all.every((name) => name !== undefined) ? all : null;
}

async function readHeader(path: string): Promise<ImageHeader> {
  const size = await fileSize(path);
  const chunks: Uint8Array[] = [];
  for await (const chunk of createReadStream(path, { end: headBytes - 1 })) chunks.push(chunk as Uint8Array);
  try {
    return imageHeader(Buffer.concat(chunks), path);
  } catch (error) {
    if (size > headBytes && RobustnessError.is(error, 'data/not-an-image'))
      return imageHeader(await readFile(path), path);
    throw error;
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    return (await fileSize(path)) >= 0;
  } catch {
    return false;
  }
}

function noFiles(path: string, { noun }: FileKind): RobustnessError {
  return new RobustnessError(
    'data/no-classes',
    `${path} has no sub-folders with ${noun}, and no labels.csv that lists any.`,
    'Put the files of each class into a sub-folder with its name, or add a labels.csv with the columns file and label.',
  );
}

function noListColumns(list: string): RobustnessError {
  return new RobustnessError(
    'data/no-such-column',
    `${list} does not name a column of files and one of labels in its first line.`,
    'Call the columns file and label.',
  );
}
