import { readExactly } from '../engine/data/bytes';
import { bytesOf, elementReader } from '../engine/data/elements';
import { openNpy } from '../engine/data/npy';
import { zipMembers } from '../engine/data/zip';
import { RobustnessError } from '../engine/error';

export interface NpzExamples {
  /** [n, ...shape], divided by 255 where the file holds 8-bit values. */
  readonly x: Float32Array;
  /** [n] */
  readonly y: Int32Array;
  /** Of one example, as stored. */
  readonly shape: readonly number[];
  readonly unit: 1 | 255;
}

/** These commands hold their arrays in memory; larger work is for `evaluate`, which streams. */
const largest = 2 ** 28;

/**
 * The arrays `x` and `y` of an .npz file, as stored: what `gradient` and `attack` take and give back.
 * @throws RobustnessError `data/…`
 */
export async function readExamples(path: string): Promise<NpzExamples> {
  const x = await readArray(path, 'x');
  const y = await readArray(path, 'y');
  const [n = 0, ...shape] = x.shape;
  if (shape.length === 0 || n === 0) {
    throw new RobustnessError(
      'data/shape',
      `x in ${path} holds no examples.`,
      'Give x as [n, …] with n of at least 1.',
    );
  }
  if (y.values.length !== n) {
    throw new RobustnessError(
      'data/count-mismatch',
      `${path} holds ${n} examples in x and ${y.values.length} labels in y.`,
      'Give one class index for each example.',
    );
  }
  const stray = y.values.findIndex((label) => !Number.isInteger(label) || label < 0);
  if (stray !== -1) {
    throw new RobustnessError(
      'data/labels',
      `Label ${stray} in ${path} is ${y.values[stray]}.`,
      'Labels are class indices from 0.',
    );
  }
  const unit = x.type === 'u1' ? 255 : 1;
  const values = Float32Array.from(x.values, (value) => value / unit);
  const wrong = values.findIndex((value) => !Number.isFinite(value));
  if (wrong !== -1)
    throw new RobustnessError('data/not-finite', `x in ${path} holds ${values[wrong]}.`, 'Remove such examples.');
  return { x: values, y: Int32Array.from(y.values), shape, unit };
}

async function readArray(
  path: string,
  name: string,
): Promise<{ values: Float64Array; shape: readonly number[]; type: string }> {
  const members = await zipMembers(path);
  const member = members.find((each) => each.name === `${name}.npy`);
  if (!member) {
    throw new RobustnessError(
      'data/no-such-array',
      `${path} has no array called ${name} (it has: ${members.map((each) => each.name.replace(/\.npy$/, '')).join(', ')}).`,
      'Save it with numpy.savez(path, x=…, y=…).',
    );
  }
  const array = await openNpy(await member.open());
  const length = array.shape.reduce((product, n) => product * n, 1);
  if (length > largest) {
    throw new RobustnessError(
      'data/too-large',
      `${name} in ${path} has ${length} values.`,
      `Give at most ${largest}; \`evaluate\` streams larger data.`,
    );
  }
  const bytes = await readExactly(array.bytes, array.offset, length * bytesOf(array.type));
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const read = elementReader(array);
  return { values: Float64Array.from({ length }, (_, i) => read(view, i)), shape: array.shape, type: array.type };
}
