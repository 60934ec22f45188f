import { create } from '@bufbuild/protobuf';
import { barFields, carriedFields, type FieldWidth, fixedFields, keptFields } from '../attack/segmentFields';
import type { SegmentKind } from '../attack/types';
import type { DataGraph } from '../dataGraph';
import { floatValueInfo, GraphBuilder } from '../onnx/builder';
import {
  type GraphProto,
  GraphProtoSchema,
  TensorProto_DataType,
  type ValueInfoProto,
} from '../onnx/generated/onnx_pb';
import { dataInput } from '../onnx/preprocess';
import { modelBytes } from '../onnx/write';
import { appendLossGradients, extensible } from './gradientModel';
import { sameSigns } from './sameSigns';
import { anyOf, stepEmitter } from './step';
import { appendControl, inside, sequenceInfo, valueInfo } from './subgraph';

/**
 * For each iteration and example: the loss, the same but infinite where the example is broken, and a number that is 0 exactly
 * where the gradient is.
 */
export const traces = ['loss', 'score', 'size'] as const;

export const feedName = (field: string) => `ri_in_${field}`;
export const resultName = (field: string) => `ri_out_${field}`;
export const traceName = (trace: string) => `ri_trace_${trace}`;
/** Rows of a kept field, in the order in which their records ended. */
export const endedName = (field: string) => `ri_ended_${field}`;
export const countInput = 'ri_in_iterations';
export const radiusInput = 'ri_in_radius';

/**
 * A model that runs iterations of a gradient ascent in one Loop: evaluates the points, keeps the books, and steps. The
 * weights are initializers of the Loop's body: ONNX Runtime optimizes those of an outer graph less well (1.2 times slower on a
 * residual network).
 *
 * Books without copies: a point is a record when its score exceeds `bar`, the highest so far. While every point is one, as
 * in most of an ascent, nothing is kept. Where an example's record was the point before, and this one is none, that row of the
 * point before is put aside: a few rows an iteration, where a choice between two tensors costs as much as four additions.
 * What passes through a Loop unchanged, as the point before does, is not copied.
 *
 * What `SegmentResult` calls ended are those rows, by iteration and then by position.
 */
export function segmentModel(data: DataGraph, kind: SegmentKind): Uint8Array {
  const example = pointShape(data.plan.from);
  const shapes = {
    example: ['N', ...example],
    classes: ['N', data.classes],
    number: ['N', ...example.map(() => 1)],
    row: ['N'],
    scalar: [],
  };
  const points = (name: string) => floatValueInfo(name, shapes.example);
  const carried = Object.entries(carriedFields(kind));
  const kept = Object.keys(keptFields(kind));
  const outer = new GraphBuilder(create(GraphProtoSchema, { name: 'segment' }));
  const { body, states } = segmentBody(data, kind);

  outer.reserve(body);
  const bars = barFields(kind);
  const fed: Record<string, FieldWidth> = { ...fixedFields(kind), x: 'example', previous: 'example' };
  for (const bar of bars) fed[bar] = 'row';
  outer.graph.input = [
    valueInfo(countInput, TensorProto_DataType.INT64),
    floatValueInfo(radiusInput, []),
    ...Object.entries(fed).map(([f, width]) => floatValueInfo(feedName(f), shapes[width])),
  ];
  // With a target, the class whose prediction ends it; else the one whose prediction does not.
  outer.named('ArgMax', [feedName(kind.targeted ? 'aim' : 'onehot')], labelTensor, { axis: 1, keepdims: 0 });
  if (kind.momentum) outer.named('Sub', [outer.scalar(1), feedName('weight')], restOfWeight);
  else outer.named('Neg', [feedName('step')], backwardStep);
  const nothing = outer.op('Less', [feedName('bar'), feedName('bar')]);
  const starts = [
    // What is not fed is read only where the first iteration wrote it: any points have its shape.
    ...carried.map(([f]) => feedName(f in fed ? f : 'x')),
    ...bars.map(feedName),
    nothing,
    ...kept.map(() => outer.op('SequenceEmpty', [], { dtype: TensorProto_DataType.FLOAT })),
  ];
  const sequences = kept.map((f) => `${endedName(f)}_rows`);
  const unread = [...bars, 'held'].map((f) => `ri_end_${f}`);
  const results = [...carried.map(([f]) => resultName(f)), ...unread, ...sequences, ...traces.map(traceName)];
  appendControl(outer, 'Loop', [countInput, '', ...starts], results, { body });
  kept.forEach((f, i) => {
    outer.named('ConcatFromSequence', [sequences[i]!], endedName(f), { axis: 1 });
  });
  outer.graph.output = [
    ...carried.map(([f]) => points(resultName(f))),
    ...kept.map((f) => floatValueInfo(endedName(f), [1, 'M', ...example])),
    ...traces.map((trace) => floatValueInfo(traceName(trace), ['K', 'N'])),
  ];
  body.input = [
    valueInfo('ri_iteration', TensorProto_DataType.INT64),
    valueInfo('ri_going', TensorProto_DataType.BOOL),
    ...states.map(({ input, declared }) => declared(input)),
  ];
  return modelBytes(data.model, outer.graph);
}

const labelTensor = 'ri_label';
const backwardStep = 'ri_backward_step';
const restOfWeight = 'ri_rest_of_weight';

/**
 * The shape in which a segment has the points: an example's without axes of 1 at its end. ONNX Runtime multiplies [100, 784, 1] by
 * a number one element at a time, which takes as long as the passes of a small model.
 */
export function pointShape(example: readonly number[]): readonly number[] {
  return example.slice(0, Math.max(1, example.findLastIndex((size) => size !== 1) + 1));
}

/** What the Loop carries: a name in the body, the name that holds it for the next iteration, and its declaration. */
interface State {
  readonly input: string;
  readonly output: string;
  readonly declared: (name: string) => ValueInfoProto;
}

function segmentBody(data: DataGraph, kind: SegmentKind): { body: GraphProto; states: State[] } {
  const example = pointShape(data.plan.from);
  const body = extensible(data.graph);
  const b = new GraphBuilder(body);
  const points = (name: string) => floatValueInfo(name, ['N', ...example]);
  const isShort = example.length < data.plan.from.length;
  const bodyName = (field: string) => (field === 'x' && !isShort ? dataInput : `ri_state_${field}`);
  const x = bodyName('x');
  const from = kind.norm === 'linf' ? sameSigns(data) : dataInput;
  const { loss, gradients } = appendLossGradients(b, data, kind.loss, feedName('onehot'), feedName('aim'), [from]);
  const own = gradients.get(from)!;
  const gradient = isShort ? b.op('Reshape', [own, b.ints([-1, ...example])]) : own;
  if (isShort) {
    b.named('Reshape', [x, b.ints([-1, ...data.plan.from])], dataInput);
    body.node.unshift(body.node.pop()!);
  }
  // Of equal scores the first class is the prediction, as everywhere.
  const predicted = b.op('ArgMax', [data.logits], { axis: 1, keepdims: 0 });
  const same = b.op('Equal', [predicted, labelTensor]);
  const stands = kind.targeted ? b.op('Not', [same]) : same;
  const score = b.op('Where', [stands, loss, b.scalar(Number.POSITIVE_INFINITY)]);
  const inputs = {
    centre: feedName('centre'),
    low: feedName('low'),
    high: feedName('high'),
    step: feedName('step'),
    back: kind.momentum ? null : backwardStep,
    radius: radiusInput,
  };
  const emitter = stepEmitter(kind.norm, [b], inputs, example);
  const { size, target } = emitter.step(x, gradient);
  const flat = b.op('Equal', [size, b.scalar(0)]);

  const previous = bodyName('previous');
  const outputs: Record<string, string> = {
    previous: x,
    earlier: previous,
    gradientBefore: gradient,
  };
  let next = target;
  let height = score;
  let going = 'ri_going';
  const tops: State[] = [];
  if (kind.momentum) {
    const inertia = b.op('Mul', [b.op('Sub', [x, previous]), restOfWeight]);
    const step = b.op('Mul', [b.op('Sub', [emitter.project(target), x]), feedName('weight')]);
    next = b.op('Add', [b.op('Add', [x, step]), inertia]);
    // Momentum goes back to its best point, which must not lie on a plateau. Where a point there is the strongest so far, but
    // not broken, the segment ends, and that point is the last.
    const top = bodyName('top');
    height = b.op('Where', [b.op('And', [flat, stands]), b.scalar(Number.NEGATIVE_INFINITY), score]);
    going = b.op('Not', [anyOf(b, b.op('And', [flat, b.op('Greater', [score, top])]))]);
    tops.push({ input: top, output: b.op('Max', [top, score]), declared: (name) => floatValueInfo(name, ['N']) });
  }
  // Off a plateau: half way back to the centre, as `ascentWalk.ts` does. Nearly always these are no rows at all; a scatter copies
  // all the points even then, so it stands in a branch of its own, and so does the projection, which writes what comes out.
  const stuck = b.op('NonZero', [flat]);
  const branch = (name: string, target: (on: GraphBuilder) => string) => {
    const on = inside([b], name);
    const result = stepEmitter(kind.norm, [b, on], inputs, example).project(target(on));
    on.graph.output = [points(result)];
    return on.graph;
  };
  const leaving = branch('leaving', (on) => {
    const rows = on.op('Transpose', [stuck], { perm: [1, 0] });
    const row = (of: string) => on.op('GatherND', [of, rows]);
    const halfway = on.op('Mul', [on.op('Add', [row(x), row(feedName('centre'))]), on.scalar(0.5)]);
    return on.op('ScatterND', [next, rows, halfway]);
  });
  const any = b.op('Cast', [b.op('Size', [stuck])], { to: TensorProto_DataType.BOOL });
  outputs.x = b.fresh('next');
  appendControl(b, 'If', [any], [outputs.x], { then_branch: leaving, else_branch: branch('going', () => next) });
  const [bar, held] = ['ri_state_bar', 'ri_state_held'];
  const record = b.op('Greater', [height, bar]);
  const over = b.op('And', [held, b.op('Not', [record])]);
  // [1, rows]
  const rows = b.op('NonZero', [over]);
  const states: State[] = [
    ...Object.keys(carriedFields(kind)).map((f) => ({ input: bodyName(f), output: outputs[f]!, declared: points })),
    { input: bar, output: b.op('Max', [bar, height]), declared: (name) => floatValueInfo(name, ['N']) },
    ...tops,
    { input: held, output: record, declared: (name) => valueInfo(name, TensorProto_DataType.BOOL, ['N']) },
    ...Object.entries(keptFields(kind)).map(([f, before]) => {
      const ended = b.op('Gather', [bodyName(before), rows], { axis: 0 });
      return { input: endedName(f), output: b.op('SequenceInsert', [endedName(f), ended]), declared: sequenceInfo };
    }),
  ];
  // ONNX Runtime computes in place where it knows that shapes are the same, which it does not see through all of a gradient.
  body.valueInfo = [...body.valueInfo, ...[gradient, target, next].map(points)];
  body.output = [
    valueInfo(going, TensorProto_DataType.BOOL),
    ...states.map(({ output, declared }) => declared(output)),
    ...[loss, score, size].map((trace) => floatValueInfo(trace, ['N'])),
  ];
  return { body, states };
}
