import { intAttribute, intsAttribute } from '../../onnx/attribute';
import { TensorProto_DataType } from '../../onnx/generated/onnx_pb';
import { asObserved, poolingOf, spreadOverWindows } from '../adjoint/pool';
import { repeatEach } from '../adjoint/repeat';
import { channelsOf, product, spatial, spatialPart, type Window, windowOf } from '../adjoint/window';
import { foldSeeds, reduceSum, scatterFlat, unfoldSeeds } from '../emit';
import { exact, type Rule, type RuleContext, type RuleTable } from '../rule';

/** The gradient goes to the element that won; of equal ones the first, as in PyTorch. */
const maxPool: Rule = (c) => {
  const kernel = intsAttribute(c.node, 'kernel_shape') ?? c.unavailable('it has no kernel_shape');
  const sizes = c.shapeOf(0).slice(2);
  if (sizes.every((dim) => dim !== null)) {
    const input = spatial(c, c.shapeOf(0));
    const outputs = spatial(c, c.shapeOfOutput(0));
    const window = windowOf(c.node, kernel, input);
    if (isTiling(window, input, outputs)) {
      if (c.seeds === null) return [unpooled(c, tilePositions(c, window, input, outputs))];
      return [tiled(c, window, input, outputs)];
    }
    if (c.seeds === null && window.strides.every((stride, i) => stride > (kernel[i]! - 1) * window.dilations[i]!)) {
      return [unpooled(c, positions(c))];
    }
  }
  return [scatterFlat(c, 0, positions(c), c.g())];
};

/** Windows that share no element have no winner in common: their gradients are put in place, where others are added up. */
function unpooled(c: RuleContext, at: string): string {
  const ones = c.shapeOf(0).slice(2).fill(1).map(Number);
  return c.op('MaxUnpool', [c.g(), at, c.op('Shape', [c.x()])], { kernel_shape: ones, strides: ones });
}

/** Passes over all of x cost by its elements, the search for positions by the windows: from 4×4 on, the latter is faster. */
const mostTaps = 9;

/** Small windows side by side that reach neither into padding nor past the end. */
function isTiling(window: Window, input: readonly number[], outputs: readonly number[]): boolean {
  if (input.length !== 2 || product(window.kernel) > mostTaps) return false;
  return input.every(
    (dim, i) =>
      window.strides[i] === window.kernel[i] &&
      window.dilations[i] === 1 &&
      window.padBegin[i] === 0 &&
      outputs[i]! * window.kernel[i]! <= dim,
  );
}

/**
 * Where windows lie side by side: winners are marked by their distance, in elements of the input, from the last element of
 * their window, each distinct; the largest mark is the first winner's. That is some passes over x, each on all threads,
 * and leaves the node as it is: asked for positions too, ONNX Runtime leaves its blocked kernel for one that branches on
 * each element (half as fast together).
 *
 * @param width of the rows that distances are counted in.
 */
function firstMarks(
  c: RuleContext,
  { kernel }: Window,
  input: readonly number[],
  outputs: readonly number[],
  width: number,
): { readonly marks: string; readonly first: string } {
  const b = c.builder;
  const size = outputs.map((count, i) => count * kernel[i]!);
  const [height, across] = size as [number, number];
  const [rows, columns] = kernel as [number, number];
  const marks = b.floats(
    Float32Array.from({ length: height * across }, (_, at) => {
      const [row, column] = [Math.floor(at / across) % rows, (at % across) % columns];
      return (rows - 1 - row) * width + columns - 1 - column;
    }),
    [1, 1, height, across],
  );
  const x = spatialPart(b, c.x(), input, [0, 0], size);
  const won = toFloat(c, c.op('Equal', [x, repeatEach(b, c.y(), kernel)]));
  // Products with a 0/1 mask, because ONNX Runtime makes three passes of a Where.
  return { marks, first: c.op('MaxPool', [c.op('Mul', [won, marks])], { kernel_shape: kernel, strides: kernel }) };
}

const toFloat = (c: RuleContext, condition: string) => c.op('Cast', [condition], { to: TensorProto_DataType.FLOAT });

/** Position of each window's first maximum in the flattened input. */
function tilePositions(c: RuleContext, window: Window, input: readonly number[], outputs: readonly number[]): string {
  const b = c.builder;
  const [height, width] = input as [number, number];
  const [rows, columns] = window.kernel as [number, number];
  const [down, across] = outputs as [number, number];
  const { first } = firstMarks(c, window, input, outputs, width);
  const lasts = BigInt64Array.from({ length: down * across }, (_, at) => {
    const [row, column] = [Math.floor(at / across) * rows + rows - 1, (at % across) * columns + columns - 1];
    return BigInt(row * width + column);
  });
  const last = b.constant({ type: 'int64', dims: [1, 1, down, across], data: lasts });
  const planes = c.op('Range', [b.intScalar(0), c.op('Size', [c.x()]), b.intScalar(height * width)]);
  const starts = c.op('Reshape', [planes, b.ints([-1, channelsOf(c, c.shapeOf(0)), 1, 1])]);
  const distance = c.op('Cast', [first], { to: TensorProto_DataType.INT64 });
  return c.op('Sub', [c.op('Add', [starts, last]), distance]);
}

/** One mask of winners for all seeds, whose axis is in front. */
function tiled(c: RuleContext, window: Window, input: readonly number[], outputs: readonly number[]): string {
  const b = c.builder;
  const { kernel } = window;
  const size = outputs.map((count, i) => count * kernel[i]!);
  // As wide as a window, so that distances are small.
  const { marks, first } = firstMarks(c, window, input, outputs, kernel[1]!);
  const mask = toFloat(c, c.op('Equal', [repeatEach(b, first, kernel), marks]));
  const g = repeatEach(b, foldSeeds(c, c.g(), c.shapeOfOutput(0)), kernel);
  const whole = (tensor: string) => spatialPart(b, tensor, size, [0, 0], input);
  return c.op('Mul', [unfoldSeeds(c, whole(g), 0), whole(mask)]);
}

/** Position of each window's first maximum in the flattened input. */
function positions(c: RuleContext): string {
  if (intAttribute(c.node, 'storage_order', 0) === 0) return c.extraOutput(1);
  // The node would count column by column: another counts row by row.
  const [, rowMajor] = c.builder.ops('MaxPool', [c.x()], 2);
  c.builder.graph.node.at(-1)!.attribute = c.node.attribute.filter((a) => a.name !== 'storage_order');
  return rowMajor!;
}

/** The axes after batch and channels, counted from the end. */
const spatialAxes = (c: RuleContext) =>
  c
    .shapeOf(0)
    .slice(2)
    .map((_, i) => -1 - i);

/** Ties share the gradient equally, as torch.amax does. */
const globalMax: Rule = (c) => {
  const winners = c.op('Cast', [c.op('Equal', [c.x(), c.y()])], { to: TensorProto_DataType.FLOAT });
  const ties = reduceSum(c.builder, winners, spatialAxes(c), true);
  return [c.op('Mul', [winners, c.op('Div', [c.g(), ties])])];
};

/** y = (Σ |x|ᵖ)^(1/p), so dx = Σ over windows of g·y^(1−p), times sign(x)·|x|^(p−1); 0 where all of a window is 0. */
const lpPool: Rule = (c) => {
  const pooling = poolingOf(c);
  const y = asObserved(c, c.y(), pooling.outputs);
  return [timesPower(c, spreadOverWindows(c, overNorm(c, y), pooling))];
};

const globalLpPool: Rule = (c) => [timesPower(c, overNorm(c, c.y()))];

const order = (c: RuleContext) => intAttribute(c.node, 'p', 2);

/** g·y^(1−p), with 1 for a norm of 0: every element under it is 0, and so is its gradient. */
function overNorm(c: RuleContext, y: string): string {
  const p = order(c);
  if (p === 1) return c.g();
  const b = c.builder;
  const norm = c.op('Where', [c.op('Equal', [y, b.scalar(0)]), b.scalar(1), y]);
  return c.op('Div', [c.g(), p === 2 ? norm : c.op('Pow', [norm, b.scalar(p - 1)])]);
}

/** tensor·sign(x)·|x|^(p−1). */
function timesPower(c: RuleContext, tensor: string): string {
  const p = order(c);
  if (p === 2) return c.op('Mul', [tensor, c.x()]);
  const signed = c.op('Mul', [tensor, c.op('Sign', [c.x()])]);
  return p === 1 ? signed : c.op('Mul', [signed, c.op('Pow', [c.op('Abs', [c.x()]), c.builder.scalar(p - 1)])]);
}

export const poolRules: RuleTable = {
  MaxPool: exact(maxPool),
  GlobalMaxPool: exact(globalMax),
  LpPool: exact(lpPool),
  GlobalLpPool: exact(globalLpPool),
};
