import { exact, type Rule, type RuleTable } from '../rule';

/** The minors' indices are a table of n²·(n−1)² entries. */
const largest = 16;

/** ∂det X/∂X is the matrix of cofactors, which also stands where X has no inverse. */
const determinant: Rule = (c) => {
  const b = c.builder;
  const shape = c.shapeOf(0);
  const n = shape.at(-1) ?? c.unavailable('the size of its matrices moves with the batch');
  if (n > largest) c.unavailable(`its matrices are larger than ${largest} by ${largest}`);
  const g = b.op('Unsqueeze', [c.g(), b.ints([-2, -1])]);
  if (n === 1) return [g];
  const lead = shape.slice(0, -2).map(() => 0);
  const entries = b.op('Reshape', [c.x(), b.ints([...lead, n * n])]);
  const minors = b.op('Det', [b.op('Gather', [entries, b.constant(minorIndices(n))], { axis: -1 })]);
  const signs = Array.from({ length: n * n }, (_, at) => ((Math.floor(at / n) + (at % n)) % 2 === 0 ? 1 : -1));
  const cofactors = b.op('Reshape', [b.op('Mul', [minors, b.floats(signs)]), b.ints([...lead, n, n])]);
  return [b.op('Mul', [g, cofactors])];
};

/** [n², n−1, n−1]: for each entry, where the entries outside its row and column lie. */
function minorIndices(n: number) {
  const without = (left: number) => Array.from({ length: n }, (_, i) => i).filter((i) => i !== left);
  const indices = Array.from({ length: n * n }, (_, at) =>
    without(Math.floor(at / n)).flatMap((row) => without(at % n).map((column) => BigInt(row * n + column))),
  );
  return { type: 'int64', dims: [n * n, n - 1, n - 1], data: BigInt64Array.from(indices.flat()) } as const;
}

export const determinantRules: RuleTable = { Det: exact(determinant) };
