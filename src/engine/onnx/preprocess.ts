import type { DataKind } from '../data/types';
import { RobustnessError } from '../error';
import type { ModelLayout, Preprocess } from '../spec/schema';
import { floatValueInfo, type GraphBuilder } from './builder';
import { TensorProto_DataType } from './generated/onnx_pb';
import type { Border } from './inspect';
import { elementCount } from './tensor';

/** Name of the data-space input that {@link prependPreprocess} declares. */
export const dataInput = 'ri_x';

/** How one example in data space becomes what the model takes. */
export interface InputPlan {
  /** One example in data space. */
  readonly from: readonly number[];
  /** One example as the model takes it. */
  readonly to: readonly number[];
  readonly channels: number;
  readonly layout: ModelLayout;
  readonly mean: readonly number[];
  readonly std: readonly number[];
  readonly reverseChannels: boolean;
  /** By feature: multiplied before everything else. */
  readonly scale?: readonly number[];
}

/**
 * Fits pre-processing to the shapes on both sides.
 *
 * @param from shape of one example in data space; [C, H, W] for images, [C, T] for series.
 * @throws `model/input-mismatch`, `spec/preprocess`
 */
export function planInput(preprocess: Preprocess, from: readonly number[], kind: DataKind, input: Border): InputPlan {
  const byChannel = kind === 'image' || kind === 'series';
  const channels = byChannel ? (from[0] ?? 1) : elementCount(from);
  const layout = layoutFor(preprocess.layout, kind);
  const transposed = turned(layout, from);
  const declared = input.shape.slice(1);
  const to = fit(transposed, declared);
  if (!to) {
    throw new RobustnessError(
      'model/input-mismatch',
      `The model takes [${declared.join(', ')}] an example, the data give [${transposed.join(', ')}].`,
      kind === 'image'
        ? 'Set `preprocess.resize` and `preprocess.layout` in the spec so that the sizes agree.'
        : kind === 'series'
          ? 'Set `layout` of the data source (ct or tc), `preprocess.layout` (nct or ntc) or `frames` in the spec so that the sizes agree.'
          : 'Check that the data belong to this model and that the label column is not among the inputs.',
    );
  }
  for (const [name, values] of [
    ['mean', preprocess.mean],
    ['std', preprocess.std],
  ] as const) {
    if (values.length !== 1 && values.length !== channels) {
      throw new RobustnessError(
        'spec/preprocess',
        `\`preprocess.${name}\` has ${values.length} values for ${channels} channels.`,
        `Give one value, or one for each of the ${channels} channels.`,
      );
    }
  }
  return {
    from,
    to,
    channels,
    layout,
    mean: preprocess.mean,
    std: preprocess.std,
    reverseChannels: kind === 'image' && preprocess.channels === 'bgr' && channels === 3,
    ...(preprocess.scale ? { scale: preprocess.scale } : {}),
  };
}

/** Only what belongs to the kind of data turns anything. */
function layoutFor(layout: ModelLayout, kind: DataKind): ModelLayout {
  const own = kind === 'image' ? ['nchw', 'nhwc', 'flat'] : kind === 'series' ? ['nct', 'ntc', 'flat'] : ['flat'];
  return own.includes(layout) ? layout : 'flat';
}

/** The shape of an example once it is turned to the model's layout: channels last, where it has them there. */
function turned(layout: ModelLayout, from: readonly number[]): number[] {
  return layout === 'nhwc' || layout === 'ntc' ? [...from.slice(1), from[0]!] : [...from];
}

/** The model's example shape if the data fill it; symbolic sizes take the data's. */
function fit(data: readonly number[], declared: readonly (number | string)[]): number[] | undefined {
  const sameRank = declared.length === data.length;
  const to = declared.map((dim, i) => (typeof dim === 'number' ? dim : sameRank ? data[i]! : undefined));
  if (to.some((dim) => dim === undefined)) return declared.length === 0 ? [...data] : undefined;
  return elementCount(to as number[]) === elementCount(data) ? (to as number[]) : undefined;
}

/**
 * Puts pre-processing in front of a graph: declares the input {@link dataInput} [N, ...from] and returns the name of the
 * tensor that takes the place of the model's own input.
 */
export function prependPreprocess(builder: GraphBuilder, plan: InputPlan, input: Border, batch: number | 'N'): string {
  builder.graph.input = [floatValueInfo(dataInput, [batch, ...plan.from])];
  // One value a channel broadcasts over the plane; a vector has one value a feature.
  const wide =
    plan.channels === elementCount(plan.from) ? plan.from : [plan.channels, ...plan.from.slice(1).map(() => 1)];
  const perChannel = (values: readonly number[]) => builder.floats(values, values.length === 1 ? [] : wide);
  let x = dataInput;
  if (plan.scale) x = builder.op('Mul', [x, builder.floats(plan.scale, plan.from)]);
  if (plan.reverseChannels) x = builder.op('Gather', [x, builder.ints([2, 1, 0])], { axis: 1 });
  if (plan.mean.some((mean) => mean !== 0)) x = builder.op('Sub', [x, perChannel(plan.mean)]);
  if (plan.std.some((std) => std !== 1)) x = builder.op('Div', [x, perChannel(plan.std)]);
  if (plan.layout === 'nhwc') x = builder.op('Transpose', [x], { perm: [0, 2, 3, 1] });
  if (plan.layout === 'ntc') x = builder.op('Transpose', [x], { perm: [0, 2, 1] });
  const given = turned(plan.layout, plan.from);
  if (String(given) !== String(plan.to)) x = builder.op('Reshape', [x, builder.ints([-1, ...plan.to])]);
  if (input.type === 'double') x = builder.op('Cast', [x], { to: TensorProto_DataType.DOUBLE });
  if (input.type === 'float16') x = builder.op('Cast', [x], { to: TensorProto_DataType.FLOAT16 });
  return x;
}

/**
 * The same pre-processing in TypeScript, written apart from the graph on purpose: the verifier feeds the original model
 * through this one, so that a fault in either shows.
 *
 * @param x [n, ...from], data space.
 * @returns [n, ...to]
 */
export function applyPreprocess(plan: InputPlan, x: Float32Array): Float32Array {
  const size = elementCount(plan.from);
  const plane = size / plan.channels;
  const result = new Float32Array(x.length);
  for (let base = 0; base < x.length; base += size) {
    for (let c = 0; c < plan.channels; c++) {
      const mean = Math.fround(plan.mean[plan.mean.length === 1 ? 0 : c]!);
      const std = Math.fround(plan.std[plan.std.length === 1 ? 0 : c]!);
      const source = base + (plan.reverseChannels ? 2 - c : c) * plane;
      const scale = Math.fround(plan.scale?.[c] ?? 1);
      for (let i = 0; i < plane; i++) {
        const last = plan.layout === 'nhwc' || plan.layout === 'ntc';
        const target = last ? base + i * plan.channels + c : base + c * plane + i;
        result[target] = Math.fround(Math.fround(x[source + i]! * scale) - mean) / std;
      }
    }
  }
  return result;
}
