import { keepWhere } from '../emit';
import { type RuleTable, straightThrough, zero } from '../rule';

const identity = straightThrough((c) => [c.g()]);

/** Comparisons, indices, bits, sizes and noise carry nothing that an estimate could follow. */
const flat = [
  'Shape',
  'Size',
  'ConstantOfShape',
  'EyeLike',
  'RandomNormalLike',
  'RandomUniformLike',
  'Multinomial',
  'ArgMax',
  'ArgMin',
  'NonZero',
  'NonMaxSuppression',
  'Equal',
  'Greater',
  'GreaterOrEqual',
  'Less',
  'LessOrEqual',
  'Not',
  'And',
  'Or',
  'Xor',
  'BitShift',
  'BitwiseAnd',
  'BitwiseOr',
  'BitwiseXor',
  'BitwiseNot',
  'IsNaN',
  'IsInf',
] as const;

/**
 * Operators that are flat wherever they have a derivative. Where the literature attacks through them, a straight-through
 * estimate stands in: the identity (Bengio et al. 2013 for Bernoulli; BPDA, Athalye et al. 2018), or the identity on
 * [−1, 1] for Sign, as binarised networks are trained (Hubara et al. 2016).
 */
export const stepRules: RuleTable = {
  Sign: straightThrough((c) => [
    keepWhere(c.builder, c.op('LessOrEqual', [c.op('Abs', [c.x()]), c.builder.scalar(1)]), c.g()),
  ]),
  Round: identity,
  Floor: identity,
  Ceil: identity,
  // ONNX Runtime 1.30 gives 1 with probability 1 − x, as ONNX's own function for it is written, though not described.
  Bernoulli: straightThrough((c) => [c.op('Neg', [c.g()])]),
  ...Object.fromEntries(flat.map((name) => [name, zero])),
};
