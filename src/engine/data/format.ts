import { open, readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { RobustnessError } from '../error';
import type { DataSource } from '../spec/schema';
import { cifarFilesIn } from './cifar';
import { listColumns } from './folder';
import { idxFileIn, isIdxImages } from './idx';

const images = /\.(png|jpe?g)$/i;
const recordings = /\.wav$/i;

export type Format = NonNullable<DataSource['format']>;

/** The format of a file or folder, by its name and, for folders and lists, by what is inside; null if it has none. */
export async function formatOf(path: string): Promise<Format | null> {
  const info = await stat(path).catch((cause: unknown) => {
    throw new RobustnessError(
      'data/not-found',
      `There is no file or folder at ${path}.`,
      'Correct the path in the spec; paths are relative to the spec file.',
      { cause },
    );
  });
  if (info.isDirectory()) return folderFormat(path);
  const name = basename(path).toLowerCase();
  if (/\.np[yz]$/.test(name)) return 'npz';
  if (/\.(csv|tsv)$/.test(name)) {
    if (await isListOf(path, images)) return 'folder';
    return (await isListOf(path, recordings)) ? 'wav' : 'csv';
  }
  if (/\.(jsonl|ndjson)$/.test(name)) return 'jsonl';
  if (isIdxImages(name)) return 'idx';
  if (name.endsWith('.bin')) return 'cifar';
  return null;
}

async function folderFormat(path: string): Promise<Format | null> {
  const names = await readdir(path);
  if (names.includes('labels.csv')) {
    const list = join(path, 'labels.csv');
    if (await isListOf(list, images)) return 'folder';
    if (await isListOf(list, recordings)) return 'wav';
  }
  if ((await idxFileIn(path)) !== null) return 'idx';
  if ((await cifarFilesIn(path)).length > 0) return 'cifar';
  if ((await countClassFolders(path)).holding > 0) return 'folder';
  return (await countClassFolders(path, recordings)).holding > 0 ? 'wav' : null;
}

/** How many of the sub-folders (the first 100) hold images, as the classes of a folder of images do, or other files. */
export async function countClassFolders(
  path: string,
  wanted = images,
): Promise<{ readonly holding: number; readonly others: number }> {
  const entries = await readdir(path, { withFileTypes: true });
  let holding = 0;
  let others = 0;
  for (const entry of entries.slice(0, 100)) {
    if (!entry.isDirectory() || entry.name.startsWith('.')) continue;
    const inside = await readdir(join(path, entry.name));
    if (inside.some((name) => wanted.test(name))) holding++;
    else others++;
  }
  return { holding, others };
}

/** Whether the first line of a CSV file names a column of files and one of labels, and the second a file that is wanted. */
async function isListOf(path: string, wanted: RegExp): Promise<boolean> {
  const handle = await open(path);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(4096), 0, 4096, 0);
    const [first = '', second = ''] = buffer.toString('utf8', 0, bytesRead).split(/\r?\n/, 2);
    const cells = second.split(/[,;\t]/).map((cell) => cell.trim().replace(/^"|"$/g, ''));
    return listColumns(first.split(/[,;\t]/)) !== null && cells.some((cell) => wanted.test(cell));
  } finally {
    await handle.close();
  }
}
