import { create } from '@bufbuild/protobuf';
import { carriedFields, fixedFields, momentumWeight } from '../attack/segmentFields';
import type { SegmentKind } from '../attack/types';
import type { DataGraph } from '../dataGraph';
import { floatValueInfo, GraphBuilder } from '../onnx/builder';
import { GraphProtoSchema, TensorProto_DataType } from '../onnx/generated/onnx_pb';
import { dataInput } from '../onnx/preprocess';
import { modelBytes } from '../onnx/write';
import { appendLossGradient, extensible } from './gradientModel';
import { anyOf, stepEmitter } from './step';
import { appendControl, inside, valueInfo } from './subgraph';

/**
 * For each iteration and example: the loss, the same but infinite where the example is broken, and a number that is 0 exactly
 * where the gradient is.
 */
export const traces = ['loss', 'score', 'size'] as const;

export const feedName = (field: string) => `ri_in_${field}`;
export const resultName = (field: string) => `ri_out_${field}`;
export const traceName = (trace: string) => `ri_trace_${trace}`;
export const countInput = 'ri_in_iterations';
export const radiusInput = 'ri_in_radius';

/**
 * A model that runs iterations of a gradient ascent in one Loop: evaluates the points, keeps the books, and steps. The
 * weights are initializers of the Loop's body: ONNX Runtime optimizes those of an outer graph less well (1.2 times slower on a
 * residual network).
 *
 * `bar` is the loss that a point must exceed to be the strongest so far; infinite once the example is broken.
 */
export function segmentModel(data: DataGraph, kind: SegmentKind): Uint8Array {
  const example = data.plan.from;
  const shapes = { example: ['N', ...example], classes: ['N', data.classes], number: ['N', ...example.map(() => 1)] };
  const traceShape = (trace: string) => (trace === 'loss' ? ['N'] : shapes.number);
  const carried = Object.entries(carriedFields(kind));
  const outer = new GraphBuilder(create(GraphProtoSchema, { name: 'segment' }));
  const { body, outputs } = segmentBody(data, kind);

  outer.reserve(body);
  outer.graph.input = [
    valueInfo(countInput, TensorProto_DataType.INT64),
    floatValueInfo(radiusInput, []),
    ...[...Object.entries(fixedFields), ...carried].map(([f, width]) => floatValueInfo(feedName(f), shapes[width])),
  ];
  outer.named('ArgMax', [feedName('onehot')], labelTensor, { axis: 1, keepdims: 0 });
  const results = [...carried.map(([f]) => resultName(f)), ...traces.map(traceName)];
  appendControl(outer, 'Loop', [countInput, '', ...carried.map(([f]) => feedName(f))], results, { body });
  outer.graph.output = [
    ...carried.map(([f, width]) => floatValueInfo(resultName(f), shapes[width])),
    ...traces.map((trace) => floatValueInfo(traceName(trace), ['K', ...traceShape(trace)])),
  ];
  body.input = [
    valueInfo('ri_iteration', TensorProto_DataType.INT64),
    valueInfo('ri_going', TensorProto_DataType.BOOL),
    ...carried.map(([f, width]) => floatValueInfo(bodyName(f), shapes[width])),
  ];
  body.output = [
    valueInfo(outputs.going!, TensorProto_DataType.BOOL),
    ...carried.map(([f, width]) => floatValueInfo(outputs[f]!, shapes[width])),
    ...traces.map((trace) => floatValueInfo(outputs[traceName(trace)]!, traceShape(trace))),
  ];
  return modelBytes(data.model, outer.graph);
}

const labelTensor = 'ri_label';
const bodyName = (field: string) => (field === 'x' ? dataInput : `ri_state_${field}`);

function segmentBody(data: DataGraph, kind: SegmentKind) {
  const rank = data.plan.from.length;
  const body = extensible(data.graph);
  const b = new GraphBuilder(body);
  const state = Object.fromEntries(Object.keys(carriedFields(kind)).map((f) => [f, bodyName(f)]));
  const x = state.x!;
  const head = appendLossGradient(b, data, kind.loss, feedName('onehot'));
  const number = b.ints([-1, ...data.plan.from.map(() => 1)]);
  // Of equal scores the first class is the prediction, as everywhere.
  const predicted = b.op('ArgMax', [data.logits], { axis: 1, keepdims: 0 });
  const right = b.op('Equal', [predicted, labelTensor]);
  const infinite = b.scalar(Number.POSITIVE_INFINITY);
  const score = b.op('Reshape', [b.op('Where', [right, head.loss, infinite]), number]);
  const stronger = b.op('Greater', [score, state.bar!]);
  const outputs: Record<string, string> = { bar: b.op('Where', [stronger, score, state.bar!]) };

  const centre = feedName('centre');
  const limits = { centre, low: feedName('low'), high: feedName('high'), step: feedName('step'), radius: radiusInput };
  const emitter = stepEmitter(kind.norm, [b], limits, rank);
  const size = emitter.size(head.gradient);
  const proposal = emitter.project(b.op('Add', [x, emitter.ascent(head.gradient, size)]));
  const isFlat = (on: GraphBuilder) => on.op('Equal', [size, on.scalar(0)]);
  const anyFlat = b.op('Equal', [b.op('ReduceMin', [size], { keepdims: 0 }), b.scalar(0)]);
  /** `then` for some examples where the condition holds for any at all; nearly always it holds for none. */
  const rarely = (
    any: string,
    rows: (on: GraphBuilder) => string,
    then: (on: GraphBuilder) => string,
    otherwise: string,
  ): string => {
    const rare = inside([b], 'rare');
    const usual = inside([b], 'usual');
    const chosen = rare.op('Where', [rows(rare), then(rare), otherwise]);
    const same = usual.op('Identity', [otherwise]);
    rare.graph.output = [floatValueInfo(chosen, ['N', ...data.plan.from])];
    usual.graph.output = [floatValueInfo(same, ['N', ...data.plan.from])];
    const result = b.fresh('chosen');
    appendControl(b, 'If', [any], [result], { then_branch: rare.graph, else_branch: usual.graph });
    return result;
  };
  // Off a plateau: half way back to the centre, as `ascentWalk.ts` does.
  const halfway = (on: GraphBuilder) =>
    on.op('Add', [centre, on.op('Mul', [on.op('Sub', [x, centre]), on.scalar(0.5)])]);

  if (kind.momentum) {
    const loss = b.op('Reshape', [head.loss, number]);
    const flat = isFlat(b);
    const moving = b.op('Where', [flat, b.scalar(Number.NEGATIVE_INFINITY), loss]);
    const better = b.op('Greater', [moving, state.bestLoss!]);
    outputs.bestLoss = b.op('Where', [better, moving, state.bestLoss!]);
    outputs.best = b.op('Where', [better, x, state.best!]);
    outputs.bestGradient = b.op('Where', [better, head.gradient, state.bestGradient!]);
    const inertia = b.op('Mul', [b.op('Sub', [x, state.previous!]), b.op('Sub', [b.scalar(1), state.weight!])]);
    const step = b.op('Mul', [b.op('Sub', [proposal, x]), state.weight!]);
    const next = emitter.project(b.op('Add', [x, b.op('Add', [step, inertia])]));
    outputs.x = rarely(anyFlat, () => flat, halfway, next);
    outputs.previous = rarely(
      anyFlat,
      () => flat,
      () => state.previous!,
      x,
    );
    outputs.weight = b.op('Where', [flat, state.weight!, b.scalar(momentumWeight)]);
    // The best point is the strongest one but where it was broken, or lies on a plateau.
    const odd = b.op('And', [stronger, b.op('Or', [b.op('Equal', [score, infinite]), flat])]);
    outputs.strongest = rarely(
      anyOf(b, odd),
      () => odd,
      () => x,
      state.strongest!,
    );
  } else {
    outputs.strongest = b.op('Where', [stronger, x, state.strongest!]);
    outputs.x = rarely(anyFlat, isFlat, halfway, proposal);
  }
  outputs.going = b.op('Identity', ['ri_going']);
  outputs[traceName('loss')] = head.loss;
  outputs[traceName('score')] = score;
  outputs[traceName('size')] = size;
  return { body, outputs };
}
