import { RobustnessError } from '../../error';
import type { GraphProto, ModelProto, NodeProto } from '../generated/onnx_pb';
import { operatorName } from '../opset';
import { subgraphsOf } from './inline';

/**
 * Refuses a file that ends the process when ONNX Runtime 1.30 runs it: com.microsoft:Attention without a bias, which loads
 * and then reads at address 0. Nothing of such a file may run, the untouched original included.
 *
 * @throws `model/crashes-runtime`
 */
export function refuseCrashes(proto: ModelProto & { readonly graph: GraphProto }): void {
  const found = [proto.graph.node, ...proto.functions.map((f) => f.node)].map(crashing).find((node) => node);
  if (!found) return;
  throw new RobustnessError(
    'model/crashes-runtime',
    `The model has a ${operatorName(found)}${found.name ? ` ("${found.name}")` : ''} without a bias, which ends the process when ONNX Runtime 1.30 runs it.`,
    'Give the operator a bias of zeros as its third input, or export the model without fusing its attention.',
  );
}

function crashing(nodes: readonly NodeProto[]): NodeProto | undefined {
  for (const node of nodes) {
    if (operatorName(node) === 'com.microsoft:Attention' && !node.input[2]) return node;
    for (const graph of subgraphsOf(node)) {
      const inner = crashing(graph.node);
      if (inner) return inner;
    }
  }
  return undefined;
}
