import type { SegmentKind } from '../attack/types';
import { registerWidth } from '../loss/loss';
import { floatValueInfo, type GraphBuilder } from '../onnx/builder';
import { TensorProto_DataType } from '../onnx/generated/onnx_pb';
import { elementCount } from '../onnx/tensor';
import { Random } from '../random';
import { appendControl, inside, valueInfo } from './subgraph';

/** Names of what a step reads: tensors of one example are [N, ...example], numbers [N, 1, ...]. */
export interface StepInputs {
  readonly centre: string;
  /** linf: bounds of a coordinate; l2: how far it may move from the centre. */
  readonly low: string;
  readonly high: string;
  /** Length of a step: a number of each example, or one scalar. */
  readonly step: string;
  /** The scalar's negative; null for numbers. */
  readonly back: string | null;
  /** l2: the ball's radius, a scalar. */
  readonly radius: string;
}

export interface Step {
  /** [N]: a sum over the gradient, 0 exactly where all of it is. */
  readonly size: string;
  /** [N, ...example]: where a step along the steepest ascent leads, not yet projected; `x` itself where the gradient is zero. */
  readonly target: string;
}

/** Emits the geometry of one norm, as `geometry.ts` and `projection.ts` have it, in float32. */
export interface StepEmitter {
  step(x: string, gradient: string): Step;
  /** The point of the set closest to `target`. */
  project(target: string): string;
}

/**
 * Which operators do it is chosen by measurement: ONNX Runtime's Sign, ReduceL1 and ReduceSumSquare take 7 times as long as an
 * addition (not vectorized, 1.30) and Where 4 times, so a sign is a clipped multiple and a sum of squares is a product and a
 * sum.
 *
 * @param scope the graph to append to, last, after those around it.
 * @param example shape of one.
 */
export function stepEmitter(
  norm: SegmentKind['norm'],
  scope: readonly GraphBuilder[],
  inputs: StepInputs,
  example: readonly number[],
): StepEmitter {
  const b = scope[scope.length - 1]!;
  if (norm === 'linf') {
    // The bounds were rounded toward the centre in float64, so the result is inside exactly.
    const project = (target: string) => b.op('Min', [b.op('Max', [target, inputs.low]), inputs.high]);
    return {
      project,
      step(x, gradient) {
        const steep = b.op('Mul', [gradient, b.scalar(hugeFloat)]);
        const along =
          inputs.back === null
            ? b.op('Mul', [b.op('Clip', [steep, b.scalar(-1), b.scalar(1)]), inputs.step])
            : b.op('Clip', [steep, inputs.back, inputs.step]);
        return { size: sizeOf(b, gradient, elementCount(example)), target: b.op('Add', [x, along]) };
      },
    };
  }
  const project = (target: string) => {
    const d = b.op('Sub', [target, inputs.centre]);
    return b.op('Add', [inputs.centre, shrink(scope, inputs, d, example)]);
  };
  return {
    project,
    step(x, gradient) {
      const magnitudes = total(b, b.op('Abs', [gradient]), example);
      const size = b.op('Reshape', [magnitudes, b.ints([-1])]);
      // Scaled first: squares of gradients below 1e-19 would vanish.
      const scaled = b.op('Div', [gradient, b.op('Max', [magnitudes, b.scalar(smallestFloat)])]);
      const length = b.op('Max', [b.op('Sqrt', [squares(b, scaled, example)]), b.scalar(smallestFloat)]);
      const along = b.op('Mul', [scaled, b.op('Div', [inputs.step, length])]);
      return { size, target: b.op('Add', [x, along]) };
    },
  };
}

/**
 * Sums of a gradient's numbers, each times a constant that looks drawn from [1, 2), [N]: such a sum is 0 where the gradient
 * is, and does not cancel out exactly elsewhere, as a plain one does on x - y. One pass in place of two (magnitudes, sum).
 * With the weights as the left factor it takes a third of the time that it takes with them as the right one.
 */
function sizeOf(b: GraphBuilder, gradient: string, width: number): string {
  const random = Random.of(0, 'size of a gradient');
  const weights = Float32Array.from({ length: width }, () => random.between(1, 2));
  const flat = b.op('Reshape', [gradient, b.ints([-1, width])]);
  const sums = b.op('Gemm', [b.floats(weights, [1, width]), flat], { transB: 1 });
  return b.op('Reshape', [sums, b.ints([-1])]);
}

/** Gradients above 6e-39 have a full sign; the few floats below that are denormal. */
const hugeFloat = 2 ** 127;
const smallestFloat = 2 ** -149;

/** Rounds after which the scale of an l2 projection is taken as it is: inside the ball in any case. */
const mostRounds = 20;

/** The scale is settled when it grows by less than this share. */
const settled = 1e-4;

/**
 * The longest clip(s·d) within the radius, by the rounds of `projectL2`: for the coordinates that the last scale leaves free
 * the next one has a closed form, and it only grows, from one at which all are free. Every round's result is inside.
 */
function shrink(scope: readonly GraphBuilder[], inputs: StepInputs, d: string, example: readonly number[]): string {
  const rank = example.length;
  const b = scope[scope.length - 1]!;
  const clip = (on: GraphBuilder, tensor: string) => on.op('Min', [on.op('Max', [tensor, inputs.low]), inputs.high]);

  const square = b.op('Mul', [inputs.radius, inputs.radius]);
  const whole = clip(b, d);
  const outside = b.op('Greater', [squares(b, whole, example), square]);
  const any = anyOf(b, outside);
  const result = b.fresh('within');

  const keep = inside([...scope, b], 'keep');
  const kept = keep.op('Identity', [whole]);
  keep.graph.output = [floatValueInfo(kept, anyShape(rank))];

  const cut = inside([...scope, b], 'cut');
  const length = cut.op('Sqrt', [squares(cut, d, example)]);
  const first = cut.op('Where', [outside, cut.op('Div', [inputs.radius, length]), cut.scalar(1)]);
  const round = inside([...scope, cut], 'round');
  const s = round.fresh('scale');
  const u = round.op('Mul', [d, s]);
  const clipped = clip(round, u);
  const free = squares(round, round.op('Where', [round.op('Equal', [clipped, u]), d, round.scalar(0)]), example);
  const fixed = round.op('Sub', [squares(round, clipped, example), round.op('Mul', [round.op('Mul', [s, s]), free])]);
  const rest = round.op('Sub', [square, round.op('Max', [fixed, round.scalar(0)])]);
  const ratio = round.op('Div', [
    round.op('Max', [rest, round.scalar(0)]),
    round.op('Max', [free, round.scalar(smallestFloat)]),
  ]);
  const next = round.op('Min', [round.op('Sqrt', [ratio]), round.scalar(1)]);
  const grows = round.op('And', [
    outside,
    round.op('Greater', [next, round.op('Mul', [s, round.scalar(1 + settled)])]),
  ]);
  const grown = round.op('Where', [grows, next, s]);
  const more = anyOf(round, grows);
  const [counter, going] = [round.fresh('round'), round.fresh('going')];
  round.graph.input = [
    valueInfo(counter, TensorProto_DataType.INT64),
    valueInfo(going, TensorProto_DataType.BOOL),
    floatValueInfo(s, anyShape(rank)),
  ];
  round.graph.output = [valueInfo(more, TensorProto_DataType.BOOL), floatValueInfo(grown, anyShape(rank))];
  const scale = cut.fresh('scale');
  appendControl(cut, 'Loop', [cut.intScalar(mostRounds), '', first], [scale], { body: round.graph });
  const shrunk = clip(cut, cut.op('Mul', [d, scale]));
  cut.graph.output = [floatValueInfo(shrunk, anyShape(rank))];

  appendControl(b, 'If', [any], [result], { then_branch: cut.graph, else_branch: keep.graph });
  return result;
}

/**
 * Sum over each example: [N, 1, ...]. Of examples that do not fill vector registers by a product with ones, which is a fifth
 * slower: ONNX Runtime's ReduceSum adds those up in an order that depends on where in memory they begin.
 */
function total(b: GraphBuilder, tensor: string, example: readonly number[]): string {
  const rank = example.length;
  const width = elementCount(example);
  if (width % registerWidth !== 0) {
    const flat = b.op('Reshape', [tensor, b.ints([-1, width])]);
    const sums = b.op('MatMul', [flat, b.floats(new Float32Array(width).fill(1), [width, 1])]);
    return b.op('Reshape', [sums, b.ints([-1, ...example.map(() => 1)])]);
  }
  const axes = b.ints(Array.from({ length: rank }, (_, i) => i + 1));
  return b.op('ReduceSum', [tensor, axes], { keepdims: 1 });
}

function squares(b: GraphBuilder, tensor: string, example: readonly number[]): string {
  return total(b, b.op('Mul', [tensor, tensor]), example);
}

/** Whether a condition holds for any example: a boolean scalar. */
export function anyOf(b: GraphBuilder, condition: string): string {
  const most = b.op('ReduceMax', [b.op('Cast', [condition], { to: TensorProto_DataType.FLOAT })], { keepdims: 0 });
  return b.op('Greater', [most, b.scalar(0.5)]);
}

function anyShape(rank: number): string[] {
  return ['N', ...Array.from({ length: rank }, (_, i) => `d${i}`)];
}
