import { RobustnessError } from '../../error';
import type { Atom, Formula } from './formula';

/** Σ outputs + Σ inputs + constant ≥ 0, or > 0 where strict. */
export interface LinearConstraint {
  /** Numbers of outputs and their weights, side by side. */
  readonly outputs: readonly number[];
  readonly outputWeights: readonly number[];
  readonly inputs: readonly number[];
  readonly inputWeights: readonly number[];
  readonly constant: number;
  readonly strict: boolean;
}

/** All of these hold. */
export type Conjunction = readonly LinearConstraint[];

/** A box of inputs, and what makes a point of it a counterexample: any one of the conjunctions. */
export interface Region {
  /** [inputs], finite, low ≤ high */
  readonly low: Float64Array;
  readonly high: Float64Array;
  readonly conjunctions: readonly Conjunction[];
}

/** Alternatives of a formula with all parts written out, at most. */
const mostAlternatives = 100_000;
/** Atoms of all alternatives together, at most. */
const mostAtoms = 2_000_000;
/** Bounds of all boxes together, at most: 512 MiB. */
const mostBounds = 2 ** 26;

/**
 * Disjunctive normal form, as boxes and linear constraints. Alternatives that no number fulfils are left out.
 *
 * @param inputs variables below this number are inputs.
 * @throws `vnnlib/too-large`, `vnnlib/unbounded` by the name of an input
 */
export function normalForm(asserted: readonly Formula[], inputs: number): Region[] {
  const base = new Bounds(inputs);
  const rest: Formula[] = [];
  for (const formula of asserted) takeBounds(formula, base, rest);
  const found = new Map<string, { bounds: Bounds; conjunctions: Conjunction[] }>();
  for (const atoms of alternatives({ kind: 'and', parts: rest })) {
    const own = atoms.filter((atom) => isBound(atom, inputs));
    const constraints = atoms.filter((atom) => !isBound(atom, inputs));
    if (constraints.some((atom) => atom.terms.size === 0 && !holds(atom))) continue;
    const conjunction = constraints.filter(({ terms }) => terms.size > 0).map((atom) => constraint(atom, inputs));
    const key = own.map(({ terms, constant, strict }) => `${[...terms]} ${constant} ${strict}`).join(';');
    const known = found.get(key);
    if (known) {
      known.conjunctions.push(conjunction);
      continue;
    }
    if (own.length > 0 && (found.size + 1) * 2 * inputs > mostBounds) throw tooLarge();
    const bounds = own.length === 0 ? base : base.copy();
    for (const atom of own) bounds.take(atom);
    found.set(key, { bounds, conjunctions: [conjunction] });
  }
  return [...found.values()].flatMap(({ bounds: { low, high }, conjunctions }) => {
    if (low.some((value, i) => value > high[i]!)) return [];
    const open = low.findIndex((value, i) => !(Number.isFinite(value) && Number.isFinite(high[i])));
    if (open >= 0) throw unbounded(open, low[open]!, high[open]!);
    return [{ low, high, conjunctions }];
  });
}

/** Takes what bounds a single input in any case, and puts the rest aside. */
function takeBounds(formula: Formula, bounds: Bounds, rest: Formula[]): void {
  if (formula.kind === 'and') for (const part of formula.parts) takeBounds(part, bounds, rest);
  else if (formula.kind === 'atom' && isBound(formula, bounds.inputs)) bounds.take(formula);
  else if (formula.kind === 'or' && formula.parts.length === 1) takeBounds(formula.parts[0]!, bounds, rest);
  else rest.push(formula);
}

function isBound({ terms }: Atom, inputs: number): boolean {
  if (terms.size !== 1) return false;
  const [variable] = terms.keys();
  return variable! < inputs;
}

const holds = ({ constant, strict }: Atom) => (strict ? constant > 0 : constant >= 0);

class Bounds {
  constructor(
    readonly inputs: number,
    readonly low = new Float64Array(inputs).fill(Number.NEGATIVE_INFINITY),
    readonly high = new Float64Array(inputs).fill(Number.POSITIVE_INFINITY),
  ) {}

  copy(): Bounds {
    return new Bounds(this.inputs, this.low.slice(), this.high.slice());
  }

  /** weight · x + constant ≥ 0; beyond a strict bound lies the next float64. */
  take({ terms, constant, strict }: Atom): void {
    for (const [variable, weight] of terms) {
      const bound = constant === 0 ? 0 : -constant / weight;
      if (weight > 0) {
        const low = strict ? neighbour(bound, 1) : bound;
        if (low > this.low[variable]!) this.low[variable] = low;
      } else {
        const high = strict ? neighbour(bound, -1) : bound;
        if (high < this.high[variable]!) this.high[variable] = high;
      }
    }
  }
}

/** The next float64 above (1) or below (-1). */
function neighbour(value: number, direction: 1 | -1): number {
  if (value === 0) return direction * Number.MIN_VALUE;
  const bits = new BigInt64Array(new Float64Array([value]).buffer);
  bits[0]! += value > 0 === direction > 0 ? 1n : -1n;
  return new Float64Array(bits.buffer)[0]!;
}

/** Each alternative as the atoms that must hold together. */
function alternatives(formula: Formula): Atom[][] {
  if (formula.kind === 'atom') return [[formula]];
  if (formula.kind === 'or') {
    const all: Atom[][] = [];
    let atoms = 0;
    for (const part of formula.parts) {
      for (const each of alternatives(part)) {
        all.push(each);
        atoms += each.length;
      }
      if (all.length > mostAlternatives || atoms > mostAtoms) throw tooLarge();
    }
    return all;
  }
  let product: Atom[][] = [[]];
  for (const part of formula.parts) {
    const options = alternatives(part);
    if (product.length * options.length > mostAlternatives) throw tooLarge();
    if (options.length === 1) {
      for (const atoms of product) for (const atom of options[0]!) atoms.push(atom);
    } else {
      product = product.flatMap((before) => options.map((option) => [...before, ...option]));
    }
    checkSize(product);
  }
  return product;
}

function checkSize(product: readonly Atom[][]): void {
  let atoms = 0;
  for (const each of product) atoms += each.length;
  if (atoms > mostAtoms) throw tooLarge();
}

function constraint({ terms, constant, strict }: Atom, inputs: number): LinearConstraint {
  const own = [...terms].filter(([variable]) => variable < inputs);
  const rest = [...terms].filter(([variable]) => variable >= inputs);
  return {
    outputs: rest.map(([variable]) => variable - inputs),
    outputWeights: rest.map(([, weight]) => weight),
    inputs: own.map(([variable]) => variable),
    inputWeights: own.map(([, weight]) => weight),
    constant,
    strict,
  };
}

function tooLarge(): RobustnessError {
  return new RobustnessError(
    'vnnlib/too-large',
    `The property has more than ${mostAlternatives} alternatives, or too many conditions in them.`,
    'Split it into several files, one a part of its disjunction.',
  );
}

function unbounded(input: number, low: number, high: number): RobustnessError {
  const side = Number.isFinite(low) ? 'above' : Number.isFinite(high) ? 'below' : 'above or below';
  return new RobustnessError(
    'vnnlib/unbounded',
    `The input X_${input} is not bounded ${side}.`,
    'Give each input a lower and an upper bound; the search is in boxes.',
  );
}
