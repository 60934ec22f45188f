import type { LossName } from '../attack/types';
import { RobustnessError } from '../error';
import { isAimed } from '../loss/aimed';

/**
 * The aim where a loss takes one, null where it does not.
 *
 * @param aim [n, classes]
 * @throws `attack/request` for an aim that is missing, of another size, or not finite.
 */
export function aimsFor(
  loss: LossName,
  aim: Float32Array | undefined,
  n: number,
  classes: number,
): Float32Array | null {
  if (!isAimed(loss)) return null;
  if (aim?.length === n * classes && aim.every(Number.isFinite)) return aim;
  throw new RobustnessError(
    'attack/request',
    `The loss ${loss} was given ${aim === undefined ? 'no aim' : `${aim.length} numbers as an aim`} for ${n} examples.`,
    `Give ${classes} finite numbers for each example: 1 at the target class, or the weights of the logits.`,
  );
}
