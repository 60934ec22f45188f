import type { ByteSource } from './bytes';
import { bytesOf, type ElementFormat, elementReader } from './elements';
import { channelsFirst, type ExampleLayout } from './layout';
import { fixedRecords } from './records';
import type { StoredExample } from './source';

/** An array in a file: its header has been read and agrees with the number of bytes. */
export interface StoredArray extends ElementFormat {
  readonly bytes: ByteSource;
  /** Where the elements begin. */
  readonly offset: number;
  /** C order; the first dimension counts the examples. */
  readonly shape: readonly number[];
}

/** Streams examples from one array together with their labels, or targets, from another of the same length. */
export async function* pairedExamples(
  inputs: StoredArray,
  layout: ExampleLayout,
  labels: StoredArray,
  answerOf: (row: DataView, index: number) => number | Float32Array,
  range: { readonly start: number; readonly end: number; readonly signal: AbortSignal | undefined },
): AsyncGenerator<StoredExample> {
  const { start, end, signal } = range;
  const elements = layout.shape.reduce((product, dimension) => product * dimension, 1);
  const width = labels.shape.slice(1).reduce((product, dimension) => product * dimension, 1);
  const read = elementReader(inputs);
  const values = inputs.type === 'u1' ? new Uint8Array(elements) : new Float32Array(elements);
  const turned = layout.channelsLast ? values.slice() : values;
  const records = fixedRecords(inputs.bytes, inputs.offset, elements * bytesOf(inputs.type), start, end, signal);
  const rows = fixedRecords(labels.bytes, labels.offset, width * bytesOf(labels.type), start, end, signal);
  let index = start;
  try {
    for await (const record of records) {
      if (inputs.type === 'u1') values.set(record);
      else {
        const view = viewOf(record);
        for (let i = 0; i < elements; i++) values[i] = read(view, i);
      }
      if (layout.channelsLast) channelsFirst(values, turned, layout.shape);
      const row = await rows.next();
      if (row.done === true) return;
      yield { values: turned, ...answered(answerOf(viewOf(row.value), index)) };
      index++;
    }
    // A last step past the end lets the label reader notice an archive that holds more than it declares.
    await rows.next();
  } finally {
    await rows.return(undefined);
  }
}

/** The answer of an example as it is told: a label, or a target. */
export function answered(answer: number | Float32Array): Pick<StoredExample, 'label' | 'target'> {
  return typeof answer === 'number' ? { label: answer } : { label: 0, target: answer };
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
