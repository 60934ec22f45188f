import type { GraphBuilder } from '../../onnx/builder';

/**
 * Every element of the spatial dimensions `times` over, next to itself. Resize is much faster at this than Expand, which
 * copies element by element where the innermost dimension is one.
 *
 * @param tensor [n, c, ...].
 */
export function repeatEach(b: GraphBuilder, tensor: string, times: readonly number[]): string {
  if (times.every((count) => count === 1)) return tensor;
  return b.op('Resize', [tensor, '', b.floats([1, 1, ...times])], {
    mode: 'nearest',
    coordinate_transformation_mode: 'asymmetric',
    nearest_mode: 'floor',
  });
}
