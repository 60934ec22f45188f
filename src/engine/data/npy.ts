import { RobustnessError } from '../error';
import type { StoredArray } from './arrays';
import { type ByteSource, readExactly } from './bytes';
import { bytesOf, type ElementFormat, type ElementType } from './elements';

/** Numpy itself refuses longer headers. */
const longestHeader = 10_000;

/**
 * Reads the header of an .npy array (NEP 1, versions 1 to 3). Pickled objects are refused, never loaded.
 * @throws RobustnessError `data/npy-header`, `data/unsupported`, `data/truncated`
 */
export async function openNpy(bytes: ByteSource): Promise<StoredArray> {
  const { header, offset } = await readHeader(bytes);
  const { type, littleEndian } = elementFormat(bytes.name, header);
  const shape = shapeOf(bytes, header);
  if (/'fortran_order'\s*:\s*True/.test(header) && shape.length > 1) {
    throw new RobustnessError(
      'data/unsupported',
      `${bytes.name} is stored in Fortran order.`,
      'Save it again with numpy.save(..., numpy.ascontiguousarray(array)).',
    );
  }
  checkSize(bytes, offset, shape, bytesOf(type));
  return { bytes, offset, shape, type, littleEndian };
}

/** An array of text: each element has `size` bytes. */
export interface StoredText {
  readonly offset: number;
  readonly shape: readonly number[];
  readonly size: number;
  readonly read: (element: DataView) => string;
}

/** Longer texts are no names. */
const longestText = 1024;

/**
 * An .npy array of text: UTF-32 (`<U5`) or bytes (`|S5`), padded with zeros. Null where the array holds something else.
 * @throws RobustnessError `data/npy-header`, `data/truncated`
 */
export async function openNpyText(bytes: ByteSource): Promise<StoredText | null> {
  const { header, offset } = await readHeader(bytes);
  const match = /'descr'\s*:\s*'([<>|=]?)([US])(\d{1,6})'/.exec(header);
  if (match === null) return null;
  const length = Number(match[3]);
  if (length === 0 || length > longestText) throw badHeader(bytes.name, `its texts have ${length} characters`);
  const size = match[2] === 'U' ? 4 * length : length;
  const shape = shapeOf(bytes, header);
  checkSize(bytes, offset, shape, size);
  const littleEndian = match[1] !== '>';
  return { offset, shape, size, read: match[2] === 'U' ? (view) => utf32(view, littleEndian) : asciiOrUtf8 };
}

function utf32(view: DataView, littleEndian: boolean): string {
  let text = '';
  for (let at = 0; at + 4 <= view.byteLength; at += 4) {
    const point = view.getUint32(at, littleEndian);
    if (point === 0) break;
    text += point > 0x10ffff ? '\ufffd' : String.fromCodePoint(point);
  }
  return text;
}

function asciiOrUtf8(view: DataView): string {
  const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  const end = bytes.indexOf(0);
  return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end));
}

async function readHeader(bytes: ByteSource): Promise<{ header: string; offset: number }> {
  const prefix = await readExactly(bytes, 0, 10);
  if (String.fromCharCode(...prefix.subarray(0, 6)) !== '\x93NUMPY') throw badHeader(bytes.name, 'it lacks the magic');
  const long = prefix[6]! >= 2;
  const lengthBytes = await readExactly(bytes, 8, long ? 4 : 2);
  const view = new DataView(lengthBytes.buffer);
  const length = long ? view.getUint32(0, true) : view.getUint16(0, true);
  if (length > longestHeader) throw badHeader(bytes.name, `its header has ${length} bytes`);
  const offset = (long ? 12 : 10) + length;
  const header = new TextDecoder('latin1').decode(await readExactly(bytes, offset - length, length));
  return { header, offset };
}

function shapeOf(bytes: ByteSource, header: string): number[] {
  const shapeText = /'shape'\s*:\s*\(([\d\s,L]*)\)/.exec(header)?.[1];
  if (shapeText === undefined) throw badHeader(bytes.name, 'it names no shape');
  return shapeText
    .replaceAll('L', '')
    .split(',')
    .filter((part) => part.trim() !== '')
    .map(Number);
}

function checkSize(bytes: ByteSource, offset: number, shape: readonly number[], elementBytes: number): void {
  const declared = shape.reduce((product, dimension) => product * dimension, elementBytes);
  if (!Number.isSafeInteger(declared) || (bytes.size !== null && offset + declared !== bytes.size)) {
    const held = bytes.size === null ? 'the file cannot hold that' : `${Math.max(0, bytes.size - offset)} are there`;
    throw badHeader(bytes.name, `its shape (${shape.join(', ')}) needs ${declared} bytes, but ${held}`);
  }
}

function elementFormat(name: string, header: string): ElementFormat {
  const descr = /'descr'\s*:\s*'([^']*)'/.exec(header)?.[1];
  if (descr === undefined) throw badHeader(name, 'it names no element type, or a structured one');
  const match = /^([<>|=]?)(f2|f4|f8|i1|i2|i4|i8|u1|u2|u4|u8|b1)$/.exec(descr);
  if (match === null) {
    const what = descr.includes('O') ? 'pickled Python objects, which are never loaded' : `elements of type ${descr}`;
    throw new RobustnessError(
      'data/unsupported',
      `${name} holds ${what}.`,
      'Save it as an array of numbers, such as float32 for examples and int64 for labels.',
    );
  }
  return { type: match[2] as ElementType, littleEndian: match[1] !== '>' };
}

function badHeader(name: string, why: string): RobustnessError {
  return new RobustnessError(
    'data/npy-header',
    `${name} is not a sound numpy array: ${why}.`,
    'Save it again with numpy.save or numpy.savez; if it was downloaded, download it again.',
  );
}
