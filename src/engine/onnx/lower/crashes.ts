import { RobustnessError } from '../../error';
import { floatAttribute } from '../attribute';
import type { GraphProto, ModelProto, NodeProto } from '../generated/onnx_pb';
import { operatorName } from '../opset';
import { subgraphsOf } from './inline';

/**
 * Refuses a file that ends the process when ONNX Runtime 1.30 loads or runs it: com.microsoft:Attention without a bias, which
 * loads and then reads at address 0, and random numbers of a negative spread, which fail an assertion. Nothing of such a file
 * may run, the untouched original included.
 *
 * @throws `model/crashes-runtime`
 */
export function refuseCrashes(proto: ModelProto & { readonly graph: GraphProto }): void {
  const found = [proto.graph.node, ...proto.functions.map((f) => f.node)].map(crashing).find((node) => node);
  if (!found) return;
  const { node, fault } = found;
  throw new RobustnessError(
    'model/crashes-runtime',
    `The model has a ${operatorName(node)}${node.name ? ` ("${node.name}")` : ''} ${fault.what}, which ends the process when ONNX Runtime 1.30 runs it.`,
    fault.instead,
  );
}

interface Fault {
  readonly what: string;
  readonly instead: string;
}

function crashing(nodes: readonly NodeProto[]): { readonly node: NodeProto; readonly fault: Fault } | undefined {
  for (const node of nodes) {
    const fault = faultOf(node);
    if (fault) return { node, fault };
    for (const graph of subgraphsOf(node)) {
      const inner = crashing(graph.node);
      if (inner) return inner;
    }
  }
  return undefined;
}

function faultOf(node: NodeProto): Fault | undefined {
  switch (operatorName(node)) {
    case 'com.microsoft:Attention':
      if (node.input[2]) return undefined;
      return {
        what: 'without a bias',
        instead:
          'Give the operator a bias of zeros as its third input, or export the model without fusing its attention.',
      };
    case 'RandomNormal':
    case 'RandomNormalLike':
      if (floatAttribute(node, 'scale', 1) > 0) return undefined;
      return { what: 'whose `scale` is not above 0', instead: 'Give it a scale above 0, or take the operator out.' };
    case 'RandomUniform':
    case 'RandomUniformLike':
      if (floatAttribute(node, 'low', 0) <= floatAttribute(node, 'high', 1)) return undefined;
      return { what: 'whose `low` is above its `high`', instead: 'Give it a `low` that is not above its `high`.' };
    default:
      return undefined;
  }
}
