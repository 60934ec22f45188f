import type { ExampleSource, StoredExample } from './source';
import { Spill } from './spill';

/** Stored values up to this many bytes are kept in memory once read. */
const keepBytes = 4 * 2 ** 20;
/** More than this is not copied to a file, but read from the source every time. */
const spillBytes = 8 * 2 ** 30;
/** Of the file, at a time. */
const blockBytes = 2 ** 20;

export type KeptSource = ExampleSource & { drop(): void };

/**
 * Keeps the first `count` examples as they are read: few in memory; many in a file, unless the source is read as fast as that. An evaluation
 * reads its data dozens of times, and what has to be inflated, parsed, decoded or resized is so only once. Memory does not grow with
 * `count`, but for labels and targets.
 */
export function kept(source: ExampleSource, count: number): KeptSource {
  const elements = source.shape.reduce((product, dimension) => product * dimension, 1);
  const bytes = count * elements * (source.depth === 'uint8' ? 1 : 4);
  if (bytes <= keepBytes) return keptIn(source, count, elements, new InMemory(count * elements));
  if (source.seekable === true || bytes > spillBytes) return { ...source, drop: () => {} };
  return keptIn(source, count, elements, new InFile());
}

/** Where the values of examples are put, one after the other, and read from again. */
interface Store {
  /** Examples that can be read. */
  readonly ready: number;
  /** Puts the values of the next example behind those before it. */
  add(values: Uint8Array | Float32Array, last: boolean): void;
  /** Values of the examples from `start` to `end`, each valid until the next one. */
  values(start: number, end: number): Iterable<Uint8Array | Float32Array>;
  drop(): void;
}

function keptIn(source: ExampleSource, count: number, elements: number, store: Store): KeptSource {
  const width = source.targets ?? 0;
  let labels = new Int32Array(0);
  let targets = new Float32Array(0);
  let known = 0;
  return {
    ...source,
    drop() {
      store.drop();
      known = 0;
    },
    async *examples(start, end, signal): AsyncGenerator<StoredExample> {
      let next = start;
      for (const values of store.values(start, Math.min(end, store.ready))) {
        signal?.throwIfAborted();
        yield {
          values,
          label: labels[next]!,
          ...(width > 0 ? { target: targets.subarray(next * width, (next + 1) * width) } : {}),
        };
        next++;
      }
      if (next >= end) return;
      for await (const example of source.examples(next, end, signal)) {
        if (next === known && known < count && example.values.length === elements) {
          if (known === 0) {
            labels = new Int32Array(count);
            targets = new Float32Array(count * width);
          }
          labels[next] = example.label;
          if (example.target) targets.set(example.target, next * width);
          store.add(example.values, ++known === count);
        }
        next++;
        yield example;
      }
    },
  };
}

class InMemory implements Store {
  ready = 0;
  private held: Uint8Array | Float32Array | null = null;
  private elements = 0;

  /** @param length of the values of all examples together */
  constructor(private readonly length: number) {}

  add(values: Uint8Array | Float32Array): void {
    this.elements = values.length;
    this.held ??= values instanceof Uint8Array ? new Uint8Array(this.length) : new Float32Array(this.length);
    this.held.set(values, this.ready * values.length);
    this.ready++;
  }

  *values(start: number, end: number) {
    for (let i = start; i < end && this.held !== null; i++)
      yield this.held.subarray(i * this.elements, (i + 1) * this.elements);
  }

  drop(): void {
    this.held = null;
    this.ready = 0;
  }
}

class InFile implements Store {
  ready = 0;
  private spill: Spill | null | undefined;
  /** Of an example. */
  private bytes = 0;
  private float = false;
  /** Examples that are not in the file yet. */
  private block = new Uint8Array(0);
  private filled = 0;
  /** The disk took no more. */
  private full = false;

  add(values: Uint8Array | Float32Array, last: boolean): void {
    if (this.spill === undefined) {
      this.spill = Spill.open();
      this.bytes = values.byteLength;
      this.float = values instanceof Float32Array;
      this.block = new Uint8Array(Math.max(1, Math.floor(blockBytes / this.bytes)) * this.bytes);
    }
    if (this.spill === null || this.full) return;
    this.block.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), this.filled);
    this.filled += this.bytes;
    if (this.filled < this.block.length && !last) return;
    if (this.spill.append(this.block.subarray(0, this.filled))) this.ready += this.filled / this.bytes;
    // What is in the file serves, the rest comes from the source.
    else this.full = true;
    this.filled = 0;
    if (last) this.block = new Uint8Array(0);
  }

  *values(start: number, end: number) {
    if (start >= end) return;
    const perBlock = Math.max(1, Math.floor(blockBytes / this.bytes));
    const block = new Uint8Array(Math.min(perBlock, end - start) * this.bytes);
    for (let first = start; first < end; first += perBlock) {
      const some = Math.min(perBlock, end - first);
      if (!this.spill || this.ready < first + some) return;
      this.spill.read(first * this.bytes, block.subarray(0, some * this.bytes));
      for (let i = 0; i < some; i++) {
        const at = i * this.bytes;
        yield this.float ? new Float32Array(block.buffer, at, this.bytes / 4) : block.subarray(at, at + this.bytes);
      }
    }
  }

  drop(): void {
    this.spill?.close();
    this.spill = undefined;
    this.ready = 0;
    this.filled = 0;
    this.full = false;
  }
}
