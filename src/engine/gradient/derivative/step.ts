import { keepWhere } from '../emit';
import { type RuleTable, straightThrough, zero } from '../rule';

/**
 * Operators that are flat wherever they have a derivative. Where the literature attacks through them, a straight-through
 * estimate stands in (identity, or identity on [−1, 1] for Sign as binarised networks are trained: Hubara et al. 2016);
 * comparisons and indices carry nothing that an estimate could follow.
 */
export const stepRules: RuleTable = {
  Sign: straightThrough((c) => [
    keepWhere(c.builder, c.op('LessOrEqual', [c.op('Abs', [c.x()]), c.builder.scalar(1)]), c.g()),
  ]),
  Round: straightThrough((c) => [c.g()]),
  Floor: straightThrough((c) => [c.g()]),
  Ceil: straightThrough((c) => [c.g()]),
  ...Object.fromEntries(
    [
      'Shape',
      'Size',
      'ConstantOfShape',
      'ArgMax',
      'ArgMin',
      'Equal',
      'Greater',
      'GreaterOrEqual',
      'Less',
      'LessOrEqual',
      'Not',
      'And',
      'Or',
      'IsNaN',
      'IsInf',
    ].map((name) => [name, zero]),
  ),
};
