import { access, readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { RobustnessError } from '../error';
import type { DataSource } from '../spec/schema';
import { pairedExamples, type StoredArray } from './arrays';
import { fileBytes, fileSize, gzipBytes, readExactly } from './bytes';
import { bytesOf, type ElementType, elementReader } from './elements';
import { classIndex } from './labels';
import { exampleLayout } from './layout';
import type { ExampleSource } from './source';
import type { AnswerKind } from './targets';

const elementTypes = new Map<number, ElementType>([
  [0x08, 'u1'],
  [0x09, 'i1'],
  [0x0b, 'i2'],
  [0x0c, 'i4'],
  [0x0d, 'f4'],
  [0x0e, 'f8'],
]);

/**
 * MNIST's IDX format, plain or gzip: an image file and, beside it, the label file of the matching name.
 * @param path the image file, or a folder with one
 * @param labelPath as stated; found by the naming convention if null
 * @throws RobustnessError `data/…`
 */
export async function openIdx(
  path: string,
  source: DataSource,
  labelPath: string | null,
  classes: readonly string[] | null,
  answers: AnswerKind = 'labels',
): Promise<ExampleSource> {
  const images = await openIdxArray(path);
  if (answers === 'none') return unlabelled(path, images, source);
  const labelFile = labelPath ?? (await labelFileFor(path));
  const labels = await openIdxArray(labelFile);
  const [available = 0, ...dimensions] = images.shape;
  if (labels.shape.length !== 1 || images.shape.length < 2) {
    throw new RobustnessError(
      'data/idx-header',
      `${labels.shape.length !== 1 ? labelFile : path} has ${labels.shape.length !== 1 ? labels.shape.length : images.shape.length} dimensions: labels have one, examples two or more.`,
      'Check that the image file and the label file are not swapped.',
    );
  }
  if (labels.shape[0] !== available) {
    throw new RobustnessError(
      'data/count-mismatch',
      `There are ${available} examples in ${path} but ${labels.shape[0]} labels in ${labelFile}.`,
      'Use the two files of the same set (t10k with t10k, train with train).',
    );
  }
  const layout = exampleLayout(dimensions, source.layout, images.type === 'u1');
  const readLabel = elementReader(labels);
  const labelOf = (row: DataView, index: number) => classIndex(readLabel(row, 0), `example ${index}`, classes);
  const uint8 = images.type === 'u1';
  return {
    path,
    files: [path, labelFile],
    available,
    kind: layout.kind,
    shape: layout.shape,
    depth: uint8 && layout.kind === 'image' ? 'uint8' : 'number',
    classes,
    features: null,
    inferred: [...(labelPath === null ? [`labels are in ${basename(labelFile)}`] : []), ...layout.inferred],
    examples: (start, end, signal) => pairedExamples(images, layout, labels, labelOf, { start, end, signal }),
  };
}

/** Examples whose labels nobody asks for: the file beside them need not exist. */
function unlabelled(path: string, images: StoredArray, source: DataSource): ExampleSource {
  const layout = exampleLayout(images.shape.slice(1), source.layout, images.type === 'u1');
  return {
    path,
    files: [path],
    available: images.shape[0] ?? 0,
    kind: layout.kind,
    shape: layout.shape,
    depth: images.type === 'u1' && layout.kind === 'image' ? 'uint8' : 'number',
    classes: null,
    features: null,
    inferred: layout.inferred,
    examples: (start, end, signal) => pairedExamples(images, layout, images, () => 0, { start, end, signal }),
  };
}

/** The image file of a folder: the test set's when there is a choice; null when there is none. */
export async function idxFileIn(folder: string): Promise<string | null> {
  const names = (await readdir(folder)).filter(isIdxImages).sort();
  const name = names.find((each) => /t10k|test|val/i.test(each)) ?? names[0];
  return name === undefined ? null : join(folder, name);
}

export function isIdxImages(name: string): boolean {
  return /images?[-._]?idx\d[-._]?ubyte(\.gz)?$/i.test(name) || /images.*\.idx(\d)?(\.gz)?$/i.test(name);
}

async function openIdxArray(path: string): Promise<StoredArray> {
  await fileSize(path);
  const gzip = path.endsWith('.gz');
  const first = gzip ? gzipBytes(path) : await fileBytes(path);
  const magic = await readExactly(first, 0, 4);
  const type = elementTypes.get(magic[2]!);
  const rank = magic[3]!;
  if (magic[0] !== 0 || magic[1] !== 0 || type === undefined || rank < 1 || rank > 4) {
    throw new RobustnessError(
      'data/idx-header',
      `${path} does not begin with an IDX magic number.`,
      'Give the image file of an IDX pair, such as t10k-images-idx3-ubyte.gz.',
    );
  }
  const header = await readExactly(first, 4, 4 * rank);
  const view = new DataView(header.buffer);
  const shape = Array.from({ length: rank }, (_, i) => view.getUint32(4 * i, false));
  const offset = 4 + 4 * rank;
  const size = shape.reduce((product, dimension) => product * dimension, bytesOf(type)) + offset;
  const plain = first.size;
  // Deflate cannot do better than about 1032:1.
  const possible = plain ?? 1100 * (await fileSize(path));
  if (!Number.isSafeInteger(size) || size > possible || (plain !== null && size !== plain)) {
    throw new RobustnessError(
      'data/idx-header',
      `${path} declares the shape [${shape.join(', ')}], which needs ${size} bytes, but does not hold them.`,
      'The file is incomplete or its header is wrong: download it again.',
    );
  }
  return { bytes: gzip ? gzipBytes(path, size) : first, offset, shape, type, littleEndian: false };
}

async function labelFileFor(path: string): Promise<string> {
  const folder = dirname(path);
  const name = basename(path)
    .replace(/images/i, 'labels')
    .replace(/image/i, 'label')
    .replace(/idx\d/i, 'idx1');
  const other = name.endsWith('.gz') ? name.slice(0, -3) : `${name}.gz`;
  for (const candidate of [name, other]) {
    if (candidate === basename(path)) continue;
    try {
      await access(join(folder, candidate));
      return join(folder, candidate);
    } catch {
      // Not there: the next candidate.
    }
  }
  throw new RobustnessError(
    'data/no-labels',
    `There is no label file ${name} beside ${path}.`,
    'Put it there, or name it in the spec as `labels`.',
  );
}
