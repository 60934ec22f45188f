import { intAttribute, intsAttribute, stringAttribute } from '../../onnx/attribute';
import { TensorProto_DataType } from '../../onnx/generated/onnx_pb';
import { gradientLike, positionsLike, reduceSum, scatterFlat, zeroGradient } from '../emit';
import { elementwise, exact, type Rule, type RuleContext, type RuleTable } from '../rule';

/** Elements keep their order: the gradient takes the input's shape. */
const sameOrder: Rule = (c) => [gradientLike(c, c.g(), 0)];

/**
 * For any operator that only moves, repeats or drops elements of its first input: sends every element's position through
 * it, and adds the gradient up at the positions that came out.
 */
const byPosition: Rule = (c) => {
  const positions = positionsLike(c.builder, c.x());
  const moved = c.builder.ops(c.node.opType, [positions, ...c.node.input.slice(1)], 1);
  // The attributes go over as they are; the builder writes only those it knows how to.
  c.builder.graph.node.at(-1)!.attribute = c.node.attribute;
  return [scatterFlat(c, 0, moved[0]!, c.g())];
};

/** The same for operators that ONNX Runtime has for float types only; a double holds every position exactly. */
const byDoublePosition: Rule = (c) => {
  const positions = c.op('Cast', [positionsLike(c.builder, c.x())], { to: TensorProto_DataType.DOUBLE });
  const [moved] = c.builder.ops(c.node.opType, [positions], 1);
  c.builder.graph.node.at(-1)!.attribute = c.node.attribute;
  return [scatterFlat(c, 0, c.op('Cast', [moved!], { to: TensorProto_DataType.INT64 }), c.g())];
};

const transpose: Rule = (c) => {
  const rank = c.shapeOf(0).length;
  const perm = intsAttribute(c.node, 'perm') ?? Array.from({ length: rank }, (_, i) => rank - 1 - i);
  const inverse = perm.map((_, axis) => perm.indexOf(axis));
  return [c.op('Transpose', [c.g()], { perm: inverse })];
};

const sizeAlong = (c: RuleContext, shape: readonly (number | null)[], axis: number) =>
  shape.at(axis) ?? c.unavailable('the sizes along its axis move with the batch');

const concat: Rule = (c) => {
  const axis = intAttribute(c.node, 'axis', 0);
  let start = 0;
  return c.node.input.map((_, i) => {
    const from = start;
    start += sizeAlong(c, c.shapeOf(i), axis);
    if (!c.needs(i)) return undefined;
    return c.op('Slice', [c.g(), c.builder.ints([from]), c.builder.ints([start]), c.builder.ints([axis])]);
  });
};

const split: Rule = (c) => {
  const parts = c.node.output.map((name, i) => (c.arrives(i) ? c.g(i) : zeroGradient(c, name)));
  return [c.op('Concat', parts, { axis: intAttribute(c.node, 'axis', 0) })];
};

/** A slice without steps is undone by padding with zeros; with steps, by positions. */
const slice: Rule = (c) => {
  const [starts, ends] = [c.integers(1), c.integers(2)];
  const axes = c.node.input[3] ? c.integers(3) : starts?.map((_, i) => i);
  const steps = c.node.input[4] ? c.integers(4) : starts?.map(() => 1);
  if (!starts || !ends || !axes || steps?.some((step) => step !== 1)) return byPosition(c);
  const shape = c.shapeOf(0);
  const rank = shape.length;
  const before = Array<number>(rank).fill(0);
  const after = Array<number>(rank).fill(0);
  for (const [i, given] of axes.entries()) {
    const axis = given < 0 ? given + rank : given;
    const size = shape[axis];
    const whole = starts[i] === 0 && ends[i]! >= 2 ** 31 - 1;
    if (whole) continue;
    if (size === null || size === undefined) return byPosition(c);
    const clamp = (at: number) => Math.min(size, Math.max(0, at < 0 ? at + size : at));
    before[axis] = clamp(starts[i]!);
    after[axis] = size - Math.max(clamp(starts[i]!), clamp(ends[i]!));
  }
  return [c.op('Pad', [c.g(), c.builder.ints([...before, ...after])])];
};

/** The gradient without what was padded on; what reflection or edges repeated goes back to where it came from. */
const pad: Rule = (c) => {
  if (stringAttribute(c.node, 'mode', 'constant') !== 'constant') return byPosition(c);
  const pads = c.integers(1) ?? c.unavailable('its pads are not constant');
  const rank = c.shapeOf(0).length;
  const axes = c.node.input[3] ? (c.integers(3) ?? c.unavailable('its axes are not constant')) : undefined;
  const along = (i: number) => (axes ? axes[i]! : i);
  const count = pads.length / 2;
  const undo = Array<number>(2 * rank).fill(0);
  for (let i = 0; i < count; i++) {
    const axis = along(i) < 0 ? along(i) + rank : along(i);
    undo[axis] = -pads[i]!;
    undo[rank + axis] = -pads[count + i]!;
  }
  // Negative pads cut, and cut-off input (a negative pad forward) comes back as zeros.
  return [c.op('Pad', [c.g(), c.builder.ints(undo)])];
};

/** Repetitions are summed: [r₀·d₀, r₁·d₁, …] seen as [r₀, d₀, r₁, d₁, …]. */
const tile: Rule = (c) => {
  const repeats = c.integers(1) ?? c.unavailable('its repeats are not constant');
  const interleaved = c.shapeOf(0).flatMap((dim, i) => [repeats[i]!, dim ?? -1]);
  if (interleaved.filter((dim) => dim === -1).length > 1) c.unavailable('more than one size moves with the batch');
  const seen = c.op('Reshape', [c.g(), c.builder.ints(interleaved)]);
  return [
    reduceSum(
      c.builder,
      seen,
      repeats.map((_, i) => 2 * i),
      false,
    ),
  ];
};

/** Conversions between float types; those to integers stop the gradient before it gets here. */
const cast: Rule = (c) => [c.op('CastLike', [c.g(), c.x()])];

export const shapeRules: RuleTable = {
  Identity: exact((c) => [c.g()]),
  Reshape: exact(sameOrder),
  Flatten: exact(sameOrder),
  Squeeze: exact(sameOrder),
  Unsqueeze: exact(sameOrder),
  Transpose: exact(transpose),
  Concat: exact(concat),
  Split: exact(split),
  Slice: exact(slice),
  Gather: exact(byPosition),
  GatherElements: exact(byPosition),
  GatherND: exact(byPosition),
  DepthToSpace: exact(byDoublePosition),
  SpaceToDepth: exact(byDoublePosition),
  Expand: elementwise((c) => [c.g()]),
  Tile: exact(tile),
  Pad: exact(pad),
  Cast: exact(cast),
};
