import type { NodeProto } from '../onnx/generated/onnx_pb';
import type { Observation } from '../onnx/observe';
import { operatorName } from '../onnx/opset';

/** Pairs of a Relu and the MaxPool that alone reads it. */
export interface RelusAtPools {
  readonly relus: ReadonlySet<NodeProto>;
  readonly pools: ReadonlySet<NodeProto>;
}

/**
 * A window's maximum is positive exactly where the element that won it is: the Relu's mask can be applied to the gradient of
 * the pool's output, which is smaller by the window, and the Relu passes on what comes from the pool.
 *
 * @param path nodes that gradients flow through.
 * @param ends tensors at which gradients arrive, or are asked for: these need their gradient as it is.
 */
export function relusAtPools(
  path: readonly NodeProto[],
  ends: ReadonlySet<string>,
  observation: Observation,
): RelusAtPools {
  const readers = new Map<string, NodeProto[]>();
  for (const node of path) for (const name of node.input) readers.set(name, [...(readers.get(name) ?? []), node]);
  const [relus, pools] = [new Set<NodeProto>(), new Set<NodeProto>()];
  for (const node of path) {
    const output = node.output[0]!;
    if (operatorName(node) !== 'Relu' || ends.has(output) || observation.type(output) !== 'float32') continue;
    const [pool, ...others] = readers.get(output) ?? [];
    if (!pool || others.length > 0 || operatorName(pool) !== 'MaxPool') continue;
    relus.add(node);
    pools.add(pool);
  }
  return { relus, pools };
}
