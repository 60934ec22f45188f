import { randomUUID } from 'node:crypto';
import { closeSync, mkdtempSync, openSync, readdirSync, readSync, rmSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { RobustnessError } from '../error';
import {
  type GraphProto,
  type ModelProto,
  ModelProtoSchema,
  StringStringEntryProtoSchema,
  type TensorProto,
  TensorProto_DataLocation,
  TensorProto_DataType,
} from './generated/onnx_pb';

/** Tensors below this stay where they are: a mapped page is 4 KiB. */
const smallestTensor = 1024;
/** Models with less than this in large tensors stay whole: what they would save is less than a process weighs. */
const smallestModel = 4 * 2 ** 20;
/** ONNX Runtime maps a tensor from the page in which it begins; aligned to a page, its data are aligned too. */
const alignment = 4096;

/** Open weights files by the name under which tensors refer to them. */
const live = new Map<string, number>();
let folder: string | undefined;

/** Folder of this process's weights files, against which sessions resolve external data; undefined while there is none. */
export function weightsFolder(): string | undefined {
  return folder;
}

/**
 * A model's large tensors in private files, which all its sessions map: one copy in memory however many there are. Tensors
 * that were moved refer to their file as ONNX external data; {@link tensorBytes} reads them back.
 */
export class Weights {
  private readonly files = new Map<string, string>();
  private written = 0;

  /** Moved so far; 0 for a small model, which keeps its weights in itself. */
  get bytes(): number {
    return this.written;
  }

  /**
   * Moves the large tensors of a model that was read from a file (initializers and constants of its outermost graph), and
   * lets the memory go that the file was read into: what is returned takes the model's place.
   *
   * @throws `model/weights-file` where the temporary folder cannot be written.
   */
  async moveFrom<M extends ModelProto & { graph: GraphProto }>(proto: M): Promise<M> {
    const large = outermostTensors(proto.graph).filter(isLarge);
    const buffers = new Set(large.map((tensor) => tensor.rawData.buffer as ArrayBuffer));
    if (!(await this.move(large))) return proto;
    // What stays refers into the file's bytes as well: written out and read again it stands on its own.
    const slim = fromBinary(ModelProtoSchema, toBinary(ModelProtoSchema, proto)) as M;
    for (const buffer of buffers) free(buffer);
    return slim;
  }

  /** Moves large tensors that rewriting has made. */
  async moveMade(graph: GraphProto): Promise<void> {
    await this.move(graph.initializer.filter(isLarge));
  }

  private async move(tensors: readonly TensorProto[]): Promise<boolean> {
    const total = tensors.reduce((sum, tensor) => sum + tensor.rawData.byteLength, 0);
    if (this.written + total < smallestModel || total === 0) return false;
    const name = `${randomUUID()}.weights`;
    const path = join(privateFolder(), name);
    try {
      await write(path, name, tensors);
      live.set(name, openSync(path, 'r'));
    } catch (cause) {
      rmSync(path, { force: true });
      throw new RobustnessError(
        'model/weights-file',
        `The model's weights cannot be written to ${tmpdir()} (${(cause as Error).message}).`,
        'Free some space there, or set TMPDIR (on Windows, TEMP) to a folder with room for one copy of the model.',
        { cause },
      );
    }
    this.files.set(name, path);
    this.written += total;
    return true;
  }

  /** Closes and deletes the files; sessions that map them must be released before. */
  release(): void {
    for (const [name, path] of this.files) remove(name, path);
    this.files.clear();
  }
}

async function write(path: string, name: string, tensors: readonly TensorProto[]): Promise<void> {
  const file = await open(path, 'wx+', 0o600);
  try {
    let at = 0;
    const moves: (() => void)[] = [];
    for (const tensor of tensors) {
      const data = tensor.rawData;
      const offset = at;
      await file.write(data, 0, data.byteLength, offset);
      await confirm(file, data, offset);
      moves.push(() => referTo(tensor, name, offset, data.byteLength));
      at = Math.ceil((at + data.byteLength) / alignment) * alignment;
    }
    // Only once all are written: a disk that fills up leaves the model as it was.
    for (const move of moves) move();
  } finally {
    await file.close();
  }
}

/** The reference that verifies attacks runs on these bytes too, so they are held against the file's own. */
async function confirm(file: FileHandle, data: Uint8Array, offset: number): Promise<void> {
  const block = Buffer.alloc(Math.min(data.byteLength, 2 ** 20));
  for (let at = 0; at < data.byteLength; at += block.byteLength) {
    const expected = data.subarray(at, at + block.byteLength);
    const { bytesRead } = await file.read(block, 0, expected.byteLength, offset + at);
    if (bytesRead !== expected.byteLength || block.compare(expected, 0, expected.byteLength, 0, bytesRead) !== 0) {
      throw new Error('what was written reads back differently');
    }
  }
}

function referTo(tensor: TensorProto, location: string, offset: number, length: number): void {
  const entry = (key: string, value: string) => create(StringStringEntryProtoSchema, { key, value });
  tensor.rawData = new Uint8Array(0);
  tensor.dataLocation = TensorProto_DataLocation.EXTERNAL;
  tensor.externalData = [entry('location', location), entry('offset', String(offset)), entry('length', String(length))];
}

function remove(name: string, path: string): void {
  const handle = live.get(name);
  if (handle !== undefined) closeSync(handle);
  live.delete(name);
  // Windows refuses while a session still maps the file; the folder goes when the process ends.
  try {
    rmSync(path, { force: true });
  } catch {}
}

/** The raw bytes of a tensor, wherever they are; undefined where it lists its values instead. */
export function tensorBytes(tensor: TensorProto): Uint8Array | undefined {
  if (tensor.dataLocation !== TensorProto_DataLocation.EXTERNAL) {
    return tensor.rawData.byteLength > 0 ? tensor.rawData : undefined;
  }
  const entry = new Map(tensor.externalData.map(({ key, value }) => [key, value]));
  const handle = live.get(entry.get('location') ?? '');
  const bytes = new Uint8Array(Number(entry.get('length')));
  if (handle === undefined || !readWhole(handle, bytes, Number(entry.get('offset')))) {
    throw new RobustnessError(
      'model/weights-file',
      `The weights of tensor "${tensor.name}" are gone from the temporary folder.`,
      'Run again; if it happens again, set TMPDIR to a folder that nothing cleans.',
    );
  }
  return bytes;
}

function readWhole(handle: number, into: Uint8Array, position: number): boolean {
  for (let done = 0; done < into.byteLength; ) {
    const count = readSync(handle, into, done, into.byteLength - done, position + done);
    if (count === 0) return false;
    done += count;
  }
  return true;
}

function outermostTensors(graph: GraphProto): TensorProto[] {
  const constants = graph.node
    .filter((node) => node.opType === 'Constant')
    .flatMap((node) => node.attribute.flatMap(({ t }) => (t ? [t] : [])));
  return [...graph.initializer, ...constants];
}

function isLarge(tensor: TensorProto): boolean {
  // Strings are never raw, and elements of less than a byte are left alone: nothing here reads them.
  return tensor.rawData.byteLength >= smallestTensor && tensor.dataType !== TensorProto_DataType.STRING;
}

const folderPrefix = 'robustness-inspector-';

function privateFolder(): string {
  if (folder === undefined) {
    sweep();
    const made = mkdtempSync(join(tmpdir(), `${folderPrefix}${process.pid}-`));
    folder = made;
    process.once('exit', () => {
      for (const handle of live.values()) closeSync(handle);
      removeFolder(made);
    });
  }
  return folder;
}

/** A run is cancelled by a kill, which leaves its folder: those of processes that are gone are removed. */
function sweep(): void {
  for (const name of readdirSync(tmpdir())) {
    const [, pid] = /^robustness-inspector-(\d+)-\w{6}$/.exec(name) ?? [];
    if (pid !== undefined && !isAlive(Number(pid))) removeFolder(join(tmpdir(), name));
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

function removeFolder(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true });
  } catch {
    // Another user's, or still mapped on Windows: a later run will find it.
  }
}

/** Memory behind a buffer goes at once, not with some later garbage collection. */
function free(buffer: ArrayBuffer): void {
  (buffer as { transfer?(length: number): ArrayBuffer }).transfer?.(0);
}
