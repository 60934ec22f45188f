import { stringAttribute } from '../../onnx/attribute';
import { reduceSum } from '../emit';
import { adjoint, type Rule, type RuleContext, type RuleTable } from '../rule';

/** The axes of each operand and of the result by label; those of an ellipsis have labels of their own. */
interface Equation {
  readonly inputs: readonly (readonly string[])[];
  readonly output: readonly string[];
}

/**
 * Y = Σ X₀·X₁·…: each operand's gradient is the Einsum of G with the other operands that keeps that operand's labels.
 * Labels that only it has are repeated, those that it repeats lie on a diagonal, and those that it had one element of are
 * summed.
 */
const einsum: Rule = (c) => {
  const equation = parse(c);
  return c.node.input.map((_, i) => (c.needs(i) ? operandGradient(c, equation, i) : undefined));
};

function operandGradient(c: RuleContext, { inputs, output }: Equation, i: number): string {
  const shape = c.shapeOf(i);
  const own = inputs[i]!;
  const unique = [...new Set(own)];
  const sizeOf = (label: string) => shape[own.indexOf(label)]!;
  const others = inputs.flatMap((labels, k) => (k === i ? [] : [{ labels, name: c.x(k), shape: c.shapeOf(k) }]));
  const broadcast = (label: string) => sizeOf(label) === 1;
  /** Whether G or another operand has this label in full length. */
  const elsewhere = (label: string) =>
    output.includes(label) || others.some(({ labels, shape }) => labels.some((l, k) => l === label && shape[k] !== 1));
  const kept = unique.filter((label) => !broadcast(label) && elsewhere(label));
  const alone = unique.filter((label) => !broadcast(label) && !elsewhere(label));
  const product = contract(c, [{ labels: output, name: c.g() }, ...others], kept);
  const missing = unique.filter((label) => !kept.includes(label));
  const inserted =
    missing.length === 0
      ? product
      : c.op('Unsqueeze', [product, c.builder.ints(missing.map((label) => unique.indexOf(label) - unique.length))]);
  const spread = alone.length > 0 ? repeat(c, inserted, i, own, unique) : inserted;
  return own.length === unique.length ? spread : onDiagonals(c, spread, own, sizeOf);
}

interface Term {
  readonly labels: readonly string[];
  readonly name: string;
}

/** Σ over all labels but `kept`; the gradient is the first of the terms. */
function contract(c: RuleContext, terms: readonly Term[], kept: readonly string[]): string {
  const [g, ...others] = terms as [Term, ...Term[]];
  const lead = c.seeds === null ? [] : ['seeds'];
  const gLabels = [...lead, ...g.labels];
  const result = [...lead, ...kept];
  if (others.length === 0) {
    const summed = g.labels.filter((label) => !kept.includes(label));
    if (String(gLabels) === String(result)) return g.name;
    if (kept.length === 0) {
      const axes = summed.map((label) => g.labels.indexOf(label) - g.labels.length);
      return axes.length === 0 ? g.name : reduceSum(c.builder, g.name, axes, false);
    }
  }
  // ONNX Runtime takes no operand without a label: such factors are multiplied on afterwards.
  const all = [{ labels: gLabels, name: g.name }, ...others];
  const scalars = all.filter((term) => term.labels.length === 0);
  const tensors = all.filter((term) => term.labels.length > 0);
  const product =
    tensors.length === 0
      ? undefined
      : c.op(
          'Einsum',
          tensors.map((term) => term.name),
          { equation: written(c, tensors, result) },
        );
  const factors = [...(product === undefined ? [] : [product]), ...scalars.map((term) => term.name)];
  return factors.reduce((a, b) => c.op('Mul', [a, b]));
}

/** The equation in letters, which are all that ONNX allows. */
function written(c: RuleContext, terms: readonly Term[], result: readonly string[]): string {
  const labels = [...new Set(terms.flatMap((term) => term.labels))];
  if (labels.length > letters.length) c.unavailable('it has more axes than there are letters');
  const letter = (label: string) => letters[labels.indexOf(label)]!;
  const side = (some: readonly string[]) => some.map(letter).join('');
  return `${terms.map((term) => side(term.labels)).join(',')}->${side(result)}`;
}

const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';

/** Copies along the labels that the operand was summed over by itself. */
function repeat(c: RuleContext, tensor: string, i: number, own: readonly string[], unique: readonly string[]): string {
  const b = c.builder;
  const dims = unique.map((label) => c.shapeOf(i)[own.indexOf(label)]!);
  if (dims.every((dim) => dim !== null)) return b.op('Expand', [tensor, b.ints(dims)]);
  const sizes = b.op('Shape', [c.x(i)]);
  const shape = b.op('Gather', [sizes, b.ints(unique.map((label) => own.indexOf(label)))]);
  return b.op('Expand', [tensor, shape]);
}

/** [i] to the diagonal of [i, i] for every label that the operand has more than once. */
function onDiagonals(
  c: RuleContext,
  tensor: string,
  own: readonly string[],
  sizeOf: (label: string) => number | null,
): string {
  const b = c.builder;
  const again = own.flatMap((label, k) => (own.indexOf(label) === k ? [] : [k]));
  const opened = b.op('Unsqueeze', [tensor, b.ints(again.map((k) => k - own.length))]);
  return again.reduce((g, k) => {
    const label = own[k]!;
    const size = sizeOf(label) ?? c.unavailable('it takes the diagonal of an axis that moves with the batch');
    const counted = (along: number) => {
      const dims = own.map((_, axis) => (axis === along ? size : 1));
      return b.constant({ type: 'int64', dims, data: BigInt64Array.from({ length: size }, (_, at) => BigInt(at)) });
    };
    return b.op('Where', [b.op('Equal', [counted(own.indexOf(label)), counted(k)]), g, b.scalar(0)]);
  }, opened);
}

/** Labels of ellipses are numbered from the last axis, where they are aligned; without `->`, what occurs once is kept. */
function parse(c: RuleContext): Equation {
  const [left, right] = stringAttribute(c.node, 'equation', '').replaceAll(/\s/g, '').split('->') as [string, string?];
  const terms = left.split(',');
  if (terms.length !== c.node.input.length) c.unavailable('its equation does not name its operands');
  const inputs = terms.map((term, i) => labelsOf(term, c.shapeOf(i).length));
  const outputRank = c.shapeOfOutput(0).length;
  if (right !== undefined) return { inputs, output: labelsOf(right, outputRank) };
  const all = [...left.replaceAll(/[^a-zA-Z]/g, '')];
  const once = all.filter((label) => all.indexOf(label) === all.lastIndexOf(label)).sort();
  return { inputs, output: labelsOf(`${left.includes('...') ? '...' : ''}${once.join('')}`, outputRank) };
}

function labelsOf(term: string, rank: number): string[] {
  const [before, after] = term.split('...') as [string, string?];
  if (after === undefined) return [...before];
  const hidden = rank - before.length - after.length;
  return [...before, ...Array.from({ length: hidden }, (_, k) => `…${hidden - k}`), ...after];
}

export const einsumRules: RuleTable = { Einsum: adjoint(einsum) };
