import { hasAttribute, intAttribute } from '../../onnx/attribute';
import type { Dim } from '../../onnx/observe';
import { scale } from '../emit';
import { fixedIntegers } from '../fixedIntegers';
import { adjoint, type Rule, type RuleContext, type RuleTable } from '../rule';
import { mergeAxes, padAxis, untake } from './axis';

/**
 * The transform along one axis, with real and imaginary part on the last. Its matrix is symmetric, so that its adjoint over
 * the reals is the transform with conjugate roots: the inverse times n (and for the inverse, the transform over n).
 */
const dft: Rule = (c) => {
  const inverse = intAttribute(c.node, 'inverse', 0);
  const onesided = intAttribute(c.node, 'onesided', 0);
  if (inverse && onesided) c.unavailable('it is one-sided and inverse');
  const shape = c.shapeOf(0);
  const axis = axisOf(c);
  const size = sizeOf(c, shape, axis);
  const length = c.node.input[1] ? fixedIntegers(c, 1)?.[0] : size;
  const n = length ?? c.unavailable('its length depends on the data');
  const bins = onesided ? Math.floor(n / 2) + 1 : n;
  // Of a real signal's spectrum, the other half has no gradient.
  const g = padAxis(c, c.g(), axis, 0, n - bins);
  const turned = transform(c, g, axis, shape.length, 1 - inverse);
  const scaled = scale(c.builder, turned, inverse ? 1 / n : n);
  const fitted = padAxis(c, scaled, axis, 0, size - n);
  return [shape.at(-1) === 1 ? realPart(c, fitted) : fitted];
};

function axisOf(c: RuleContext): number {
  const rank = c.shapeOf(0).length;
  const [given] = c.node.input[2] ? (fixedIntegers(c, 2) ?? c.unavailable('its axis depends on the data')) : [];
  if (given !== undefined) return given < 0 ? given : given - rank;
  if (hasAttribute(c.node, 'axis')) {
    const axis = intAttribute(c.node, 'axis', 1);
    return axis < 0 ? axis : axis - rank;
  }
  // The default was 1 before opset 20 and is −2 since.
  return rank === 3 ? -2 : c.unavailable('its axis is not given');
}

function sizeOf(c: RuleContext, shape: readonly Dim[], axis: number): number {
  return shape.at(axis) ?? c.unavailable('it transforms an axis that moves with the batch');
}

/**
 * A complex transform in the form that all opsets write alike: [batch, n, 2]. The axis goes last but one and comes back.
 */
function transform(c: RuleContext, g: string, axis: number, rank: number, inverse: number): string {
  const b = c.builder;
  const total = rank + (c.seeds === null ? 0 : 1);
  const at = total + axis;
  const others = Array.from({ length: total - 1 }, (_, i) => i).filter((i) => i !== at);
  const perm = [...others, at, total - 1];
  const moved = perm.every((from, to) => from === to) ? g : b.op('Transpose', [g], { perm });
  const flat = b.op('Reshape', [
    moved,
    b.op('Concat', [b.ints([-1]), b.op('Shape', [moved], { start: -2 })], { axis: 0 }),
  ]);
  const turned = b.op('Reshape', [b.op('DFT', [flat], { inverse }), b.op('Shape', [moved])]);
  if (moved === g) return turned;
  return b.op('Transpose', [turned], { perm: perm.map((_, i) => perm.indexOf(i)) });
}

const realPart = (c: RuleContext, tensor: string) =>
  c.op('Slice', [tensor, c.builder.ints([0]), c.builder.ints([1]), c.builder.ints([-1])]);

/** Windowed frames of the signal, each transformed: their adjoints are windowed again and added up where they overlap. */
const stft: Rule = (c) => {
  const b = c.builder;
  if (c.needs(2)) c.unavailable('its window is differentiated');
  const signal = c.shapeOf(0);
  const complex = signal[2] === 2;
  // ONNX Runtime 1.30 reads the window as complex numbers there, beyond its end.
  if (complex && c.node.input[2]) c.unavailable('ONNX Runtime windows a complex signal wrongly');
  const length = signal[1] ?? c.unavailable('its signal is as long as the batch is large');
  const [step] = fixedIntegers(c, 1) ?? c.unavailable('its step depends on the data');
  const given = c.node.input[3] ? fixedIntegers(c, 3)?.[0] : c.shapeOf(2)[0];
  const n = given ?? c.unavailable('its frame length depends on the data');
  const [batch, frames, bins] = c.shapeOfOutput(0) as readonly [Dim, Dim, number];
  const spectrum = padAxis(c, c.g(), -2, 0, n - bins);
  const turned = scale(b, transform(c, spectrum, -2, 4, 1), n);
  const windowed = c.node.input[2] ? b.op('Mul', [turned, b.op('Unsqueeze', [c.x(2), b.ints([-1])])]) : turned;
  const parts = complex ? windowed : realPart(c, windowed);
  const positions = Array.from({ length: frames! * n }, (_, k) => Math.floor(k / n) * step! + (k % n));
  const line = mergeAxes(c, parts, [batch, frames, n, complex ? 2 : 1], 1, 2);
  const added = untake(c, line, -2, positions, length);
  return [signal.length === 3 ? added : b.op('Squeeze', [added, b.ints([-1])])];
};

export const fourierRules: RuleTable = { DFT: adjoint(dft, [0]), STFT: adjoint(stft, [0]) };
