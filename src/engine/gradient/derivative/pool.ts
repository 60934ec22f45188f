import { intAttribute, intsAttribute } from '../../onnx/attribute';
import { cutPadding, spatial } from '../adjoint/convolution';
import { covered, type Window, windowOf } from '../adjoint/window';
import { scale, scatterFlat } from '../emit';
import { exact, type Rule, type RuleContext, type RuleTable } from '../rule';

/** The gradient goes to the element that won; of equal ones the first, as in PyTorch. */
const maxPool: Rule = (c) => {
  if (intAttribute(c.node, 'storage_order', 0) !== 0) c.unavailable('storage_order is column-major');
  return [scatterFlat(c, 0, c.extraOutput(1), c.g())];
};

/** G divided by how many elements each window averaged, spread over the window. */
const averagePool: Rule = (c) => {
  const kernel = intsAttribute(c.node, 'kernel_shape') ?? c.unavailable('it has no kernel_shape');
  const input = spatial(c, c.shapeOf(0));
  const outputs = spatial(c, c.shapeOfOutput(0));
  const channels = c.shapeOf(0)[1] ?? c.unavailable('the number of channels moves with the batch');
  const window = windowOf(c.node, kernel, input);
  const counts = windowCounts(window, input, outputs, intAttribute(c.node, 'count_include_pad', 0) === 1);
  const share = c.op('Div', [c.g(), c.builder.floats(counts, [1, 1, ...outputs])]);
  const taps = kernel.reduce((a, k) => a * k, 1);
  const ones = c.builder.floats(new Float32Array(channels * taps).fill(1), [channels, 1, ...kernel]);
  const spread = c.op('ConvTranspose', [share, ones], {
    group: channels,
    strides: window.strides,
    dilations: window.dilations,
    kernel_shape: kernel,
  });
  return [cutPadding(c.builder, spread, window, covered(window, outputs), input)];
};

/** How many elements each output position averages, row-major over the output. */
function windowCounts(
  window: Window,
  input: readonly number[],
  outputs: readonly number[],
  includePad: boolean,
): Float32Array {
  const along = outputs.map((count, axis) => {
    const low = includePad ? -window.padBegin[axis]! : 0;
    const high = input[axis]! + (includePad ? window.padEnd[axis]! : 0);
    return Array.from({ length: count }, (_, position) => {
      const start = position * window.strides[axis]! - window.padBegin[axis]!;
      let inside = 0;
      for (let tap = 0; tap < window.kernel[axis]!; tap++) {
        const at = start + tap * window.dilations[axis]!;
        if (at >= low && at < high) inside++;
      }
      return inside;
    });
  });
  return Float32Array.from(
    along.reduce<number[]>((product, counts) => product.flatMap((a) => counts.map((b) => a * b)), [1]),
  );
}

const spatialAxes = (c: RuleContext) =>
  c
    .shapeOf(0)
    .map((_, axis) => axis)
    .slice(2);

const globalAverage: Rule = (c) => {
  const count = spatial(c, c.shapeOf(0)).reduce((a, dim) => a * dim, 1);
  const share = scale(c.builder, c.g(), 1 / count);
  return [c.op('Expand', [share, c.op('Shape', [c.x()])])];
};

/** Ties share the gradient equally, as torch.amax does. */
const globalMax: Rule = (c) => {
  const winners = c.op('Cast', [c.op('Equal', [c.x(), c.y()])], { to: 1 });
  const ties = c.op('ReduceSum', [winners, c.builder.ints(spatialAxes(c))], { keepdims: 1 });
  return [c.op('Mul', [winners, c.op('Div', [c.g(), ties])])];
};

export const poolRules: RuleTable = {
  MaxPool: exact(maxPool),
  AveragePool: exact(averagePool),
  GlobalAveragePool: exact(globalAverage),
  GlobalMaxPool: exact(globalMax),
};
