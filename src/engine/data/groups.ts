import { dirname, relative, resolve, sep } from 'node:path';
import { RobustnessError } from '../error';
import type { DataSource } from '../spec/schema';
import { csvRows, inferDelimiter } from './csvRows';
import { bytesOf, elementReader } from './elements';
import { listColumns } from './folder';
import { formatOf } from './format';
import { openNpy, openNpyText } from './npy';
import { fixedRecords } from './records';
import { jsonLines } from './textRows';
import type { Dataset } from './types';
import { zipMembers } from './zip';

/** More values than this are no groups but measurements or names of examples. */
const mostGroups = 200;
/** Name of the group of what lies directly in the folder of its class, and of empty cells. */
const noGroup = '(none)';

/**
 * The name of each used example's group, from a column of a table, an array of a numpy archive, or the folders of images.
 * @param dataset the opened data: its files and count
 * @returns [count] names
 * @throws RobustnessError `data/group-…`, `data/no-such-array`, `data/no-such-column`
 */
export async function readGroups(
  source: DataSource & { readonly groups: string },
  base: string,
  dataset: Pick<Dataset, 'count' | 'files'>,
): Promise<string[]> {
  const path = resolve(base, source.path);
  const format = source.format ?? (await formatOf(path));
  const names = oneOfEach(await namesOf(path, format, source, dataset));
  if (names.length !== dataset.count) {
    throw new RobustnessError(
      'data/group-count',
      `“${source.groups}” names ${names.length} groups, but there are ${dataset.count} examples.`,
      'Give every example its group, in the order of the examples.',
    );
  }
  const different = new Set(names).size;
  if (different > mostGroups) {
    throw new RobustnessError(
      'data/group-many',
      `“${source.groups}” has ${different} different values, which is more than ${mostGroups}.`,
      'Name a column with few values in `data.test.groups`, such as a site, a device or an age band.',
    );
  }
  return names;
}

/** The same names, each a single string however often it occurs. */
function oneOfEach(names: readonly string[]): string[] {
  const known = new Map<string, string>();
  return names.map((name) => {
    const first = known.get(name) ?? name;
    known.set(first, first);
    return first;
  });
}

async function namesOf(
  path: string,
  format: DataSource['format'] | null,
  source: DataSource & { readonly groups: string },
  { count, files = [] }: Pick<Dataset, 'count' | 'files'>,
): Promise<string[]> {
  if (format === 'jsonl') return keyOf(path, source.groups, count);
  if (format === 'csv') return columnOf(path, source.groups, count, source.delimiter);
  if (format === 'npz' && /\.npz$/i.test(path)) return arrayOf(path, source.groups, count);
  if (format === 'folder') {
    const list = files.find((file) => /\.csv$/i.test(file));
    if (source.groups !== 'folder' && list !== undefined) return listedColumn(list, source.groups, count);
    if (source.groups === 'folder') {
      const root = list === undefined ? path : dirname(list);
      const images = files.filter((file) => file !== list).slice(0, count);
      // Without a list the first folder is the class; what lies between it and the image is the group.
      return images.map((file) => {
        const folders = relative(root, dirname(file)).split(sep);
        return (list === undefined ? folders.slice(1) : folders)[0] || noGroup;
      });
    }
  }
  throw new RobustnessError(
    'data/group-unknown',
    `Groups called “${source.groups}” cannot be read from ${path}.`,
    'Name a column of a table, an array of an .npz archive, or write `groups: folder` for folders of images.',
  );
}

async function columnOf(path: string, name: string, count: number, delimiter?: string): Promise<string[]> {
  let column: number | null = null;
  const names: string[] = [];
  for await (const { cells } of csvRows(path, delimiter ?? (await inferDelimiter(path)))) {
    if (column === null) {
      column = cells.indexOf(name);
      if (column < 0) throw noColumn(path, name, cells);
      continue;
    }
    if (names.length === count) break;
    names.push(cells[column]?.trim() || noGroup);
  }
  return names;
}

/** What objects, one a line, have under a key; nothing where it is missing. */
async function keyOf(path: string, key: string, count: number): Promise<string[]> {
  const names: string[] = [];
  let found = false;
  for await (const { object } of jsonLines(path)) {
    if (names.length === count) break;
    const value = Object.hasOwn(object, key) ? object[key] : undefined;
    found ||= value !== undefined;
    names.push(
      (typeof value === 'string' ? value.trim() : typeof value === 'object' ? '' : String(value ?? '')) || noGroup,
    );
  }
  if (!found) throw noColumn(path, key, []);
  return names;
}

/** The column of a list of images. */
async function listedColumn(list: string, name: string, count: number): Promise<string[]> {
  for await (const { cells } of csvRows(list, await inferDelimiter(list))) {
    const used = listColumns(cells);
    if (used !== null && cells.indexOf(name) === used.file) throw noColumn(list, name, cells);
    break;
  }
  return columnOf(list, name, count);
}

async function arrayOf(path: string, name: string, count: number): Promise<string[]> {
  const members = (await zipMembers(path)).filter((member) => member.name.endsWith('.npy'));
  const member = members.find((each) => each.name === `${name}.npy`);
  if (member === undefined) {
    throw new RobustnessError(
      'data/no-such-array',
      `${path} has no array called “${name}” for the groups.`,
      `Name one of its arrays (${members.map((each) => each.name.slice(0, -4)).join(', ')}) as \`data.test.groups\`.`,
    );
  }
  const bytes = await member.open();
  const text = await openNpyText(bytes);
  const names: string[] = [];
  const take = async (shape: readonly number[], offset: number, size: number, nameOf: (record: DataView) => string) => {
    if (shape.length !== 1) {
      throw new RobustnessError(
        'data/group-shape',
        `The groups “${name}” have the shape (${shape.join(', ')}).`,
        'Give one group an example: an array of shape (examples).',
      );
    }
    const end = Math.min(count, shape[0] ?? 0);
    for await (const record of fixedRecords(bytes, offset, size, 0, end)) {
      names.push(nameOf(new DataView(record.buffer, record.byteOffset, record.byteLength)) || noGroup);
    }
  };
  if (text !== null) {
    await take(text.shape, text.offset, text.size, text.read);
    return names;
  }
  const array = await openNpy(bytes);
  const read = elementReader(array);
  await take(array.shape, array.offset, bytesOf(array.type), (record) => String(read(record, 0)));
  return names;
}

function noColumn(path: string, name: string, header: readonly string[]): RobustnessError {
  return new RobustnessError(
    'data/no-such-column',
    `${path} has no column “${name}” for the groups.`,
    `Its columns are ${header.slice(0, 12).join(', ')}: correct \`data.test.groups\`.`,
  );
}
