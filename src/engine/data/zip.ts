import { RobustnessError } from '../error';
import { type ByteSource, deflatedBytes, fileBytes, readExactly } from './bytes';

// Why not a streaming unzip library: the arrays of an archive are read independently and more than once, which needs
// seeking by the central directory, and Node's own zlib inflates with back-pressure.

const endRecordBytes = 22;
const longestComment = 0xffff;
/** Numpy archives have a handful of members; a directory beyond this is not one. */
const longestDirectory = 16 * 2 ** 20;

export interface ZipMember {
  readonly name: string;
  open(): Promise<ByteSource>;
}

/**
 * The members of a zip archive (stored or deflated, zip64 included), by its central directory (PKWARE APPNOTE 4.3).
 * Nothing is ever extracted to disk, so names of members are only names.
 * @throws RobustnessError `data/not-a-zip`, `data/truncated`, `data/unsupported`
 */
export async function zipMembers(path: string): Promise<readonly ZipMember[]> {
  const file = await fileBytes(path);
  const directory = await centralDirectory(file);
  const view = viewOf(directory);
  const members: ZipMember[] = [];
  for (let at = 0; at + 46 <= directory.length && view.getUint32(at, true) === 0x02014b50; ) {
    const nameLength = view.getUint16(at + 28, true);
    const extraLength = view.getUint16(at + 30, true);
    const next = at + 46 + nameLength + extraLength + view.getUint16(at + 32, true);
    if (next > directory.length) throw notZip(path);
    const name = new TextDecoder().decode(directory.subarray(at + 46, at + 46 + nameLength));
    const sizes = longSizes(view, at, at + 46 + nameLength, extraLength);
    const encrypted = (view.getUint16(at + 8, true) & 1) === 1;
    const method = view.getUint16(at + 10, true);
    members.push({ name, open: () => openMember(file, path, { name, method, encrypted, ...sizes }) });
    at = next;
  }
  if (members.length === 0) throw notZip(path);
  return members;
}

interface Entry {
  readonly name: string;
  readonly method: number;
  readonly encrypted: boolean;
  readonly packed: number;
  readonly size: number;
  readonly header: number;
}

async function openMember(file: ByteSource, path: string, entry: Entry): Promise<ByteSource> {
  const name = `${path} (${entry.name})`;
  if (entry.encrypted || (entry.method !== 0 && entry.method !== 8)) {
    throw new RobustnessError(
      'data/unsupported',
      `${name} is ${entry.encrypted ? 'encrypted' : `compressed by zip method ${entry.method}`}.`,
      'Save the arrays with numpy.savez or numpy.savez_compressed.',
    );
  }
  const local = await readExactly(file, entry.header, 30);
  const view = viewOf(local);
  if (view.getUint32(0, true) !== 0x04034b50) throw notZip(path);
  const start = entry.header + 30 + view.getUint16(26, true) + view.getUint16(28, true);
  if (start + entry.packed > (file.size ?? 0)) throw notZip(path);
  // Deflate cannot do better than about 1032:1, so a larger claim is a lie that would only reserve memory.
  if (entry.method === 8 && entry.size > 1100 * entry.packed + 64) {
    throw new RobustnessError(
      'data/corrupt',
      `${name} declares ${entry.size} bytes, which ${entry.packed} compressed bytes cannot hold.`,
      'The archive is damaged or hostile: do not use it.',
    );
  }
  if (entry.method === 0) {
    if (entry.size !== entry.packed) throw notZip(path);
    const bytes = await fileBytes(path, start, entry.size);
    return { ...bytes, name };
  }
  return deflatedBytes(path, name, start, entry.packed, entry.size);
}

async function centralDirectory(file: ByteSource): Promise<Uint8Array> {
  const size = file.size ?? 0;
  if (size < endRecordBytes) throw notZip(file.name);
  const tailStart = Math.max(0, size - endRecordBytes - longestComment);
  const tail = await readExactly(file, tailStart, size - tailStart);
  const view = viewOf(tail);
  let end = tail.length - endRecordBytes;
  while (end >= 0 && view.getUint32(end, true) !== 0x06054b50) end--;
  if (end < 0) throw notZip(file.name);
  let length = view.getUint32(end + 12, true);
  let offset = view.getUint32(end + 16, true);
  if ((length === 0xffffffff || offset === 0xffffffff) && end >= 20 && view.getUint32(end - 20, true) === 0x07064b50) {
    const at = Number(view.getBigUint64(end - 12, true));
    if (at + 56 > size) throw notZip(file.name);
    const long = viewOf(await readExactly(file, at, 56));
    if (long.getUint32(0, true) !== 0x06064b50) throw notZip(file.name);
    length = Number(long.getBigUint64(40, true));
    offset = Number(long.getBigUint64(48, true));
  }
  if (length > longestDirectory || offset + length > size) throw notZip(file.name);
  return readExactly(file, offset, length);
}

/** Sizes and position of a member, from the zip64 extra field where the short fields say so. */
function longSizes(
  view: DataView,
  at: number,
  extra: number,
  extraLength: number,
): Pick<Entry, 'packed' | 'size' | 'header'> {
  let packed = view.getUint32(at + 20, true);
  let size = view.getUint32(at + 24, true);
  let header = view.getUint32(at + 42, true);
  for (let field = extra; field + 4 <= extra + extraLength; field += 4 + view.getUint16(field + 2, true)) {
    if (view.getUint16(field, true) !== 1) continue;
    let position = field + 4;
    const end = Math.min(position + view.getUint16(field + 2, true), extra + extraLength);
    const take = (value: number): number => {
      if (value !== 0xffffffff || position + 8 > end) return value;
      position += 8;
      return Number(view.getBigUint64(position - 8, true));
    };
    size = take(size);
    packed = take(packed);
    header = take(header);
  }
  return { packed, size, header };
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function notZip(path: string): RobustnessError {
  return new RobustnessError(
    'data/not-a-zip',
    `${path} is not a complete zip archive, as an .npz file must be.`,
    'Save the arrays again with numpy.savez; a partly downloaded file must be downloaded again.',
  );
}
