import type { SegmentKind } from './types';

/** How wide a tensor of a segment is for one example. */
export type FieldWidth = 'example' | 'classes' | 'number';

/** Weight of the new step against the momentum of the last one (Croce & Hein 2020, §3.1). */
export const momentumWeight = 0.75;

/**
 * What does not change in a segment. `low` and `high` bound a coordinate for linf, and say how far it may move from the
 * centre for l2. `step` is the length of a step.
 */
export const fixedFields = {
  onehot: 'classes',
  centre: 'example',
  low: 'example',
  high: 'example',
  step: 'number',
} as const;

/**
 * What a segment carries from iteration to iteration, and gives back: the point, the strongest point so far, and the loss
 * that a point must exceed to be that (infinite once the example is broken).
 *
 * With momentum also the point before, the best point on no plateau with its gradient and loss, and the weight of the next
 * step. There `strongest` is kept only for points that are broken or lie on a plateau; otherwise it is `best`.
 */
export function carriedFields({ momentum }: SegmentKind): Readonly<Record<string, FieldWidth>> {
  const plain = { x: 'example', strongest: 'example', bar: 'number' } as const;
  return momentum
    ? { ...plain, previous: 'example', best: 'example', bestGradient: 'example', bestLoss: 'number', weight: 'number' }
    : plain;
}
