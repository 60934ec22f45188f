import { float, floatsAttribute } from '../attribute';
import type { LoweringContext } from './lowering';

/** Applies a gate's function to each element. */
export type Activation = (x: string) => string;

interface Form {
  /** Default of alpha; absent where the function takes none. */
  readonly alpha?: number;
  readonly beta?: number;
  emit(c: LoweringContext, x: string, alpha: number, beta: number): string;
}

const named = (opType: string): Form => ({ emit: (c, x) => c.op(opType, [x]) });

/**
 * Functions of the recurrent operators, with the defaults that ONNX Runtime 1.30 was seen to take (0 where the operator of
 * that name has another default, or ONNX names none). Names are not case-sensitive.
 */
const forms: Readonly<Record<string, Form>> = {
  relu: named('Relu'),
  tanh: named('Tanh'),
  sigmoid: named('Sigmoid'),
  softsign: named('Softsign'),
  softplus: named('Softplus'),
  leakyrelu: { alpha: 0.01, emit: (c, x, alpha) => c.op('LeakyRelu', [x], { alpha: float(alpha) }) },
  thresholdedrelu: { alpha: 0, emit: (c, x, alpha) => c.op('ThresholdedRelu', [x], { alpha: float(alpha) }) },
  elu: { alpha: 1, emit: (c, x, alpha) => c.op('Elu', [x], { alpha: float(alpha) }) },
  hardsigmoid: {
    alpha: 0.2,
    beta: 0.5,
    emit: (c, x, alpha, beta) => c.op('HardSigmoid', [x], { alpha: float(alpha), beta: float(beta) }),
  },
  scaledtanh: {
    alpha: 0,
    beta: 0,
    emit: (c, x, alpha, beta) =>
      c.op('Mul', [c.op('Tanh', [c.op('Mul', [x, c.builder.scalar(beta)])]), c.builder.scalar(alpha)]),
  },
  affine: {
    alpha: 0,
    beta: 0,
    emit: (c, x, alpha, beta) => c.op('Add', [c.op('Mul', [x, c.builder.scalar(alpha)]), c.builder.scalar(beta)]),
  },
};

/**
 * A recurrent node's functions in order. `activation_alpha` and `activation_beta` are consumed in that order by the
 * functions that take them.
 *
 * @param defaults of one direction, repeated for the other.
 */
export function activationsOf(c: LoweringContext, defaults: readonly string[], directions: number): Activation[] {
  const attribute = c.node.attribute.find(({ name }) => name === 'activations');
  const decoder = new TextDecoder();
  const given = attribute?.strings.map((bytes) => decoder.decode(bytes)) ?? [];
  const names = given.length > 0 ? given : Array.from({ length: directions }, () => defaults).flat();
  if (names.length < defaults.length * directions) c.leave('it names too few activations');
  const alphas = floatsAttribute(c.node, 'activation_alpha') ?? [];
  const betas = floatsAttribute(c.node, 'activation_beta') ?? [];
  return names.map((name) => {
    const key = name.toLowerCase();
    const form = Object.hasOwn(forms, key) ? forms[key]! : c.leave(`its activation "${name}" is not known`);
    const alpha = form.alpha === undefined ? 0 : (alphas.shift() ?? form.alpha);
    const beta = form.beta === undefined ? 0 : (betas.shift() ?? form.beta);
    return (x) => form.emit(c, x, alpha, beta);
  });
}
