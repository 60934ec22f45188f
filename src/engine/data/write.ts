import { writeFile } from 'node:fs/promises';
import { zipSync } from 'fflate';

export type ArrayValues = Float32Array | Float64Array | Int32Array | BigInt64Array | Uint8Array;

/** An array to be written, in C order. */
export interface WritableArray {
  readonly shape: readonly number[];
  readonly values: ArrayValues;
}

/** The array as .npy (NEP 1, version 1). */
export function encodeNpy({ shape, values }: WritableArray): Uint8Array {
  const size = shape.reduce((product, dimension) => product * dimension, 1);
  if (size !== values.length)
    throw new RangeError(`${values.length} values do not fill the shape (${shape.join(', ')})`);
  const tuple = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const header = `{'descr': '${descriptorOf(values)}', 'fortran_order': False, 'shape': (${tuple}), }`;
  // Magic, version and length take 10 bytes; the elements begin at a multiple of 64.
  const padded = `${header.padEnd(Math.ceil((header.length + 11) / 64) * 64 - 11)}\n`;
  const bytes = new Uint8Array(10 + padded.length + values.byteLength);
  bytes.set([0x93, ...new TextEncoder().encode('NUMPY'), 1, 0, padded.length & 0xff, padded.length >> 8]);
  bytes.set(new TextEncoder().encode(padded), 10);
  bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), 10 + padded.length);
  return bytes;
}

/** Writes arrays by name as numpy's `savez_compressed` does; overwrites. */
export async function writeNpz(path: string, arrays: Readonly<Record<string, WritableArray>>): Promise<void> {
  const members = Object.entries(arrays).map(([name, array]) => [`${name}.npy`, encodeNpy(array)]);
  await writeFile(path, zipSync(Object.fromEntries(members)));
}

function descriptorOf(values: ArrayValues): string {
  if (values instanceof Float32Array) return '<f4';
  if (values instanceof Float64Array) return '<f8';
  if (values instanceof Int32Array) return '<i4';
  if (values instanceof BigInt64Array) return '<i8';
  return '|u1';
}
