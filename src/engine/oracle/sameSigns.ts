import type { DataGraph } from '../dataGraph';
import { Constants } from '../onnx/constants';
import type { NodeProto } from '../onnx/generated/onnx_pb';
import { dataInput } from '../onnx/preprocess';

/**
 * The last tensor that the data become by additions of constants and products with positive ones alone: normalisation, as a
 * rule. A gradient with respect to it has the signs of the gradient with respect to the data, which is all that a step in
 * linf reads, and is a pass over the examples cheaper.
 */
export function sameSigns({ graph, observation }: Pick<DataGraph, 'graph' | 'observation'>): string {
  const constants = new Constants(graph);
  const given = new Set(graph.output.map(({ name }) => name));
  for (let tensor = dataInput; ; ) {
    const users = graph.node.filter((node) => readsIt(node, tensor));
    const [user] = users;
    if (users.length !== 1 || given.has(tensor) || !keepsSigns(user!, tensor, constants)) return tensor;
    const next = user!.output[0]!;
    // A constant can also enlarge what it is added to.
    if (JSON.stringify(observation.shape(next)) !== JSON.stringify(observation.shape(tensor))) return tensor;
    tensor = next;
  }
}

function readsIt(node: NodeProto, tensor: string): boolean {
  return node.input.includes(tensor) || node.attribute.some(({ g }) => g?.node.some((inner) => readsIt(inner, tensor)));
}

function keepsSigns({ opType, domain, input }: NodeProto, tensor: string, constants: Constants): boolean {
  if (domain !== '' || !input.includes(tensor)) return false;
  if (opType === 'Identity') return true;
  const other = constants.get(input.find((name) => name !== tensor) ?? '');
  if (other?.type !== 'float32') return false;
  const values = other.data as Float32Array;
  switch (opType) {
    case 'Add':
      return true;
    case 'Sub':
      return input[0] === tensor;
    case 'Mul':
      return values.every((value) => value > 0 && value < Number.POSITIVE_INFINITY);
    case 'Div':
      return input[0] === tensor && values.every((value) => value > 0 && value < Number.POSITIVE_INFINITY);
    default:
      return false;
  }
}
