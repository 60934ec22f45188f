import type { SegmentKind } from '../attack/types';
import { floatValueInfo, type GraphBuilder } from '../onnx/builder';
import { TensorProto_DataType } from '../onnx/generated/onnx_pb';
import { appendControl, inside, valueInfo } from './subgraph';

/** Names of what a step reads: tensors of one example are [N, ...example], numbers [N, 1, ...]. */
export interface StepInputs {
  readonly x: string;
  readonly gradient: string;
  readonly centre: string;
  /** linf: bounds of a coordinate; l2: how far it may move from the centre. */
  readonly low: string;
  readonly high: string;
  /** Length of a step. */
  readonly step: string;
  /** l2: the ball's radius, a scalar. */
  readonly radius: string;
}

/** The direction of steepest ascent, and a number for each example that is 0 exactly where the gradient is. */
export interface Direction {
  readonly direction: string;
  readonly size: string;
}

/** Emits the geometry of one norm on examples of `rank` dimensions. */
export interface StepEmitter {
  direction(gradient: string): Direction;
  /** The point of the set closest to `target`. */
  project(target: string): string;
}

/** As `geometry.ts` and `projection.ts` have it, in float32 and in the graph. */
export function stepEmitter(
  norm: SegmentKind['norm'],
  scope: readonly GraphBuilder[],
  inputs: StepInputs,
  rank: number,
): StepEmitter {
  const b = scope[scope.length - 1]!;
  const axes = b.ints(Array.from({ length: rank }, (_, i) => i + 1));
  const total = (reduction: string, tensor: string) => b.op(reduction, [tensor, axes], { keepdims: 1 });
  if (norm === 'linf') {
    return {
      direction(gradient) {
        const direction = b.op('Sign', [gradient]);
        return { direction, size: total('ReduceSumSquare', direction) };
      },
      // The bounds were rounded toward the centre in float64, so the result is inside exactly.
      project: (target) => b.op('Min', [b.op('Max', [target, inputs.low]), inputs.high]),
    };
  }
  return {
    direction(gradient) {
      // By the sum of magnitudes first: squares of gradients below 1e-19 would vanish.
      const size = total('ReduceL1', gradient);
      const scaled = b.op('Div', [gradient, b.op('Max', [size, b.scalar(smallestFloat)])]);
      const length = b.op('Sqrt', [total('ReduceSumSquare', scaled)]);
      return { direction: b.op('Div', [scaled, b.op('Max', [length, b.scalar(smallestFloat)])]), size };
    },
    project(target) {
      const d = b.op('Sub', [target, inputs.centre]);
      return b.op('Add', [inputs.centre, shrink(scope, inputs, d, rank)]);
    },
  };
}

const smallestFloat = 2 ** -149;

/** Rounds after which the scale of an l2 projection is taken as it is: inside the ball in any case. */
const mostRounds = 20;

/** The scale is settled when it grows by less than this share. */
const settled = 1e-4;

/**
 * The longest clip(s·d) within the radius, by the rounds of `projectL2`: for the coordinates that the last scale leaves free
 * the next one has a closed form, and it only grows, from one at which all are free. Every round's result is inside.
 */
function shrink(scope: readonly GraphBuilder[], inputs: StepInputs, d: string, rank: number): string {
  const b = scope[scope.length - 1]!;
  const axes = (on: GraphBuilder) => on.ints(Array.from({ length: rank }, (_, i) => i + 1));
  const squares = (on: GraphBuilder, tensor: string) => on.op('ReduceSumSquare', [tensor, axes(on)], { keepdims: 1 });
  const clip = (on: GraphBuilder, tensor: string) => on.op('Min', [on.op('Max', [tensor, inputs.low]), inputs.high]);

  const square = b.op('Mul', [inputs.radius, inputs.radius]);
  const whole = clip(b, d);
  const outside = b.op('Greater', [squares(b, whole), square]);
  const any = anyOf(b, outside);
  const result = b.fresh('within');

  const keep = inside([...scope, b], 'keep');
  const kept = keep.op('Identity', [whole]);
  keep.graph.output = [floatValueInfo(kept, anyShape(rank))];

  const cut = inside([...scope, b], 'cut');
  const length = cut.op('Sqrt', [squares(cut, d)]);
  const first = cut.op('Where', [outside, cut.op('Div', [inputs.radius, length]), cut.scalar(1)]);
  const round = inside([...scope, cut], 'round');
  const s = round.fresh('scale');
  const u = round.op('Mul', [d, s]);
  const clipped = clip(round, u);
  const free = squares(round, round.op('Where', [round.op('Equal', [clipped, u]), d, round.scalar(0)]));
  const fixed = round.op('Sub', [squares(round, clipped), round.op('Mul', [round.op('Mul', [s, s]), free])]);
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

/** Whether a condition holds for any example: a boolean scalar. */
export function anyOf(b: GraphBuilder, condition: string): string {
  const most = b.op('ReduceMax', [b.op('Cast', [condition], { to: TensorProto_DataType.FLOAT })], { keepdims: 0 });
  return b.op('Greater', [most, b.scalar(0.5)]);
}

function anyShape(rank: number): string[] {
  return ['N', ...Array.from({ length: rank }, (_, i) => `d${i}`)];
}
