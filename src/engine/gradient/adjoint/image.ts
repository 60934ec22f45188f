import { intsAttribute } from '../../onnx/attribute';
import { foldSeeds, gradientLike } from '../emit';
import { adjoint, type Rule, type RuleTable } from '../rule';
import { product } from './window';

/** Col2Im adds blocks up into a picture; its adjoint reads them out, which a convolution with one-hot kernels does. */
const col2im: Rule = (c) => {
  const b = c.builder;
  const image = c.integers(1) ?? c.unavailable('the size of its image is not constant');
  const block = c.integers(2) ?? c.unavailable('the size of its blocks is not constant');
  const taps = product(block);
  const oneHot = Float32Array.from({ length: taps * taps }, (_, at) => (at % (taps + 1) === 0 ? 1 : 0));
  const each = (value: number, count: number) => Array<number>(count).fill(value);
  const pictures = c.op('Reshape', [foldSeeds(c, c.g(), c.shapeOfOutput(0)), b.ints([-1, 1, ...image])]);
  const columns = c.op('Conv', [pictures, b.floats(oneHot, [taps, 1, ...block])], {
    kernel_shape: block,
    strides: intsAttribute(c.node, 'strides') ?? each(1, block.length),
    dilations: intsAttribute(c.node, 'dilations') ?? each(1, block.length),
    pads: intsAttribute(c.node, 'pads') ?? each(0, 2 * block.length),
  });
  return [gradientLike(c, columns, 0)];
};

/** What was cut off at the borders is zero, and what was added there is cut off; of an odd number, more at the end. */
const centerCropPad: Rule = (c) => {
  const lead = c.seeds === null ? [] : [0];
  const shape = c.shapeOf(0);
  const outputs = c.shapeOfOutput(0);
  const difference = shape.map((dim, axis) => {
    const after = outputs[axis];
    return dim === null || after === null || after === undefined ? 0 : dim - after;
  });
  const begin = difference.map((d) => (d < 0 ? -Math.floor(-d / 2) : Math.floor(d / 2)));
  const end = difference.map((d, axis) => d - begin[axis]!);
  return [c.op('Pad', [c.g(), c.builder.ints([...lead, ...begin, ...lead, ...end])])];
};

/**
 * A grid is linear in the affine matrix: the operator itself, on each matrix with a single one, gives the points that an
 * entry moves.
 */
const affineGrid: Rule = (c) => {
  const b = c.builder;
  const outputs = c.shapeOfOutput(0).slice(1);
  const points = outputs.map((dim) => dim ?? c.unavailable('the size of its grid moves with the batch'));
  const rank = points.at(-1)!;
  const entries = rank * (rank + 1);
  const basis = Float32Array.from({ length: entries * entries }, (_, at) => (at % (entries + 1) === 0 ? 1 : 0));
  const size = b.ints([entries, 1, ...points.slice(0, -1)]);
  const grids = b.op('AffineGrid', [b.floats(basis, [entries, rank, rank + 1]), size]);
  b.graph.node.at(-1)!.attribute = c.node.attribute;
  const moved = b.op('Transpose', [b.op('Reshape', [grids, b.ints([entries, -1])])], { perm: [1, 0] });
  const flat = c.op('Reshape', [c.g(), b.ints([-1, product(points)])]);
  return [gradientLike(c, c.op('MatMul', [flat, moved]), 0)];
};

export const imageRules: RuleTable = {
  Col2Im: adjoint(col2im, [0]),
  CenterCropPad: adjoint(centerCropPad, [0]),
  AffineGrid: adjoint(affineGrid, [0]),
};
