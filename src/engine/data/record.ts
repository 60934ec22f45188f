import { RobustnessError } from '../error';
import type { DataSource } from '../spec/schema';
import { answered, type StoredArray } from './arrays';
import { bytesOf, elementReader } from './elements';
import { labelReader } from './labels';
import { openNpy } from './npy';
import { fixedRecords } from './records';
import type { ExampleSource, StoredExample } from './source';
import { type AnswerKind, targetReader, targetWidth } from './targets';
import type { RecordLayout } from './types';
import { zipMembers } from './zip';

/** Whole numbers beyond this have no float32 of their own. */
const largestExact = 2 ** 24;

/** A model with several inputs takes each from the array of its own name, unless the source says otherwise. */
export function withInputsByName(source: DataSource, inputs: readonly { readonly name: string }[]): DataSource {
  if (typeof source.inputs === 'object') return source;
  return { ...source, inputs: Object.fromEntries(inputs.map(({ name }) => [name, name])) };
}

/**
 * Examples of a model that takes several inputs: one array each in a numpy archive, joined to one record an example, the
 * perturbed inputs first.
 *
 * @param inputs array by the model's name for the input.
 * @throws RobustnessError `data/…`
 */
export async function openNpzRecord(
  path: string,
  inputs: Readonly<Record<string, string>>,
  source: DataSource,
  classes: readonly string[] | null,
  answers: AnswerKind = 'labels',
): Promise<ExampleSource> {
  const members = (await zipMembers(path)).filter((member) => member.name.endsWith('.npy'));
  const open = async (name: string, role: string): Promise<StoredArray> => {
    const member = members.find((each) => each.name === `${name}.npy`);
    if (member) return openNpy(await member.open());
    throw new RobustnessError(
      'data/no-such-array',
      `${path} has no array called “${name}” for ${role}.`,
      `Name one of its arrays (${members.map((each) => each.name.slice(0, -4)).join(', ')}) in the spec under \`data.test.inputs\`.`,
    );
  };
  const first = Object.values(inputs)[0] ?? '';
  const labels =
    answers === 'none'
      ? await open(first, 'the first input')
      : await open(source.labels === undefined ? 'y' : String(source.labels), 'the labels');
  const parts: Part[] = [];
  for (const [input, name] of Object.entries(inputs)) {
    const array = await open(name, `the input “${input}”`);
    if (array.shape[0] !== labels.shape[0]) {
      throw new RobustnessError(
        'data/count-mismatch',
        `${path} holds ${labels.shape[0] ?? 0} labels but ${array.shape[0] ?? 0} examples of “${name}”.`,
        'Save the same examples in every array: their first dimension counts them.',
      );
    }
    parts.push({ input, name, array, perturbed: source.perturb?.includes(input) ?? holdsMeasurements(array) });
  }
  const unknown = source.perturb?.find((input) => !(input in inputs));
  if (unknown !== undefined || !parts.some(({ perturbed }) => perturbed)) {
    throw new RobustnessError(
      'data/nothing-to-perturb',
      unknown === undefined
        ? `None of the inputs (${Object.keys(inputs).join(', ')}) holds numbers with a fraction, which attacks could change.`
        : `\`perturb\` names “${unknown}”, which is none of the inputs (${Object.keys(inputs).join(', ')}).`,
      "Name in `data.test.perturb` those of the model's inputs that an attacker may change.",
    );
  }
  const ordered = [...parts.filter(({ perturbed }) => perturbed), ...parts.filter(({ perturbed }) => !perturbed)];
  const free = ordered.filter(({ perturbed }) => perturbed);
  const layout: RecordLayout = {
    parts: ordered.map(({ input, array, perturbed }) => ({ input, shape: array.shape.slice(1), perturbed })),
    free: free.reduce((sum, part) => sum + sizeOf(part), 0),
  };
  const answerOf =
    answers === 'none' ? () => 0 : answers === 'targets' ? targetReader(labels) : labelReader(labels, classes);
  return {
    path,
    files: [path],
    available: labels.shape[0] ?? 0,
    kind: 'vector',
    shape: [ordered.reduce((sum, part) => sum + sizeOf(part), 0)],
    depth: free.every(({ array }) => array.type === 'u1') ? 'uint8' : 'number',
    classes,
    features: null,
    record: layout,
    ...(answers === 'targets' ? { targets: targetWidth(labels) } : {}),
    inferred:
      source.perturb === undefined
        ? [`attacks change the inputs ${listed(free)}; the others are passed through as the data have them`]
        : [],
    examples: (start, end, signal) => joined(ordered, labels, answerOf, { start, end, signal }),
  };
}

interface Part {
  readonly input: string;
  readonly name: string;
  readonly array: StoredArray;
  readonly perturbed: boolean;
}

/** Numbers with a fraction, or 8-bit images: what an attacker changes. Ids, lengths and masks are neither. */
function holdsMeasurements({ type, shape }: StoredArray): boolean {
  return type.startsWith('f') || (type === 'u1' && shape.length >= 3);
}

const sizeOf = ({ array }: Part) => array.shape.slice(1).reduce((product, dimension) => product * dimension, 1);

const listed = (parts: readonly Part[]) => parts.map(({ input }) => input).join(', ');

async function* joined(
  parts: readonly Part[],
  labels: StoredArray,
  answerOf: (row: DataView, index: number) => number | Float32Array,
  { start, end, signal }: { start: number; end: number; signal: AbortSignal | undefined },
): AsyncGenerator<StoredExample> {
  const size = parts.reduce((sum, part) => sum + sizeOf(part), 0);
  const width = labels.shape.slice(1).reduce((product, dimension) => product * dimension, 1);
  const streams = parts.map((part) => {
    const bytes = sizeOf(part) * bytesOf(part.array.type);
    return {
      part,
      size: sizeOf(part),
      read: elementReader(part.array),
      rows: fixedRecords(part.array.bytes, part.array.offset, bytes, start, end, signal),
    };
  });
  const labelRows = fixedRecords(labels.bytes, labels.offset, width * bytesOf(labels.type), start, end, signal);
  const values = new Float32Array(size);
  try {
    for (let index = start; index < end; index++) {
      let from = 0;
      for (const { part, size: count, read, rows } of streams) {
        const row = await rows.next();
        if (row.done === true) return;
        const view = viewOf(row.value);
        for (let i = 0; i < count; i++) {
          const value = read(view, i);
          if (!part.perturbed && Math.abs(value) > largestExact) throw inexact(part.name, index, value);
          values[from + i] = value;
        }
        from += count;
      }
      const row = await labelRows.next();
      if (row.done === true) return;
      yield { values, ...answered(answerOf(viewOf(row.value), index)) };
    }
    // A last step past the end lets the readers notice arrays that hold more than they declare.
    for (const { rows } of streams) await rows.next();
    await labelRows.next();
  } finally {
    for (const { rows } of streams) await rows.return(undefined);
    await labelRows.return(undefined);
  }
}

function inexact(name: string, index: number, value: number): RobustnessError {
  return new RobustnessError(
    'data/too-large',
    `Example ${index} of “${name}” holds ${value}; inputs that are passed through are carried as float32.`,
    `Keep ids and lengths within ±${largestExact}.`,
  );
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
