import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { RobustnessError } from '../error';
import { fileBytes, fileSize } from './bytes';
import { classIndex } from './labels';
import { fixedRecords } from './records';
import type { ExampleSource } from './source';

const recordBytes = 1 + 3 * 32 * 32;

/** The ten classes of CIFAR-10 in their order (batches.meta.txt of the original distribution). */
const cifar10 = ['airplane', 'automobile', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck'];

/**
 * CIFAR-10's binary version: records of one label byte and 3×32×32 bytes, channels first.
 * @param paths one file, or the batches of a folder in order
 * @throws RobustnessError `data/…`
 */
export async function openCifar(
  path: string,
  paths: readonly string[],
  stated: readonly string[] | null,
): Promise<ExampleSource> {
  const counts: number[] = [];
  for (const file of paths) {
    const size = await fileSize(file);
    if (size === 0 || size % recordBytes !== 0) {
      throw new RobustnessError(
        'data/cifar-size',
        `${file} has ${size} bytes, which is not a multiple of ${recordBytes} (one label and 3×32×32 values).`,
        'Give a file of the binary version of CIFAR-10; one of CIFAR-100, or the Python version, is another format.',
      );
    }
    counts.push(size / recordBytes);
  }
  const named = stated ?? (await metaClasses(dirname(paths[0]!)));
  const classes = named ?? cifar10;
  const inferred = named === null ? ['classes are those of CIFAR-10'] : [];
  if (paths.length > 1) inferred.push(`examples are those of ${paths.map((each) => basename(each)).join(', ')}`);
  return {
    path,
    files: paths,
    available: counts.reduce((sum, count) => sum + count, 0),
    kind: 'image',
    shape: [3, 32, 32],
    depth: 'uint8',
    seekable: true,
    classes,
    features: null,
    inferred,
    async *examples(start, end, signal) {
      let before = 0;
      for (const [i, file] of paths.entries()) {
        const count = counts[i]!;
        const from = Math.max(0, start - before);
        const to = Math.min(count, end - before);
        let index = before + from;
        before += count;
        if (from >= to) continue;
        for await (const record of fixedRecords(await fileBytes(file), 0, recordBytes, from, to, signal)) {
          yield { values: record.subarray(1), label: classIndex(record[0]!, `example ${index}`, classes) };
          index++;
        }
      }
    },
  };
}

/** The batches of a folder: the test batch if it is there, else the training batches. */
export async function cifarFilesIn(folder: string): Promise<readonly string[]> {
  const names = (await readdir(folder)).sort();
  const test = names.filter((name) => /^test_batch.*\.bin$/.test(name));
  const chosen = test.length > 0 ? test : names.filter((name) => /^data_batch.*\.bin$/.test(name));
  return chosen.map((name) => join(folder, name));
}

async function metaClasses(folder: string): Promise<readonly string[] | null> {
  try {
    const text = await readFile(join(folder, 'batches.meta.txt'), 'utf8');
    const names = text.split(/\r?\n/).filter((line) => line.trim() !== '');
    return names.length > 0 && names.length <= 256 ? names : null;
  } catch {
    return null;
  }
}
