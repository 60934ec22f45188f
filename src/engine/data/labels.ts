import { RobustnessError } from '../error';
import type { StoredArray } from './arrays';
import { elementReader } from './elements';

/** More classes than any classifier has: a label beyond is a mistaken column, not a class. */
const mostClasses = 1_000_000;

/**
 * A numeric label as a class index.
 * @param where for messages, such as `line 7` or `example 12`
 * @throws RobustnessError `data/label-not-class`, `data/label-out-of-range`
 */
export function classIndex(value: number, where: string, classes: readonly string[] | null): number {
  if (!Number.isInteger(value)) {
    throw new RobustnessError(
      'data/label-not-class',
      `The label of ${where} is ${value}, which is not a class index.`,
      'Name the right label array or column in the spec (`labels`), or set `task: regression` if numbers are predicted.',
    );
  }
  const count = classes?.length ?? mostClasses;
  if (value < 0 || value >= count) {
    throw new RobustnessError(
      'data/label-out-of-range',
      `The label of ${where} is ${value}, but class indices run from 0 to ${count - 1}.`,
      classes !== null && value === count
        ? 'The labels seem to count from 1: subtract 1, or list all classes in the spec.'
        : 'Correct the labels, or list all classes in the spec (`data.classes`).',
    );
  }
  return value;
}

/** Turns labels as text into class indices, after all of them have been seen. */
export class LabelMap {
  private readonly seen = new Map<string, number>();
  private names: readonly string[] | null = null;
  private index: ReadonlyMap<string, number> | null = null;
  private numeric = false;

  constructor(private readonly stated: readonly string[] | null) {}

  /** @param where for messages, should it be the first example with this label. */
  see(label: string, where: string): void {
    if (this.seen.has(label)) return;
    if (label === '') {
      throw new RobustnessError('data/label-missing', `${where} has no label.`, 'Give every example a label.');
    }
    if (this.seen.size >= 10_000) {
      throw new RobustnessError(
        'data/label-not-class',
        'The labels have more than 10,000 different values.',
        'Name the right label column in the spec (`labels`).',
      );
    }
    this.seen.set(label, this.seen.size);
    if (this.stated !== null && !this.stated.includes(label)) {
      if (/^\d+(\.0*)?$/.test(label)) classIndex(Number(label), where, this.stated);
      else {
        throw new RobustnessError(
          'data/label-out-of-range',
          `The label of ${where} is “${label}”, which is not among the classes of the spec.`,
          `Use one of ${this.stated.slice(0, 5).join(', ')}${this.stated.length > 5 ? ', …' : ''}, or correct \`data.classes\`.`,
        );
      }
    }
  }

  /** Fixes the mapping: stated classes, else numbers as they are, else names in sorted order. */
  settle(): { readonly classes: readonly string[] | null; readonly inferred: readonly string[] } {
    const labels = [...this.seen.keys()];
    if (this.stated !== null) {
      this.names = this.stated;
      this.index = new Map(this.stated.map((name, i) => [name, i]));
      return { classes: this.stated, inferred: [] };
    }
    this.numeric = labels.every((label) => /^-?\d+(\.\d*)?(e[+-]?\d+)?$/i.test(label));
    if (this.numeric) {
      for (const label of labels) classIndex(Number(label), `an example`, null);
      return { classes: null, inferred: [] };
    }
    this.names = labels.sort((a, b) => (a < b ? -1 : 1));
    this.index = new Map(this.names.map((name, i) => [name, i]));
    return { classes: this.names, inferred: [`classes were numbered in sorted order: ${listed(this.names)}`] };
  }

  /** The class index of a label that was seen. */
  of(label: string): number {
    return this.index?.get(label) ?? Number(label);
  }
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, 6).map((name, i) => `${i} ${name}`);
  return names.length > 6 ? `${shown.join(', ')}, …` : shown.join(', ');
}

/** Reads a label: an integer, or a one-hot row. */
export function labelReader(
  labels: StoredArray,
  classes: readonly string[] | null,
): (row: DataView, index: number) => number {
  const element = elementReader(labels);
  const width = labels.shape.slice(1).reduce((product, dimension) => product * dimension, 1);
  if (width === 1) return (row, index) => classIndex(element(row, 0), `example ${index}`, classes);
  if (labels.shape.length !== 2) {
    throw new RobustnessError(
      'data/label-not-class',
      `The array of labels has the shape (${labels.shape.join(', ')}).`,
      'Labels are class indices of shape (examples) or one-hot rows of shape (examples, classes).',
    );
  }
  return (row, index) => {
    let hot = -1;
    for (let i = 0; i < width; i++) {
      const value = element(row, i);
      if (value === 0) continue;
      hot = value === 1 && hot < 0 ? i : width;
    }
    if (hot < 0 || hot >= width) {
      throw new RobustnessError(
        'data/label-not-class',
        `The labels of example ${index} are not one-hot: exactly one 1 among zeros.`,
        'Save class indices, or one-hot rows.',
      );
    }
    return classIndex(hot, `example ${index}`, classes);
  };
}
