import { allowed, type Columns } from '../../corruption/tabular/columns';
import { RobustnessError } from '../../error';
import type { Frames, Perturbation, Scene } from '../types';

const FRAMES = 31;
const MIDDLE = 15;
const source = 'steps are our own (docs/stability.md)';
const ofTables = { source, kinds: ['vector'], columns: 1, frames: () => FRAMES } as const;

/** Standard deviations of the column: of the noise; a frame, of a shift; a frame, of the drifts of columns. Share of a value a frame, of a gain. */
const NOISE = 0.05;
const SHIFT = 0.02;
const DRIFT = 0.02;
const GAIN = 0.01;

/** @param change what becomes of the value of column i in a frame */
function tableFrames(
  { x, columns }: Scene,
  title: string,
  change: (columns: Columns) => (index: number) => ((i: number, value: number) => number) | null,
): Frames {
  if (columns === undefined || columns.mean.length !== x.length) {
    throw new RobustnessError(
      'data/columns',
      `The sequence “${title}” needs to know the columns of the table, and nothing is known of them.`,
      'Leave it out under `stability.only`.',
    );
  }
  const frame = change(columns);
  return (index, out) => {
    out.set(x);
    const changed = frame(index);
    if (changed === null) return;
    for (const i of columns.continuous) out[i] = allowed(columns, i, changed(i, x[i]!));
  };
}

/** The row, then thirty times the row with normal noise on its numbers. */
export const columnNoise: Perturbation = {
  ...ofTables,
  name: 'column_noise',
  title: 'Noise of sensors',
  compared: 'first',
  middle: () => 0,
  describe: () => `${NOISE} σ of each column, against the row itself`,
  open: (scene) =>
    tableFrames(scene, 'Noise of sensors', ({ deviation }) => (index) => {
      return index === 0 ? null : (i, value) => value + NOISE * deviation[i]! * scene.random.normal();
    }),
};

/** All numbers multiplied by a factor that grows: an amplifier that is not what it was. */
export const columnGain: Perturbation = {
  ...ofTables,
  name: 'column_gain',
  title: 'Gain of sensors',
  compared: 'previous',
  middle: () => MIDDLE,
  describe: () => 'all by 1 % a frame, −15 % to 15 %',
  open: (scene) =>
    tableFrames(scene, 'Gain of sensors', () => (index) => {
      return index === MIDDLE ? null : (_, value) => value * (1 + GAIN * (index - MIDDLE));
    }),
};

/** All numbers moved up together, each by its own scale: a zero that is not what it was. */
export const columnShift: Perturbation = {
  ...ofTables,
  name: 'column_shift',
  title: 'Shift of sensors',
  compared: 'previous',
  middle: () => MIDDLE,
  describe: () => `all by ${SHIFT} σ a frame, −${15 * SHIFT} σ to ${15 * SHIFT} σ`,
  open: (scene) =>
    tableFrames(scene, 'Shift of sensors', ({ deviation }) => (index) => {
      return index === MIDDLE ? null : (i, value) => value + SHIFT * (index - MIDDLE) * deviation[i]!;
    }),
};

/** Each number moves on its own way at its own pace, which is drawn for the row: sensors that age. */
export const columnDrift: Perturbation = {
  ...ofTables,
  name: 'column_drift',
  title: 'Drift of sensors',
  compared: 'previous',
  middle: () => 0,
  describe: () => `each by its own pace of about ${DRIFT} σ a frame`,
  open: (scene) =>
    tableFrames(scene, 'Drift of sensors', ({ deviation }) => {
      const pace = deviation.map((sigma) => DRIFT * sigma * scene.random.normal());
      return (index) => (index === 0 ? null : (i, value) => value + index * pace[i]!);
    }),
};
