import { intAttribute, stringAttribute } from '../../onnx/attribute';
import { TensorProto_DataType } from '../../onnx/generated/onnx_pb';
import { gradientLike, reduceSum, zeroGradient } from '../emit';
import { adjoint, type Rule, type RuleContext, type RuleTable } from '../rule';
import { channelsOf, product, spatial } from './window';

/** Floats an example that the matrix of weights may take where it is written out: 64 MB. */
const mostWeights = 2 ** 24;

/** Along one axis: the element before each point and the one after it, what they weigh, and how fast that changes. */
interface Side {
  readonly index: string;
  readonly weight: string;
  /** 1 where the element lies in the picture. */
  readonly inside: string;
  readonly slope: 1 | -1;
}
interface Along {
  readonly sides: readonly [Side, Side];
  /** d position / d coordinate: a number, or a tensor where the coordinate is clipped. */
  readonly rate: () => string;
}

/** One of the four elements around each point. */
interface Corner {
  readonly x: Side;
  readonly y: Side;
  /** int64 [n, 1, points], counted over the picture. */
  readonly at: string;
  /** [n, 1, points] */
  readonly inside: string;
}

/** Sampling is linear in the picture; between elements it has a derivative in the grid too. */
const gridSample: Rule = (c) => {
  const mode = stringAttribute(c.node, 'mode', 'linear');
  const padding = stringAttribute(c.node, 'padding_mode', 'zeros');
  const input = spatial(c, c.shapeOf(0));
  if (input.length !== 2 || !mode.endsWith('linear') || mode.endsWith('trilinear') || padding === 'reflection') {
    if (c.needs(1))
      c.unavailable(`the derivative in its grid is known for linear sampling of pictures without reflection`);
    return [byWeights(c, input)];
  }
  const [height, width] = input as [number, number];
  const clipped = padding === 'border';
  const [x, y] = [along(c, 0, width, clipped), along(c, 1, height, clipped)];
  const corners = x.sides.flatMap((sideX) => y.sides.map((sideY) => cornerOf(c, sideX, sideY, width)));
  return [
    c.needs(0) ? pictureGradient(c, corners, input) : undefined,
    c.needs(1) ? gridGradient(c, corners, x, y, input) : undefined,
  ];
};

/** The operator itself on pictures with a single one gives each point's weights, whatever the mode. */
function byWeights(c: RuleContext, input: readonly number[]): string {
  const b = c.builder;
  const elements = product(input);
  const points = product(spatial(c, c.shapeOfOutput(0)));
  if (elements * points > mostWeights) c.unavailable(`its weights in this mode would be ${elements}×${points} numbers`);
  const identity = Float32Array.from({ length: elements * elements }, (_, at) => (at % (elements + 1) === 0 ? 1 : 0));
  const batch = b.op('Slice', [b.op('Shape', [c.x(1)]), b.ints([0]), b.ints([1]), b.ints([0])]);
  const shape = b.op('Concat', [batch, b.ints([elements, ...input])], { axis: 0 });
  const pictures = b.op('Expand', [b.floats(identity, [1, elements, ...input]), shape]);
  const sampled = b.op('GridSample', [pictures, c.x(1)]);
  b.graph.node.at(-1)!.attribute = c.node.attribute;
  const weights = b.op('Transpose', [b.op('Reshape', [sampled, b.ints([-1, elements, points])])], { perm: [0, 2, 1] });
  return gradientLike(c, c.op('MatMul', [pointwiseGradient(c), weights]), 0);
}

/** G as [...seeds, n, channels, points]. */
function pointwiseGradient(c: RuleContext): string {
  const seeds = c.seeds === null ? [] : [c.seeds];
  const points = product(spatial(c, c.shapeOfOutput(0)));
  return c.op('Reshape', [c.g(), c.builder.ints([...seeds, -1, channelsOf(c, c.shapeOf(0)), points])]);
}

function along(c: RuleContext, axis: number, size: number, clipped: boolean): Along {
  const b = c.builder;
  const points = product(spatial(c, c.shapeOfOutput(0)));
  // From [-1, 1] to elements: the corners are centres of elements, or the borders of the picture.
  const rate = intAttribute(c.node, 'align_corners', 0) === 1 ? (size - 1) / 2 : size / 2;
  const coordinate = c.op('Reshape', [
    c.op('Gather', [c.x(1), b.intScalar(axis)], { axis: -1 }),
    b.ints([-1, 1, points]),
  ]);
  const free = c.op('Add', [c.op('Mul', [coordinate, b.scalar(rate)]), b.scalar((size - 1) / 2)]);
  const clip = (tensor: string) => c.op('Clip', [tensor, b.scalar(0), b.scalar(size - 1)]);
  const toFloat = (condition: string) => c.op('Cast', [condition], { to: TensorProto_DataType.FLOAT });
  const position = clipped ? clip(free) : free;
  const before = c.op('Floor', [position]);
  const after = c.op('Add', [before, b.scalar(1)]);
  const part = c.op('Sub', [position, before]);
  const side = (element: string, weight: string, slope: 1 | -1): Side => {
    const index = clip(element);
    return { index, weight, slope, inside: toFloat(c.op('Equal', [index, element])) };
  };
  const moving = () => c.op('And', [c.op('Greater', [free, b.scalar(0)]), c.op('Less', [free, b.scalar(size - 1)])]);
  return {
    sides: [side(before, c.op('Sub', [b.scalar(1), part]), -1), side(after, part, 1)],
    // Where the coordinate is clipped the point does not move (as in PyTorch, on the border too).
    rate: () => (clipped ? c.op('Mul', [toFloat(moving()), b.scalar(rate)]) : b.scalar(rate)),
  };
}

function cornerOf(c: RuleContext, x: Side, y: Side, width: number): Corner {
  const at = c.op('Add', [c.op('Mul', [y.index, c.builder.scalar(width)]), x.index]);
  return {
    x,
    y,
    at: c.op('Cast', [at], { to: TensorProto_DataType.INT64 }),
    inside: c.op('Mul', [x.inside, y.inside]),
  };
}

/** Every point gives its gradient to the elements around it, by their weights. */
function pictureGradient(c: RuleContext, corners: readonly Corner[], input: readonly number[]): string {
  const b = c.builder;
  const g = pointwiseGradient(c);
  const shares = corners.map(({ x, y, inside }) =>
    c.op('Mul', [g, c.op('Mul', [c.op('Mul', [x.weight, y.weight]), inside])]),
  );
  const updates = c.op('Concat', shares, { axis: -1 });
  const at = c.op(
    'Concat',
    corners.map((corner) => corner.at),
    { axis: -1 },
  );
  const seeds = c.seeds === null ? [] : [c.seeds];
  const flat = b.ints([...seeds, -1, channelsOf(c, c.shapeOf(0)), product(input)]);
  const zeros = c.op('Reshape', [zeroGradient(c, c.x(0)), flat]);
  const everywhere = c.op('Expand', [at, c.op('Shape', [updates])]);
  return gradientLike(c, c.op('ScatterElements', [zeros, everywhere, updates], { axis: -1, reduction: 'add' }), 0);
}

/** Σ over channels of g times how fast the sample changes as its point moves. */
function gridGradient(
  c: RuleContext,
  corners: readonly Corner[],
  x: Along,
  y: Along,
  input: readonly number[],
): string {
  const b = c.builder;
  const g = pointwiseGradient(c);
  const channels = channelsOf(c, c.shapeOf(0));
  const picture = c.op('Reshape', [c.x(0), b.ints([-1, channels, product(input)])]);
  const values = corners.map(({ at, inside }) => {
    const found = c.op('GatherElements', [picture, c.op('Expand', [at, b.ints([1, channels, 1])])], { axis: -1 });
    return reduceSum(b, c.op('Mul', [g, c.op('Mul', [found, inside])]), [-2], true);
  });
  const sum = (slope: (corner: Corner) => 1 | -1, weight: (corner: Corner) => string, rate: string) => {
    const terms = corners.map((corner, i) => {
      const term = c.op('Mul', [values[i]!, weight(corner)]);
      return slope(corner) === 1 ? term : c.op('Neg', [term]);
    });
    const total = c.op('Mul', [c.op('Sum', terms), rate]);
    return c.op('Unsqueeze', [total, b.ints([-1])]);
  };
  const dx = sum(
    (corner) => corner.x.slope,
    (corner) => corner.y.weight,
    x.rate(),
  );
  const dy = sum(
    (corner) => corner.y.slope,
    (corner) => corner.x.weight,
    y.rate(),
  );
  return gradientLike(c, c.op('Concat', [dx, dy], { axis: -1 }), 1);
}

export const gridSampleRules: RuleTable = { GridSample: adjoint(gridSample, [0]) };
