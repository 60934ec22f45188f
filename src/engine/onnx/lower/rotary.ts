import { floatAttribute, intAttribute } from '../attribute';
import { fixedSize, joinHeads, splitHeads } from './attentionCore';
import type { Lowering, LoweringContext } from './lowering';

/**
 * Rotates pairs of elements of every head by an angle that depends on its position (Su et al. 2021).
 *
 * @param x [batch, heads, length, size].
 * @param cos cosines that broadcast to [batch, heads, length, rotated/2]; `sin` the sines.
 * @param rotated how many of the elements are rotated; the rest pass.
 */
export function rotate(
  c: LoweringContext,
  x: string,
  cos: string,
  sin: string,
  rotated: number,
  size: number,
  interleaved: boolean,
): string {
  const b = c.builder;
  const half = rotated / 2;
  let head = x;
  let rest: string | undefined;
  if (rotated < size)
    [head, rest] = b.ops('Split', [x, b.ints([rotated, size - rotated])], 2, { axis: -1 }) as [string, string];
  let real: string;
  let imaginary: string;
  if (interleaved) {
    const every = (start: number) =>
      c.op('Slice', [head, b.ints([start]), b.ints([rotated]), b.ints([-1]), b.ints([2])]);
    [real, imaginary] = [every(0), every(1)];
  } else {
    [real, imaginary] = b.ops('Split', [head, b.ints([half, half])], 2, { axis: -1 }) as [string, string];
  }
  const turned = [
    c.op('Sub', [c.op('Mul', [cos, real]), c.op('Mul', [sin, imaginary])]),
    c.op('Add', [c.op('Mul', [sin, real]), c.op('Mul', [cos, imaginary])]),
  ];
  if (!interleaved) return c.op('Concat', rest === undefined ? turned : [...turned, rest], { axis: -1 });
  const pairs = turned.map((part) => c.op('Unsqueeze', [part, b.ints([-1])]));
  const mixed = c.op('Reshape', [c.op('Concat', pairs, { axis: -1 }), c.op('Shape', [head])]);
  return rest === undefined ? mixed : c.op('Concat', [mixed, rest], { axis: -1 });
}

interface Caches {
  readonly cos: number;
  readonly sin: number;
  readonly positions: number;
}

const rotary =
  (at: Caches): Lowering =>
  (c) => {
    const b = c.builder;
    const shape = c.shapeOf(0);
    if (intAttribute(c.node, 'is_packed_batching', 0) === 1) c.leave('its batch is packed');
    if (floatAttribute(c.node, 'scale', 1) !== 1) c.leave('it scales');
    const flat = shape.length === 3;
    const length = fixedSize(c, shape.at(-2), 'its sequence length');
    const last = fixedSize(c, shape.at(-1), 'its head size');
    const cache = c.shapeOf(at.cos);
    const width = fixedSize(c, cache.at(-1), 'the size of its cache');
    const rotated = intAttribute(c.node, 'rotary_embedding_dim', 0);
    const given = intAttribute(c.node, 'num_heads', 0);
    // Without a number of heads, com.microsoft takes the caches to cover whole heads.
    const heads = flat ? (given > 0 ? given : last / (2 * width)) : fixedSize(c, shape[1], 'its number of heads');
    const size = flat ? last / heads : last;
    const table = (i: number) => {
      if (!c.has(at.positions)) return c.op('Unsqueeze', [c.x(i), b.ints([1])]);
      const positions = c.shapeOf(at.positions);
      const offsetOnly = positions.length === 1;
      const rows = Array.from({ length }, (_, k) => k);
      const chosen = offsetOnly ? c.op('Add', [c.x(at.positions), b.ints(rows)]) : c.x(at.positions);
      const angles = c.op('Gather', [c.x(i), chosen]);
      return offsetOnly ? angles : c.op('Unsqueeze', [angles, b.ints([1])]);
    };
    const x = flat ? splitHeads(c, c.x(), length, heads) : c.x();
    const interleaved = intAttribute(c.node, 'interleaved', 0) === 1;
    const y = rotate(c, x, table(at.cos), table(at.sin), rotated > 0 ? rotated : size, size, interleaved);
    return [flat ? joinHeads(c, y, length) : y];
  };

export const rotaryEmbedding = rotary({ cos: 1, sin: 2, positions: 3 });
/** The same with its inputs in the order of com.microsoft. */
export const rotaryEmbeddingFused = rotary({ cos: 2, sin: 3, positions: 1 });
