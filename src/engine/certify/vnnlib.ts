import { readFile, stat } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { RobustnessError } from '../error';
import { type Form, readForms, shown } from './property/forms';
import { type Formula, readFormula } from './property/formula';
import { normalForm, type Region } from './property/normalForm';

/** What a VNN-LIB file asks: is there an input in one of the boxes whose output fulfils one of its conjunctions? */
export interface Property {
  /** Numbers that the network takes: X_0 … in the order of the flattened input. */
  readonly inputs: number;
  /** Numbers that the network returns: Y_0 … */
  readonly outputs: number;
  /** None, where no input fulfils the conditions. */
  readonly regions: readonly Region[];
}

/** Bytes of a property, inflated: 20 times the largest of the verification competitions' small networks. */
const largestFile = 128 * 2 ** 20;
const mostVariables = 10_000_000;

/** Commands of SMT-LIB that say nothing about the property. */
const ignored: ReadonlySet<Form> = new Set([
  'set-logic',
  'set-info',
  'set-option',
  'check-sat',
  'get-model',
  'get-value',
  'exit',
]);

/**
 * Reads a property file, gzip or plain.
 *
 * @param limit in bytes, inflated.
 * @throws the errors of {@link parseVnnlib}; `vnnlib/unreadable`, `vnnlib/too-large`
 */
export async function readVnnlib(path: string, limit = largestFile): Promise<Property> {
  const bytes = await bytesOf(path, limit);
  const zipped = bytes[0] === 0x1f && bytes[1] === 0x8b;
  return parseVnnlib((zipped ? await inflated(bytes, path, limit) : bytes).toString('utf8'));
}

async function inflated(bytes: Buffer, path: string, limit: number): Promise<Buffer> {
  try {
    return await promisify(gunzip)(bytes, { maxOutputLength: limit });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(path, limit);
    throw new RobustnessError(
      'vnnlib/unreadable',
      `${path} cannot be decompressed.`,
      'The file is damaged: download it again.',
      { cause },
    );
  }
}

async function bytesOf(path: string, limit: number): Promise<Buffer> {
  let size: number;
  try {
    const info = await stat(path);
    if (!info.isFile()) throw new RangeError('not a file');
    size = info.size;
    if (size <= limit) return await readFile(path);
  } catch (cause) {
    throw new RobustnessError('vnnlib/unreadable', `There is no readable file at ${path}.`, 'Check the path.', {
      cause,
    });
  }
  throw tooLarge(path, limit);
}

function tooLarge(path: string, limit: number): RobustnessError {
  return new RobustnessError(
    'vnnlib/too-large',
    `The property ${path} has more than ${limit / 2 ** 20} MiB.`,
    'Split it into several files.',
  );
}

/**
 * Parses VNN-LIB 1.0 (Demarchi et al., "The VNN-LIB standard"): SMT-LIB declarations of reals X_i and Y_j, and assertions over
 * them, as boxes of inputs and linear constraints in disjunctive normal form.
 *
 * @throws `vnnlib/syntax`, `vnnlib/declaration`, `vnnlib/unknown-symbol`, `vnnlib/unsupported`, `vnnlib/unbounded`,
 * `vnnlib/too-large`, `vnnlib/version` for VNN-LIB 2
 */
export function parseVnnlib(text: string): Property {
  const declared = { X: new Set<number>(), Y: new Set<number>() };
  const asserts: Form[] = [];
  for (const form of readForms(text)) {
    const [command, ...rest] = form;
    if (command === 'declare-const' || command === 'declare-fun') declare(form, declared);
    else if (command === 'assert') {
      if (rest.length !== 1) throw bad('vnnlib/syntax', form, 'asserts other than one condition', 'Check the file.');
      asserts.push(rest[0]!);
    } else if (command === 'declare-network' || command === 'vnnlib-version') {
      throw bad('vnnlib/version', form, 'belongs to VNN-LIB 2', 'Give the property in VNN-LIB 1.0.');
    } else if (command === undefined || !ignored.has(command)) {
      throw bad('vnnlib/unsupported', form, 'is no command of VNN-LIB', 'Use declare-const and assert.');
    }
  }
  const inputs = contiguous('X', declared.X);
  const outputs = contiguous('Y', declared.Y);
  const variables = (name: string) => {
    const variable = variableOf(name);
    if (!variable || !declared[variable.kind].has(variable.index)) return undefined;
    return variable.kind === 'X' ? variable.index : inputs + variable.index;
  };
  const formulas: Formula[] = asserts.map((form) => readFormula(form, variables));
  return { inputs, outputs, regions: normalForm(formulas, inputs) };
}

function variableOf(name: string): { kind: 'X' | 'Y'; index: number } | undefined {
  const match = /^([XY])_(0|[1-9]\d{0,8})$/.exec(name);
  return match ? { kind: match[1] as 'X' | 'Y', index: Number(match[2]) } : undefined;
}

/** `(declare-const X_0 Real)` or `(declare-fun X_0 () Real)` */
function declare(form: readonly Form[], declared: { X: Set<number>; Y: Set<number> }): void {
  const [command, name, ...rest] = form;
  const [first, sort] = rest;
  const isConstant =
    command === 'declare-const'
      ? rest.length === 1 && first === 'Real'
      : rest.length === 2 && Array.isArray(first) && first.length === 0 && sort === 'Real';
  if (typeof name !== 'string' || !isConstant) {
    throw bad('vnnlib/declaration', form, 'declares no real constant', 'Declare `(declare-const X_0 Real)`.');
  }
  const variable = variableOf(name);
  if (!variable || variable.index >= mostVariables) {
    throw bad('vnnlib/declaration', form, 'is neither an input X_i nor an output Y_j', 'Name them X_0 … and Y_0 ….');
  }
  const known = declared[variable.kind];
  if (known.has(variable.index)) throw bad('vnnlib/declaration', form, 'is a second time', 'Declare each one once.');
  known.add(variable.index);
}

function contiguous(kind: 'X' | 'Y', indices: ReadonlySet<number>): number {
  for (let i = 0; i < indices.size; i++) {
    if (indices.has(i)) continue;
    throw new RobustnessError(
      'vnnlib/declaration',
      `The property declares ${indices.size} of ${kind}_0, ${kind}_1 … and ${kind}_${i} is not among them.`,
      'Declare all, from 0 on.',
    );
  }
  if (indices.size > 0) return indices.size;
  throw new RobustnessError(
    'vnnlib/declaration',
    `The property declares no ${kind === 'X' ? 'inputs (X_0 …)' : 'outputs (Y_0 …)'}.`,
    'Check that this is a VNN-LIB 1.0 file.',
  );
}

type VnnlibCode = `vnnlib/${string}`;

function bad(code: VnnlibCode, form: Form, what: string, hint: string): RobustnessError {
  return new RobustnessError(code, `In the property, ${shown(form)} ${what}.`, hint);
}
