import { intAttribute } from '../onnx/attribute';
import { constantMark } from '../onnx/constantMark';
import { type GraphProto, type NodeProto, TensorProto_DataType } from '../onnx/generated/onnx_pb';
import { operatorName } from '../onnx/opset';
import type { RuleEntry } from './rule';
import { ruleOf } from './table';

const floatTypes: readonly number[] = [
  TensorProto_DataType.FLOAT,
  TensorProto_DataType.DOUBLE,
  TensorProto_DataType.FLOAT16,
  TensorProto_DataType.BFLOAT16,
];

/** What stands between inputs and outputs, as far as gradients go. */
export interface GradientStatus {
  /** Operators on the path without a rule; the gradient is unavailable if there are any. */
  readonly unavailable: readonly string[];
  /** Operators on the path whose derivative is estimated. */
  readonly straightThrough: readonly string[];
  /** Why, for each that is unavailable. */
  readonly reasons: Readonly<Record<string, string>>;
}

/**
 * Nodes that depend on one of `from` and that one of `to` depends on, in the graph's order. What leads on only through
 * shapes, indices and comparisons is not among them: no gradient flows there.
 */
export function pathNodes(graph: GraphProto, from: Iterable<string>, to: Iterable<string>): NodeProto[] {
  const reached = new Set(from);
  for (const node of graph.node) {
    if (stopsGradient(node) || !usedNames(node).some((name) => reached.has(name))) continue;
    for (const name of node.output) if (name !== '') reached.add(name);
  }
  const wanted = new Set(to);
  const path: NodeProto[] = [];
  for (const node of [...graph.node].reverse()) {
    if (!node.output.some((name) => wanted.has(name) && reached.has(name))) continue;
    path.push(node);
    for (const name of usedNames(node)) wanted.add(name);
  }
  return path.reverse();
}

function stopsGradient(node: NodeProto): boolean {
  if (node.docString === constantMark) return true;
  if (ruleOf(node)?.kind === 'zero') return true;
  return operatorName(node) === 'Cast' && !floatTypes.includes(intAttribute(node, 'to', TensorProto_DataType.FLOAT));
}

/** A subgraph reads names of the graph around it without listing them as inputs. */
export function usedNames(node: NodeProto): string[] {
  const inner = node.attribute.flatMap((attribute) => (attribute.g ? attribute.g.node.flatMap(usedNames) : []));
  return [...node.input.filter((name) => name !== ''), ...inner];
}

export function gradientStatus(graph: GraphProto, from: Iterable<string>, to: Iterable<string>): GradientStatus {
  const path = pathNodes(graph, from, to);
  const named = (kind: RuleEntry['kind'] | undefined) =>
    [...new Set(path.filter((node) => ruleOf(node)?.kind === kind).map(operatorName))].sort();
  const unavailable = named(undefined);
  return {
    unavailable,
    straightThrough: named('straight-through'),
    reasons: Object.fromEntries(unavailable.map((name) => [name, 'it has no differentiation rule'])),
  };
}
