import { TensorProto_DataType } from '../../../onnx/generated/onnx_pb';
import type { Dim } from '../../../onnx/observe';
import { keepWhere } from '../../emit';
import type { RuleContext } from '../../rule';

/** Quantised numbers by their positions among a node's inputs: real = scale · (integer − zero point). */
export interface Affine {
  /** Positions of scale and zero point; a scale may be absent (integer operators), a zero point left out. */
  readonly scale?: number;
  readonly zero?: number;
  /** Axis of the tensor that a vector of them runs along. */
  readonly axis?: number;
}

const ranges: Readonly<Record<string, readonly [number, number]>> = {
  int8: [-128, 127],
  uint8: [0, 255],
  int16: [-32768, 32767],
  uint16: [0, 65535],
  int4: [-8, 7],
  uint4: [0, 15],
};

/** Least and largest number of an integer type. */
export function rangeOf(c: RuleContext, type: string | undefined): readonly [number, number] {
  return ranges[type ?? ''] ?? c.unavailable(`it quantises to ${type ?? 'an unknown type'}`);
}

/** Whether the node has an input at this position. */
export function given(c: RuleContext, i: number | undefined): i is number {
  return i !== undefined && Boolean(c.node.input[i]);
}

/** A tensor of integers as float32. */
export function real(c: RuleContext, i: number): string {
  return c.op('Cast', [c.node.input[i]!], { to: TensorProto_DataType.FLOAT });
}

/** Input i (a scale or a zero point), as float32 and so shaped that it broadcasts along `axis` of a tensor of this rank. */
export function along(c: RuleContext, i: number, rank: number, axis: number): string {
  const value = c.typeOf(i) === 'float32' ? c.node.input[i]! : real(c, i);
  const shape = c.shapeOf(i);
  // One number for the whole tensor, or a shape that broadcasts as it is.
  if (shape.length !== 1 || shape[0] === 1) return value;
  const behind = axis < 0 ? -axis - 1 : rank - 1 - axis;
  if (behind === 0) return value;
  return c.op('Reshape', [value, c.builder.ints([shape[0] ?? -1, ...Array<number>(behind).fill(1)])]);
}

/** Shape in which {@link along} gives it. */
export function shapeAlong(c: RuleContext, i: number, rank: number, axis: number): readonly Dim[] {
  const shape = c.shapeOf(i);
  if (shape.length !== 1 || shape[0] === 1) return shape;
  const behind = axis < 0 ? -axis - 1 : rank - 1 - axis;
  return [...shape, ...Array<number>(behind).fill(1)];
}

/** Input `at`, dequantised. Written so that ONNX Runtime folds it where it is constant (it keeps DequantizeLinear). */
export function dequantised(c: RuleContext, at: number, affine: Affine): string {
  const rank = c.shapeOf(at).length;
  const axis = affine.axis ?? 1;
  const whole = ['float32', 'bool'].includes(c.typeOf(at) ?? '') ? c.node.input[at]! : real(c, at);
  const centred = given(c, affine.zero) ? c.op('Sub', [whole, along(c, affine.zero, rank, axis)]) : whole;
  return given(c, affine.scale) ? c.op('Mul', [centred, along(c, affine.scale, rank, axis)]) : centred;
}

/** The gradient g with respect to a quantised output, as that with respect to the number that it stands for. */
export function perReal(c: RuleContext, g: string, affine: Affine, rank: number): string {
  return given(c, affine.scale) ? c.op('Div', [g, along(c, affine.scale, rank, affine.axis ?? 1)]) : g;
}

/** The gradient g with respect to what a quantised input stands for, as that with respect to its integers. */
export function perInteger(c: RuleContext, g: string, affine: Affine, rank: number): string {
  return given(c, affine.scale) ? c.op('Mul', [g, along(c, affine.scale, rank, affine.axis ?? 1)]) : g;
}

/**
 * The gradient g with respect to a quantised output, where a rectifier was fused into the operator: the zero point is the
 * least integer then. No gradient flows at either end of the range, which is where the value was clipped, for all that can
 * be told from the integers. (PyTorch's fake quantisation lets it flow within half a step of the ends.) Without a
 * rectifier the ends are the calibrated extremes, and the gradient passes: a background of black pixels must not lose it.
 */
export function throughRectifier(c: RuleContext, g: string, zero: number | undefined): string {
  const [least, largest] = rangeOf(c, c.typeOfOutput(0));
  const point = given(c, zero) ? c.constant(zero)?.data[0] : 0;
  if (point === undefined || Number(point) !== least) return g;
  const b = c.builder;
  const y = c.y(0);
  const inside = c.op('And', [c.op('Greater', [y, b.scalar(least)]), c.op('Less', [y, b.scalar(largest)])]);
  return keepWhere(b, inside, g);
}
