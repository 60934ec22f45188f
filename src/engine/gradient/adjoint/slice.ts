import type { Dim } from '../../onnx/observe';
import { fixedIntegers } from '../fixedIntegers';
import type { Rule, RuleContext } from '../rule';
import { byPosition, sizeAt, untake, untakeDistinct } from './axis';

interface Cut {
  /** Counted from the end. */
  readonly axis: number;
  readonly start: number;
  readonly end: number;
  readonly step: number;
}

/** ONNX writes "as far as it goes" as a very large or very small number. */
const endless = 2 ** 31 - 1;

/**
 * What was cut off is zero. Without steps over sizes that are known, one Pad for all axes; otherwise each axis by itself:
 * by the positions that it took, listed beforehand or at run time.
 */
export const slice: Rule = (c) => {
  const cuts = cutsOf(c);
  if (!cuts) return byPosition(c);
  const shape = c.shapeOf(0);
  const runs: { readonly axis: number; readonly before: number; readonly after: number }[] = [];
  const others: Cut[] = [];
  for (const cut of cuts) {
    const size = shape.at(cut.axis)!;
    if (cut.step === 1 && cut.start === 0 && cut.end >= endless) continue;
    if (cut.step !== 1 || size === null) others.push(cut);
    else {
      const taken = positionsOf(cut, size);
      const before = taken[0] ?? 0;
      runs.push({ axis: cut.axis, before, after: size - before - taken.length });
    }
  }
  const cutting = runs.filter((run) => run.before > 0 || run.after > 0);
  const b = c.builder;
  const padded =
    cutting.length === 0
      ? c.g()
      : b.op('Pad', [
          c.g(),
          b.ints([...cutting.map((run) => run.before), ...cutting.map((run) => run.after)]),
          '',
          b.ints(cutting.map((run) => run.axis)),
        ]);
  return [others.reduce((g, cut) => uncut(c, g, cut, shape.at(cut.axis)!), padded)];
};

function uncut(c: RuleContext, g: string, cut: Cut, size: Dim): string {
  if (size !== null) return untake(c, g, cut.axis, positionsOf(cut, size), size);
  const b = c.builder;
  const length = sizeAt(c, c.x(), cut.axis);
  const all = b.op('Range', [b.intScalar(0), b.op('Squeeze', [length]), b.intScalar(1)]);
  const taken = b.op('Slice', [
    all,
    b.ints([inInt64(cut.start)]),
    b.ints([inInt64(cut.end)]),
    b.ints([0]),
    b.ints([cut.step]),
  ]);
  return untakeDistinct(c, g, cut.axis, taken, length);
}

/** The largest int64 has no number of its own; any as far beyond every axis does as well. */
function inInt64(at: number): number {
  return Math.min(2 ** 62, Math.max(-(2 ** 62), at));
}

/** Undefined where starts, ends, axes or steps are not the same in every run. */
function cutsOf(c: RuleContext): Cut[] | undefined {
  const rank = c.shapeOf(0).length;
  const [starts, ends] = [fixedIntegers(c, 1), fixedIntegers(c, 2)];
  const axes = c.node.input[3] ? fixedIntegers(c, 3) : starts?.map((_, i) => i);
  const steps = c.node.input[4] ? fixedIntegers(c, 4) : starts?.map(() => 1);
  if (!starts || !ends || !axes || !steps) return undefined;
  return axes.map((axis, i) => ({
    axis: axis < 0 ? axis : axis - rank,
    start: starts[i]!,
    end: ends[i]!,
    step: steps[i]!,
  }));
}

/** Positions that a slice takes of an axis, by the rules of ONNX (those of NumPy). */
function positionsOf({ start, end, step }: Cut, size: number): number[] {
  const within = (at: number, low: number, high: number) => Math.min(high, Math.max(low, at < 0 ? at + size : at));
  const [from, to] =
    step > 0 ? [within(start, 0, size), within(end, 0, size)] : [within(start, 0, size - 1), within(end, -1, size - 1)];
  const taken: number[] = [];
  for (let at = from; step > 0 ? at < to : at > to; at += step) taken.push(at);
  return taken;
}
