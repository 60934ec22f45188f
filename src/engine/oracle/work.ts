import type { DataGraph } from '../dataGraph';
import { elementCount } from '../onnx/tensor';

/**
 * Multiply-adds of one forward pass of one example, from observed shapes: enough to say how many iterations are short. By
 * counting, not by measuring, since what depends on it must be the same in every run.
 */
export function workPerExample(data: DataGraph): number {
  const { graph, observation } = data;
  const weights = new Map(graph.initializer.map((tensor) => [tensor.name, tensor.dims.map(Number)]));
  const dims = (name: string | undefined): readonly number[] => {
    const shape = name === undefined ? undefined : (observation.shape(name) ?? weights.get(name));
    return (shape ?? []).map((dim) => dim ?? 1);
  };
  let work = 0;
  for (const node of graph.node) {
    const result = elementCount(dims(node.output[0]));
    const kernel = dims(node.input[1]);
    switch (node.opType) {
      case 'Conv':
        work += result * (elementCount(kernel) / Math.max(1, kernel[0] ?? 1));
        break;
      case 'ConvTranspose':
        work += elementCount(dims(node.input[0])) * (elementCount(kernel) / Math.max(1, kernel[0] ?? 1));
        break;
      case 'Gemm':
      case 'MatMul':
        // The inner dimension, from the left factor's last axis, or its first where Gemm transposes it.
        work += result * Math.max(1, ...dims(node.input[0]).slice(-1));
        break;
      default:
        work += result;
    }
  }
  return work;
}
