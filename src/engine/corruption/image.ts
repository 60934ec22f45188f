import { RobustnessError } from '../error';

/** `shape` as [C, H, W]. Throws `data/shape` when it is not an image's. */
export function imageShape(shape: readonly number[]): readonly [channels: number, height: number, width: number] {
  const [channels, height, width] = shape;
  if (shape.length === 3 && channels && height && width) return [channels, height, width];
  throw new RobustnessError(
    'data/shape',
    `This corruption is for images, and an example of shape [${shape.join(', ')}] is not one.`,
    'Leave it out under `corruptions.only`, or state the `layout` of the data.',
  );
}
