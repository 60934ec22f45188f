import { intAttribute, intsAttribute } from '../../onnx/attribute';
import { TensorProto_DataType } from '../../onnx/generated/onnx_pb';
import { asObserved, poolingOf, spreadOverWindows } from '../adjoint/pool';
import { repeatEach } from '../adjoint/repeat';
import { product, spatial, spatialPart, type Window, windowOf } from '../adjoint/window';
import { foldSeeds, reduceSum, scatterFlat, unfoldSeeds } from '../emit';
import { exact, type Rule, type RuleContext, type RuleTable } from '../rule';

/** The gradient goes to the element that won; of equal ones the first, as in PyTorch. */
const maxPool: Rule = (c) => {
  const kernel = intsAttribute(c.node, 'kernel_shape') ?? c.unavailable('it has no kernel_shape');
  const sizes = c.shapeOf(0).slice(2);
  if (sizes.length === 2 && sizes.every((dim) => dim !== null)) {
    const input = spatial(c, c.shapeOf(0));
    const outputs = spatial(c, c.shapeOfOutput(0));
    const window = windowOf(c.node, kernel, input);
    if (isTiling(window, input, outputs)) return [tiled(c, window, input, outputs)];
  }
  return [scatterFlat(c, 0, positions(c), c.g())];
};

/** Passes over all of x cost by its elements, adding up at positions by the windows: from 4×4 on, the latter is faster. */
const mostTaps = 9;

/** Small windows side by side that reach neither into padding nor past the end. */
function isTiling(window: Window, input: readonly number[], outputs: readonly number[]): boolean {
  if (product(window.kernel) > mostTaps) return false;
  return input.every(
    (dim, i) =>
      window.strides[i] === window.kernel[i] &&
      window.dilations[i] === 1 &&
      window.padBegin[i] === 0 &&
      outputs[i]! * window.kernel[i]! <= dim,
  );
}

/**
 * Where windows lie side by side: winners are marked by their place in the window, counted down from its first element;
 * the largest mark is the first winner's. That is some passes over x, each on all threads, and leaves the node as it is:
 * asked for positions too, ONNX Runtime leaves its blocked kernel for one that branches on each element, and adds up at
 * positions on one thread (about half as fast together).
 */
function tiled(c: RuleContext, window: Window, input: readonly number[], outputs: readonly number[]): string {
  const b = c.builder;
  const { kernel } = window;
  const size = outputs.map((count, i) => count * kernel[i]!);
  const [height, width] = size as [number, number];
  const [rows, columns] = kernel as [number, number];
  const marks = b.floats(
    Float32Array.from({ length: height * width }, (_, at) => {
      const [row, column] = [Math.floor(at / width) % rows, (at % width) % columns];
      return rows * columns - (row * columns + column);
    }),
    [1, 1, height, width],
  );
  const toFloat = (condition: string) => c.op('Cast', [condition], { to: TensorProto_DataType.FLOAT });
  const x = spatialPart(b, c.x(), input, [0, 0], size);
  // Products with a 0/1 mask, because ONNX Runtime makes three passes of a Where.
  const won = toFloat(c.op('Equal', [x, repeatEach(b, c.y(), kernel)]));
  const first = c.op('MaxPool', [c.op('Mul', [won, marks])], { kernel_shape: kernel, strides: kernel });
  const mask = toFloat(c.op('Equal', [repeatEach(b, first, kernel), marks]));
  const g = repeatEach(b, foldSeeds(c, c.g(), c.shapeOfOutput(0)), kernel);
  const whole = (tensor: string) => spatialPart(b, tensor, size, [0, 0], input);
  if (c.seeds === null) return whole(c.op('Mul', [g, mask]));
  // One mask for all seeds, whose axis is in front.
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
