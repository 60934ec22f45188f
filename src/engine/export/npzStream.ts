import { randomBytes } from 'node:crypto';
import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { crc32 } from 'node:zlib';
import { encodeNpy, type WritableArray } from '../data/write';

/** One array of which the rows come one after another: the header is written last, once their number is known. */
interface OpenMember {
  readonly name: string;
  readonly rowShape: readonly number[];
  /** Where its local header begins. */
  readonly at: number;
  /** Of all bytes behind the local header. */
  size: number;
  rows: number;
}

interface Member {
  readonly name: string;
  readonly at: number;
  readonly size: number;
  readonly crc: number;
}

/** An .npy header takes this much, whatever number of rows it comes to state. */
const npyHeader = 128;
const localHeader = 30;
/** Zip64 sizes behind a local header: always there, since they are not known when it is written. */
const zip64Local = 20;
const chunkBytes = 2 ** 22;
const large = 0xffffffff;

/**
 * Writes an .npz (a zip of .npy, as `numpy.savez` does, uncompressed) of which one array is streamed: memory does not grow with its rows.
 * The file appears under its name when it is whole; until then, and after a failure, there is none.
 */
export class NpzStream {
  private position = 0;
  private readonly members: Member[] = [];
  private member: OpenMember;

  private constructor(
    private readonly handle: FileHandle,
    private readonly path: string,
    private readonly temporary: string,
    name: string,
    rowShape: readonly number[],
  ) {
    this.member = { name: `${name}.npy`, rowShape, at: 0, size: npyHeader, rows: 0 };
  }

  /**
   * @param name of the float32 array whose rows are streamed
   * @param rowShape of one row
   */
  static async create(path: string, name: string, rowShape: readonly number[]): Promise<NpzStream> {
    await mkdir(dirname(path), { recursive: true });
    const temporary = `${path}.${process.pid}.${randomBytes(4).toString('hex')}.tmp`;
    const stream = new NpzStream(await open(temporary, 'wx+'), path, temporary, name, rowShape);
    stream.position = localHeader + stream.member.name.length + zip64Local + npyHeader;
    return stream;
  }

  get rows(): number {
    return this.member.rows;
  }

  /** @param values [n, ...rowShape]; little-endian, as every machine that this runs on */
  async append(values: Float32Array): Promise<void> {
    const size = this.member.rowShape.reduce((product, dimension) => product * dimension, 1);
    if (values.length % size !== 0) throw new RangeError(`${values.length} values are no rows of ${size}`);
    await this.write(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
    this.member.rows += values.length / size;
    this.member.size += values.byteLength;
  }

  /** Ends the streamed array, adds the others, and puts the file in its place. */
  async finish(arrays: Readonly<Record<string, WritableArray | Uint8Array>>): Promise<void> {
    await this.closeMember();
    for (const [name, array] of Object.entries(arrays)) {
      await this.add(`${name}.npy`, array instanceof Uint8Array ? array : encodeNpy(array));
    }
    await this.directory();
    await this.handle.sync();
    await this.handle.close();
    await rename(this.temporary, this.path);
  }

  /** Leaves nothing behind. */
  async abandon(): Promise<void> {
    await this.handle.close().catch(() => {});
    await rm(this.temporary, { force: true });
  }

  private async closeMember(): Promise<void> {
    const { name, rowShape, at, rows, size } = this.member;
    const shape = [rows, ...rowShape].join(', ');
    const header = npyHead(
      `{'descr': '<f4', 'fortran_order': False, 'shape': (${shape}${rowShape.length === 0 ? ',' : ''}), }`,
    );
    const start = at + localHeader + name.length + zip64Local;
    await this.handle.write(header, 0, header.length, start);
    const buffer = new Uint8Array(Math.min(chunkBytes, size));
    let crc = 0;
    for (let done = 0; done < size; ) {
      const { bytesRead } = await this.handle.read(buffer, 0, Math.min(buffer.length, size - done), start + done);
      if (bytesRead === 0) throw new Error(`${this.temporary} was cut short while it was written`);
      crc = crc32(buffer.subarray(0, bytesRead), crc);
      done += bytesRead;
    }
    const local = localRecord(name, size, crc);
    await this.handle.write(local, 0, local.length, at);
    this.members.push({ name, at, size, crc });
  }

  private async add(name: string, bytes: Uint8Array): Promise<void> {
    const member = { name, at: this.position, size: bytes.length, crc: crc32(bytes) };
    await this.write(localRecord(name, bytes.length, member.crc));
    await this.write(bytes);
    this.members.push(member);
  }

  private async directory(): Promise<void> {
    const start = this.position;
    for (const member of this.members) await this.write(centralRecord(member));
    await this.write(endRecords(this.members.length, start, this.position - start));
  }

  private async write(bytes: Uint8Array): Promise<void> {
    for (let done = 0; done < bytes.length; ) {
      const { bytesWritten } = await this.handle.write(bytes, done, bytes.length - done, this.position);
      done += bytesWritten;
      this.position += bytesWritten;
    }
  }
}

/** Texts as numpy's `<U`. */
export function encodeTexts(texts: readonly string[]): Uint8Array {
  const width = texts.reduce((longest, text) => Math.max(longest, [...text].length), 1);
  const head = npyHead(`{'descr': '<U${width}', 'fortran_order': False, 'shape': (${texts.length},), }`);
  const bytes = new Uint8Array(head.length + 4 * width * texts.length);
  bytes.set(head);
  const view = new DataView(bytes.buffer, head.length);
  texts.forEach((text, i) => {
    [...text].forEach((character, k) => {
      view.setUint32(4 * (i * width + k), character.codePointAt(0) ?? 0, true);
    });
  });
  return bytes;
}

/** Magic, version, length and the dictionary, padded so that the elements begin at byte 128. */
function npyHead(dictionary: string): Uint8Array {
  const head = new Uint8Array(npyHeader).fill(0x20);
  if (dictionary.length > npyHeader - 11) throw new RangeError(`the header ${dictionary} is too long`);
  head.set([0x93, ...new TextEncoder().encode('NUMPY'), 1, 0, npyHeader - 10, 0]);
  head.set(new TextEncoder().encode(dictionary), 10);
  head[npyHeader - 1] = 0x0a;
  return head;
}

/** APPNOTE 4.3.7, stored, with the sizes in a zip64 field (4.5.3). */
function localRecord(name: string, size: number, crc: number): Uint8Array {
  const bytes = new Uint8Array(localHeader + name.length + zip64Local);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 0x04034b50, true);
  view.setUint16(4, 45, true);
  view.setUint16(12, 0x21, true);
  view.setUint32(14, crc, true);
  view.setUint32(18, large, true);
  view.setUint32(22, large, true);
  view.setUint16(26, name.length, true);
  view.setUint16(28, zip64Local, true);
  bytes.set(new TextEncoder().encode(name), localHeader);
  const extra = localHeader + name.length;
  view.setUint16(extra, 1, true);
  view.setUint16(extra + 2, 16, true);
  view.setBigUint64(extra + 4, BigInt(size), true);
  view.setBigUint64(extra + 12, BigInt(size), true);
  return bytes;
}

/** APPNOTE 4.3.12. */
function centralRecord({ name, at, size, crc }: Member): Uint8Array {
  const bytes = new Uint8Array(46 + name.length + 28);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 0x02014b50, true);
  view.setUint16(4, 45, true);
  view.setUint16(6, 45, true);
  view.setUint16(14, 0x21, true);
  view.setUint32(16, crc, true);
  view.setUint32(20, large, true);
  view.setUint32(24, large, true);
  view.setUint16(28, name.length, true);
  view.setUint16(30, 28, true);
  view.setUint32(42, large, true);
  bytes.set(new TextEncoder().encode(name), 46);
  const extra = 46 + name.length;
  view.setUint16(extra, 1, true);
  view.setUint16(extra + 2, 24, true);
  for (const [i, value] of [size, size, at].entries()) view.setBigUint64(extra + 4 + 8 * i, BigInt(value), true);
  return bytes;
}

/** Zip64 end, its locator, and the end of the central directory (APPNOTE 4.3.14 to 4.3.16). */
function endRecords(count: number, start: number, size: number): Uint8Array {
  const bytes = new Uint8Array(56 + 20 + 22);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 0x06064b50, true);
  view.setBigUint64(4, 44n, true);
  view.setUint16(12, 45, true);
  view.setUint16(14, 45, true);
  for (const at of [24, 32]) view.setBigUint64(at, BigInt(count), true);
  view.setBigUint64(40, BigInt(size), true);
  view.setBigUint64(48, BigInt(start), true);
  view.setUint32(56, 0x07064b50, true);
  view.setBigUint64(64, BigInt(start + size), true);
  view.setUint32(72, 1, true);
  view.setUint32(76, 0x06054b50, true);
  for (const at of [84, 86]) view.setUint16(at, count, true);
  view.setUint32(88, Math.min(large, size), true);
  view.setUint32(92, Math.min(large, start), true);
  return bytes;
}
