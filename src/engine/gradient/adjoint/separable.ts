import type { RuleContext } from '../rule';

/**
 * Multiplies along one axis: y[…, j, …] = Σᵢ x[…, i, …] · matrix[i, j].
 *
 * @param fromEnd the axis, counted from the end: -1 is the last.
 * @param matrix [size, new size].
 */
export function multiplyAlong(c: RuleContext, tensor: string, rank: number, fromEnd: number, matrix: string): string {
  // One product of large matrices; the others are many of small ones.
  if (fromEnd === -1) return c.op('MatMul', [tensor, matrix]);
  if (fromEnd === -2) return c.op('MatMul', [c.op('Transpose', [matrix], { perm: [1, 0] }), tensor]);
  const lead = c.seeds === null ? 0 : 1;
  const last = rank + lead - 1;
  const axis = rank + lead + fromEnd;
  const perm = Array.from({ length: rank + lead }, (_, i) => (i === axis ? last : i === last ? axis : i));
  const swapped = c.op('Transpose', [tensor], { perm });
  return c.op('Transpose', [c.op('MatMul', [swapped, matrix])], { perm });
}
