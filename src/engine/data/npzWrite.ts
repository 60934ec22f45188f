import { zipSync } from 'fflate';
import { writeAtomically } from '../report/store';

export interface NpyData {
  readonly data: Float32Array | Float64Array | Int32Array | Uint8Array;
  readonly shape: readonly number[];
}

/** Writes arrays as numpy.savez_compressed does; a reader never sees half of the file. */
export async function writeNpz(path: string, arrays: Readonly<Record<string, NpyData>>): Promise<void> {
  const members = Object.entries(arrays).map(([name, array]) => [`${name}.npy`, npyBytes(array)] as const);
  await writeAtomically(path, zipSync(Object.fromEntries(members), { level: 6 }));
}

/** One array in .npy format, version 1 (NEP 1), C order, little-endian. */
function npyBytes({ data, shape }: NpyData): Uint8Array {
  const elements = shape.reduce((product, n) => product * n, 1);
  if (elements !== data.length) throw new RangeError(`shape ${shape.join('×')} does not hold ${data.length} elements`);
  const shapeText = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
  const dictionary = `{'descr': '${descriptor(data)}', 'fortran_order': False, 'shape': ${shapeText}, }`;
  // Magic, version and length take 10 bytes; the header ends with a line break at a multiple of 64.
  const padded = `${dictionary.padEnd(Math.ceil((10 + dictionary.length + 1) / 64) * 64 - 11)}\n`;
  const header = Buffer.alloc(10);
  header.write('\x93NUMPY', 'latin1');
  header.set([1, 0], 6);
  header.writeUInt16LE(padded.length, 8);
  return Buffer.concat([
    header,
    Buffer.from(padded, 'latin1'),
    Buffer.from(data.buffer, data.byteOffset, data.byteLength),
  ]);
}

function descriptor(data: NpyData['data']): string {
  if (data instanceof Float32Array) return '<f4';
  if (data instanceof Float64Array) return '<f8';
  if (data instanceof Int32Array) return '<i4';
  return '|u1';
}
