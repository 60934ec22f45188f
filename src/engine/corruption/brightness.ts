import { imageShape } from './image';
import { withinUnitRange } from './range';
import { inWords, parameter, type SeverityTable } from './severity';
import type { Corruption } from './types';

/** Added to the value V of HSV, as a share of the range. */
const added: SeverityTable = {
  small: [0.05, 0.1, 0.15, 0.2, 0.3],
  large: [0.1, 0.2, 0.3, 0.4, 0.5],
};

/**
 * Raises V of HSV, the greatest of red, green and blue, keeping hue and saturation. Images of one channel, or of any
 * number but three, have the same amount added to every value.
 */
export const brightness: Corruption = {
  name: 'brightness',
  title: 'Brightness',
  source: 'Hendrycks & Dietterich 2019, make_cifar_c.py and make_imagenet_c.py: brightness',
  kinds: ['image'],
  describe: (severity, shape) => `+${inWords(parameter(added, severity, shape))} of the range`,
  apply(x, shape, severity, bounds) {
    const amount = parameter(added, severity, shape);
    const [channels] = imageShape(shape);
    return withinUnitRange(x, shape, bounds, (unit) =>
      channels === 3 ? raiseValue(unit, amount) : unit.map((value) => value + amount),
    );
  },
};

/** [3, H, W] with V of HSV raised by `amount`, or lowered if it is negative: within [0, 1]. */
export function raiseValue(unit: Float64Array, amount: number): Float64Array {
  const plane = unit.length / 3;
  const result = new Float64Array(unit.length);
  for (let i = 0; i < plane; i++) {
    const value = Math.max(unit[i]!, unit[i + plane]!, unit[i + 2 * plane]!);
    const raised = Math.min(1, Math.max(0, value + amount));
    // With hue and saturation kept, RGB is proportional to V; black has no hue and becomes grey.
    for (let at = i; at < unit.length; at += plane) result[at] = value > 0 ? (unit[at]! * raised) / value : raised;
  }
  return result;
}
