import { stringAttribute } from '../../onnx/attribute';
import { reduceSum } from '../emit';
import { fixedIntegers } from '../fixedIntegers';
import type { Rule, RuleContext } from '../rule';
import { axisFromEnd, byPosition, padAxis, untake } from './axis';

/** The gradient without what was padded on; what reflection, edges or wrapping repeated goes back to where it came from. */
export const pad: Rule = (c) => {
  const mode = stringAttribute(c.node, 'mode', 'constant');
  const axes = axesOf(c);
  if (mode === 'constant') return [c.needs(0) ? cut(c, axes) : undefined, undefined, c.needs(2) ? value(c) : undefined];
  const pads = fixedIntegers(c, 1);
  const sources = pads && axes && sourcesOf(c, mode, pads, axes);
  if (!sources) return byPosition(c);
  return [sources.reduce((g, source) => fold(c, g, source), c.g())];
};

interface Repeated {
  readonly axis: number;
  readonly before: number;
  readonly after: number;
  readonly size: number;
  /** Which element of the input each element along the axis repeats. */
  readonly from: readonly number[];
}

/** What lies within stays; what was put before and behind it is small, and is added where it came from. */
function fold(c: RuleContext, g: string, { axis, before, after, size, from }: Repeated): string {
  const b = c.builder;
  const within = padAxis(c, g, axis, -before, -after);
  const back = (start: number, count: number) => {
    const part = b.op('Slice', [g, b.ints([start]), b.ints([start + count]), b.ints([axis])]);
    return untake(c, part, axis, from.slice(start, start + count), size);
  };
  const outside = [...(before > 0 ? [back(0, before)] : []), ...(after > 0 ? [back(before + size, after)] : [])];
  return b.op('Sum', [within, ...outside]);
}

/** Axes of the pads counted from the end; undefined where they depend on the data. */
function axesOf(c: RuleContext): number[] | undefined {
  const all = c.shapeOf(0).map((_, i) => i);
  const given = c.node.input[3] ? fixedIntegers(c, 3) : all;
  return given?.map((axis) => axisFromEnd(c, axis));
}

/** Pads by the opposite amounts: what a negative pad had cut off comes back as zeros. */
function cut(c: RuleContext, axes: readonly number[] | undefined): string {
  const b = c.builder;
  const along = axes ? b.ints(axes) : c.unavailable('its axes depend on the data');
  const pads = fixedIntegers(c, 1);
  if (!pads) return b.op('Pad', [c.g(), b.op('Neg', [c.x(1)]), '', along]);
  if (pads.every((amount) => amount === 0)) return c.g();
  const used = axes!.map((_, i) => i).filter((i) => pads[i] !== 0 || pads[axes!.length + i] !== 0);
  const opposite = [...used.map((i) => -pads[i]!), ...used.map((i) => -pads[axes!.length + i]!)];
  return b.op('Pad', [c.g(), b.ints(opposite), '', b.ints(used.map((i) => axes![i]!))]);
}

/** The value stands wherever something was padded on: the sum of the gradient without that over the input's elements. */
function value(c: RuleContext): string {
  const b = c.builder;
  const rank = c.shapeOfOutput(0).length;
  const all = Array.from({ length: rank }, (_, i) => i - rank);
  const along = c.node.input[3] ? c.x(3) : b.ints(all);
  const grown = b.op('Max', [c.x(1), b.intScalar(0)]);
  const inner = b.op('Pad', [c.g(), b.op('Neg', [grown]), '', c.seeds === null ? along : fromEndAtRunTime(c, along)]);
  const total = b.op('Sub', [reduceSum(b, c.g(), all, false), reduceSum(b, inner, all, false)]);
  return c.shapeOf(2).length === 0 ? total : b.op('Unsqueeze', [total, b.ints([-1])]);
}

/** Axes from the front are one further with seeds; from the end they are the same. */
function fromEndAtRunTime(c: RuleContext, axes: string): string {
  const b = c.builder;
  const rank = b.intScalar(c.shapeOf(0).length);
  const negative = b.op('Less', [axes, b.intScalar(0)]);
  return b.op('Where', [negative, axes, b.op('Sub', [axes, rank])]);
}

/**
 * For each padded axis, which element of the input every element of the output repeats. Undefined where sizes move, where
 * an axis is cut too, or where it is padded by more than it has: how that repeats is left to the operator itself.
 */
function sourcesOf(c: RuleContext, mode: string, pads: readonly number[], axes: readonly number[]) {
  const sources: Repeated[] = [];
  for (const [i, axis] of axes.entries()) {
    const [before, after] = [pads[i]!, pads[axes.length + i]!];
    if (before === 0 && after === 0) continue;
    const size = c.shapeOf(0).at(axis)!;
    const most = size === null ? 0 : mode === 'reflect' ? size - 1 : mode === 'wrap' ? size : Number.POSITIVE_INFINITY;
    if (size === null || before < 0 || after < 0 || Math.max(before, after) > most) return undefined;
    const source: Record<string, (at: number) => number> = {
      reflect: (at) => (at < 0 ? -at : at >= size ? 2 * (size - 1) - at : at),
      edge: (at) => Math.min(size - 1, Math.max(0, at)),
      wrap: (at) => (at + size) % size,
    };
    const of = source[mode];
    if (!of) return undefined;
    const from = Array.from({ length: before + size + after }, (_, k) => of(k - before));
    sources.push({ axis, before, after, size, from });
  }
  return sources;
}
