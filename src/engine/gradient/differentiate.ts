import { create } from '@bufbuild/protobuf';
import { RobustnessError } from '../error';
import { intAttribute } from '../onnx/attribute';
import type { GraphBuilder } from '../onnx/builder';
import type { Constants } from '../onnx/constants';
import { type GraphProto, type NodeProto, NodeProtoSchema, TensorProto_DataType } from '../onnx/generated/onnx_pb';
import type { Observation } from '../onnx/observe';
import { operatorName } from '../onnx/opset';
import { unbroadcast, zerosLike } from './emit';
import type { RuleContext, RuleEntry } from './rule';
import { ruleOf } from './table';

const floatTypes: readonly number[] = [
  TensorProto_DataType.FLOAT,
  TensorProto_DataType.DOUBLE,
  TensorProto_DataType.FLOAT16,
];

/** What stands between an input and an output, as far as gradients go. */
export interface GradientStatus {
  /** Operators on the path without a rule; the gradient is unavailable if there are any. */
  readonly unavailable: readonly string[];
  /** Operators on the path whose derivative is estimated. */
  readonly straightThrough: readonly string[];
}

/**
 * Nodes that depend on `from` and that `to` depends on, in the graph's order. What reaches `to` only through shapes,
 * indices and comparisons is not among them: no gradient flows there.
 */
export function pathNodes(graph: GraphProto, from: string, to: string): NodeProto[] {
  const reached = new Set([from]);
  for (const node of graph.node) {
    if (stopsGradient(node) || !usedNames(node).some((name) => reached.has(name))) continue;
    for (const name of node.output) reached.add(name);
  }
  const wanted = new Set([to]);
  const path: NodeProto[] = [];
  for (const node of [...graph.node].reverse()) {
    if (!node.output.some((name) => wanted.has(name) && reached.has(name))) continue;
    path.unshift(node);
    for (const name of usedNames(node)) wanted.add(name);
  }
  return path;
}

function stopsGradient(node: NodeProto): boolean {
  if (ruleOf(node)?.kind === 'zero') return true;
  return operatorName(node) === 'Cast' && !floatTypes.includes(intAttribute(node, 'to', TensorProto_DataType.FLOAT));
}

/** A subgraph reads names of the graph around it without listing them as inputs. */
function usedNames(node: NodeProto): string[] {
  const inner = node.attribute.flatMap((attribute) => (attribute.g ? attribute.g.node.flatMap(usedNames) : []));
  return [...node.input, ...inner];
}

export function gradientStatus(graph: GraphProto, from: string, to: string): GradientStatus {
  const path = pathNodes(graph, from, to);
  const named = (kind: RuleEntry['kind'] | undefined) =>
    [...new Set(path.filter((node) => ruleOf(node)?.kind === kind).map(operatorName))].sort();
  return { unavailable: named(undefined), straightThrough: named('straight-through') };
}

export interface Differentiation {
  readonly builder: GraphBuilder;
  readonly observation: Observation;
  readonly constants: Constants;
  /** Differentiated input. */
  readonly from: string;
  /** Tensor at which `seed` arrives, d loss / d to. */
  readonly to: string;
  readonly seed: string;
}

/**
 * Reverse-mode differentiation by rewriting: appends nodes that compute the vector-Jacobian product of the path from
 * `from` to `to` with `seed`, and returns the name of the gradient with respect to `from`.
 *
 * @throws `gradient/unavailable` where an operator on the path has no rule, or a rule cannot handle its attributes.
 */
export function differentiate(d: Differentiation): string {
  const { builder } = d;
  const path = pathNodes(builder.graph, d.from, d.to);
  const onPath = new Set([d.from, ...path.flatMap((node) => node.output)]);
  const arriving = new Map<string, string[]>([[d.to, [d.seed]]]);
  const gradientOf = (name: string): string | undefined => {
    const parts = arriving.get(name);
    if (!parts) return undefined;
    const total = parts.length === 1 ? parts[0]! : builder.op('Sum', parts);
    arriving.set(name, [total]);
    return total;
  };
  for (const node of path.reverse()) {
    const entry = ruleOf(node);
    if (!entry) throw unavailable(node, 'it has no differentiation rule');
    if (!node.output.some((name) => arriving.has(name))) continue;
    const context = contextOf(node, d, onPath, gradientOf);
    entry.rule(context).forEach((gradient, i) => {
      const name = node.input[i];
      if (gradient === undefined || !name || !onPath.has(name)) return;
      const fitted = entry.broadcasts ? fitToInput(context, gradient, i) : gradient;
      arriving.set(name, [...(arriving.get(name) ?? []), fitted]);
    });
  }
  return gradientOf(d.from) ?? zerosLike(builder, d.from);
}

function fitToInput(c: RuleContext, gradient: string, i: number): string {
  return unbroadcast(c.builder, gradient, c.shapeOfOutput(0), c.shapeOf(i), c.x(i));
}

function contextOf(
  node: NodeProto,
  d: Differentiation,
  onPath: ReadonlySet<string>,
  gradientOf: (name: string) => string | undefined,
): RuleContext {
  const { builder, observation, constants } = d;
  const shape = (name: string) => {
    const known = observation.shape(name) ?? constants.get(name)?.dims;
    if (!known) throw unavailable(node, `the shape of "${name}" was not observed`);
    return known;
  };
  return {
    node,
    builder,
    x: (i = 0) => node.input[i]!,
    y: (i = 0) => node.output[i]!,
    g: (i = 0) => gradientOf(node.output[i]!) ?? zerosLike(builder, node.output[i]!),
    arrives: (i) => gradientOf(node.output[i] ?? '') !== undefined,
    needs: (i) => onPath.has(node.input[i] ?? ''),
    shapeOf: (i) => shape(node.input[i]!),
    shapeOfOutput: (i) => shape(node.output[i]!),
    constant: (i) => constants.get(node.input[i] ?? ''),
    integers: (i) => {
      const constant = constants.get(node.input[i] ?? '');
      return constant?.type === 'int64' ? Array.from(constant.data, Number) : observation.integers(node.input[i] ?? '');
    },
    extraOutput: (i) => extraOutput(builder, node, i),
    op: (...args) => builder.op(...args),
    unavailable: (reason) => {
      throw unavailable(node, reason);
    },
  };
}

/** Replaces the node by one that has the output too: nodes are shared with the graph that was given, and stay as they are. */
function extraOutput(builder: GraphBuilder, node: NodeProto, i: number): string {
  const at = builder.graph.node.findIndex((other) => other.output[0] === node.output[0]);
  const current = builder.graph.node[at]!;
  const known = current.output[i];
  if (known) return known;
  const name = builder.fresh(`${node.opType}_output`);
  const output = Array.from({ length: i + 1 }, (_, k) => current.output[k] ?? '');
  output[i] = name;
  builder.graph.node[at] = create(NodeProtoSchema, {
    name: current.name,
    opType: current.opType,
    domain: current.domain,
    input: current.input,
    attribute: current.attribute,
    output,
  });
  return name;
}

function unavailable(node: NodeProto, reason: string): RobustnessError {
  return new RobustnessError(
    'gradient/unavailable',
    `The gradient of ${operatorName(node)}${node.name ? ` ("${node.name}")` : ''} is unavailable: ${reason}.`,
    'Score-based attacks (square) run without a gradient; or export the model without this operator.',
  );
}
