import { RobustnessError } from '../error';
import type { StoredArray } from './arrays';
import { elementReader } from './elements';

/** What the answers of a data set are: class labels, numbers to be predicted, or nothing that is read. */
export type AnswerKind = 'labels' | 'targets' | 'none';

/** Numbers of one target: the row of an array of shape (examples) or (examples, outputs). */
export function targetWidth({ shape }: StoredArray): number {
  return shape.slice(1).reduce((product, dimension) => product * dimension, 1);
}

/**
 * Reads a target row: the numbers that a regression model should give for an example.
 * @returns a reader whose result is a new array a row
 * @throws RobustnessError `data/not-finite` (by the reader)
 */
export function targetReader(targets: StoredArray): (row: DataView, index: number) => Float32Array {
  const element = elementReader(targets);
  const width = targetWidth(targets);
  return (row, index) => {
    const target = new Float32Array(width);
    for (let i = 0; i < width; i++) target[i] = finiteTarget(element(row, i), `example ${index}`);
    return target;
  };
}

/**
 * @param where for messages, such as `line 7`
 * @throws RobustnessError `data/not-finite`
 */
export function finiteTarget(value: number, where: string): number {
  // Float32 is what models compute in: a number beyond it is infinite there.
  if (Number.isFinite(Math.fround(value))) return value;
  throw new RobustnessError(
    'data/not-finite',
    `The target of ${where} is ${value}.`,
    'Remove the examples without a finite target, or name the right array or column as `labels`.',
  );
}

/** @throws RobustnessError `data/no-targets`: for formats that hold classes alone */
export function noTargets(path: string): RobustnessError {
  return new RobustnessError(
    'data/no-targets',
    `${path} holds class labels, and a regression needs numbers as targets.`,
    'Give the data as .npz with a float array of targets, or as .csv with a target column, or set `task: classification`.',
  );
}
