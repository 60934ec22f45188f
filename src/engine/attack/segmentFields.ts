import { isAimed } from '../loss/aimed';
import type { SegmentKind } from './types';

/**
 * How wide a tensor of a segment is: an example, its classes, or a number of each example, that broadcasts against it or
 * stands in a row; or one number for all.
 */
export type FieldWidth = 'example' | 'classes' | 'number' | 'row' | 'scalar';

/** Weight of the new step against the momentum of the last one (Croce & Hein 2020, §3.1). */
export const momentumWeight = 0.75;

/**
 * What does not change in a segment. `low` and `high` bound a coordinate for linf, and say how far it may move from the
 * centre for l2. `step` is the length of a step; with momentum each example has its own, and `weight` is that of the step
 * against the one before.
 */
export function fixedFields({ momentum, loss }: SegmentKind): Readonly<Record<string, FieldWidth>> {
  return {
    onehot: 'classes',
    ...(isAimed(loss) ? { aim: 'classes' } : {}),
    low: 'example',
    high: 'example',
    centre: 'example',
    ...(momentum ? { step: 'number', weight: 'number' } : { step: 'scalar' }),
  };
}

/**
 * What a segment carries from iteration to iteration, and gives back: the point, and the one before, which was evaluated
 * last. With momentum also the one before that, and the gradient at the one evaluated last.
 */
export function carriedFields({ momentum }: SegmentKind): Readonly<Record<string, FieldWidth>> {
  const plain = { x: 'example', previous: 'example' } as const;
  return momentum ? { ...plain, earlier: 'example', gradientBefore: 'example' } : plain;
}

/** What is put aside of a record when it ends, by the carried field that it is in then. */
export function keptFields({ momentum }: SegmentKind): Readonly<Record<string, string>> {
  return momentum ? { point: 'previous', gradient: 'gradientBefore' } : { point: 'previous' };
}

/**
 * By example: `bar`, which a score must exceed to be a record; with momentum also `top`, which a score on a plateau must
 * exceed, where records are points on none.
 */
export function barFields({ momentum }: SegmentKind): readonly string[] {
  return momentum ? ['bar', 'top'] : ['bar'];
}
