import { RobustnessError } from '../engine/error';
import type { Arguments } from './command';

/** @throws RobustnessError `usage/missing-option` */
export function requiredOption(args: Arguments, name: string): string {
  const value = args.text(name);
  if (value !== undefined) return value;
  throw new RobustnessError('usage/missing-option', `The option --${name} is missing.`, 'See the command with --help.');
}

/** @throws RobustnessError `data/labels` */
export function checkLabels(y: Int32Array, classes: number): void {
  const stray = y.find((label) => label >= classes);
  if (stray === undefined) return;
  throw new RobustnessError(
    'data/labels',
    `The data hold the label ${stray}, and the model has ${classes} classes (0 to ${classes - 1}).`,
    'Check that the data belong to this model.',
  );
}
