import { RobustnessError } from '../../error';
import { type Form, shown } from './forms';

/** Σ weight · variable + constant ≥ 0, or > 0 where strict. Variables are numbered: inputs first, then outputs. */
export interface Atom {
  readonly kind: 'atom';
  readonly terms: ReadonlyMap<number, number>;
  readonly constant: number;
  readonly strict: boolean;
}

/** A condition without negations: they are pushed down to the atoms. */
export type Formula = Atom | { readonly kind: 'and' | 'or'; readonly parts: readonly Formula[] };

/** Number of a declared variable; undefined if there is none of the name. */
export type Variables = (name: string) => number | undefined;

interface Linear {
  readonly terms: Map<number, number>;
  readonly constant: number;
}

const comparisons: ReadonlySet<string> = new Set(['<=', '>=', '<', '>', '=']);

/**
 * Reads a condition: and, or, not, => and true/false over chains of <=, >=, <, > and = between linear terms.
 *
 * @param wanted false to read the negation.
 * @throws `vnnlib/unknown-symbol`, `vnnlib/unsupported` for products of variables and other operators, `vnnlib/syntax`
 */
export function readFormula(form: Form, variables: Variables, wanted = true): Formula {
  if (form === 'true' || form === 'false') return { kind: (form === 'true') === wanted ? 'and' : 'or', parts: [] };
  if (typeof form === 'string') throw malformed(form, 'is no condition');
  const [operator, ...rest] = form;
  if (operator === 'and' || operator === 'or') {
    const kind = (operator === 'and') === wanted ? 'and' : 'or';
    return { kind, parts: rest.map((part) => readFormula(part, variables, wanted)) };
  }
  if (operator === 'not') {
    if (rest.length !== 1) throw malformed(form, 'needs one condition');
    return readFormula(rest[0]!, variables, !wanted);
  }
  if (operator === '=>') {
    if (rest.length !== 2) throw malformed(form, 'needs two conditions');
    const parts = [readFormula(rest[0]!, variables, !wanted), readFormula(rest[1]!, variables, wanted)];
    return { kind: wanted ? 'or' : 'and', parts };
  }
  if (typeof operator !== 'string' || !comparisons.has(operator)) {
    if (Array.isArray(operator) || operator === undefined) throw malformed(form, 'is no condition');
    throw unsupported(form, `the condition ${shown(operator)} is not known`);
  }
  if (rest.length < 2) throw malformed(form, 'compares fewer than two terms');
  const terms = rest.map((part) => readTerm(part, variables));
  const parts = terms.slice(1).map((right, i) => compare(operator, terms[i]!, right, wanted));
  return parts.length === 1 ? parts[0]! : { kind: wanted ? 'and' : 'or', parts };
}

function compare(operator: string, left: Linear, right: Linear, wanted: boolean): Formula {
  if (operator === '=') {
    const parts = [atom(left, right, !wanted), atom(right, left, !wanted)];
    return { kind: wanted ? 'and' : 'or', parts };
  }
  const greater = operator.startsWith('>') === wanted;
  const strict = (operator.length === 1) === wanted;
  return greater ? atom(left, right, strict) : atom(right, left, strict);
}

/** larger - smaller ≥ 0 */
function atom(larger: Linear, smaller: Linear, strict: boolean): Atom {
  const { terms, constant } = sum(larger, smaller, -1);
  return { kind: 'atom', terms, constant, strict };
}

function sum(a: Linear, b: Linear, factor: number): Linear {
  const terms = new Map(a.terms);
  for (const [variable, weight] of b.terms) {
    const total = (terms.get(variable) ?? 0) + factor * weight;
    if (total === 0) terms.delete(variable);
    else terms.set(variable, total);
  }
  return { terms, constant: a.constant + factor * b.constant };
}

function readTerm(form: Form, variables: Variables): Linear {
  const value = linear(form, variables);
  if (!Number.isFinite(value.constant) || ![...value.terms.values()].every(Number.isFinite)) {
    throw malformed(form, 'holds a number that is too large');
  }
  return value;
}

function linear(form: Form, variables: Variables): Linear {
  if (typeof form === 'string') {
    if (/^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/.test(form)) return { terms: new Map(), constant: Number(form) };
    const variable = variables(form);
    if (variable === undefined) throw unknown(form);
    return { terms: new Map([[variable, 1]]), constant: 0 };
  }
  const [operator, ...rest] = form;
  const parts = rest.map((part) => readTerm(part, variables));
  const [first, ...others] = parts;
  if (first && operator === '+') return total(parts, 1);
  if (first && operator === '-') {
    if (others.length === 0) return sum({ terms: new Map(), constant: 0 }, first, -1);
    return sum(first, total(others, 1), -1);
  }
  if (first && operator === '*') return others.reduce((product, factor) => times(product, factor, form), first);
  if (first && operator === '/' && others.length === 1) {
    const divisor = others[0]!;
    if (divisor.terms.size > 0) throw unsupported(form, 'a variable is divided by');
    if (divisor.constant === 0) throw malformed(form, 'divides by zero');
    return scaled(first, 1 / divisor.constant, divisor.constant);
  }
  if (typeof operator !== 'string' || !first) throw malformed(form, 'is no term');
  throw unsupported(form, `the operator ${shown(operator)} is not known`);
}

/** One map for all terms: a long sum takes time in proportion to its length. */
function total(parts: readonly Linear[], factor: number): Linear {
  const terms = new Map<number, number>();
  let constant = 0;
  for (const part of parts) {
    for (const [variable, weight] of part.terms) terms.set(variable, (terms.get(variable) ?? 0) + factor * weight);
    constant += factor * part.constant;
  }
  for (const [variable, weight] of terms) if (weight === 0) terms.delete(variable);
  return { terms, constant };
}

function times(a: Linear, b: Linear, form: Form): Linear {
  if (a.terms.size > 0 && b.terms.size > 0) throw unsupported(form, 'variables are multiplied');
  return a.terms.size > 0 ? scaled(a, b.constant) : scaled(b, a.constant);
}

/** @param divisor divides in place of multiplying by its inverse, which rounds twice. */
function scaled({ terms, constant }: Linear, factor: number, divisor?: number): Linear {
  const scale = (value: number) => (divisor === undefined ? value * factor : value / divisor);
  if (factor === 0) return { terms: new Map(), constant: 0 };
  return {
    terms: new Map([...terms].map(([variable, weight]) => [variable, scale(weight)])),
    constant: scale(constant),
  };
}

function unknown(name: string): RobustnessError {
  return new RobustnessError(
    'vnnlib/unknown-symbol',
    `The property uses “${shown(name)}”, which it does not declare.`,
    'Declare inputs as X_0, X_1 … and outputs as Y_0, Y_1 …, before they are used.',
  );
}

function unsupported(form: Form, what: string): RobustnessError {
  return new RobustnessError(
    'vnnlib/unsupported',
    `The property cannot be searched: ${what}, in ${shown(form)}.`,
    'Conditions are and, or, not, => over comparisons of linear terms (+, -, *, / by numbers).',
  );
}

function malformed(form: Form, what: string): RobustnessError {
  return new RobustnessError('vnnlib/syntax', `In the property, ${shown(form)} ${what}.`, 'Check the file.');
}
