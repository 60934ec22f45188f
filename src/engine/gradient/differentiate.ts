import { create } from '@bufbuild/protobuf';
import { RobustnessError } from '../error';
import type { GraphBuilder } from '../onnx/builder';
import type { Constants } from '../onnx/constants';
import { type NodeProto, NodeProtoSchema } from '../onnx/generated/onnx_pb';
import type { Observation } from '../onnx/observe';
import { operatorName } from '../onnx/opset';
import { masksInChannelsLast } from './channelsLast';
import { positiveMask, unbroadcast, zeroGradient } from './emit';
import { pathNodes } from './path';
import { RealValues } from './realValues';
import { relusAtPools } from './reluAtPool';
import type { RuleContext, RuleEntry } from './rule';
import { ruleOf } from './table';

export interface Differentiation {
  readonly builder: GraphBuilder;
  readonly observation: Observation;
  readonly constants: Constants;
  /** Differentiated tensors: float inputs of the graph, or initializers (weights). */
  readonly from: readonly string[];
  /** The gradient that arrives at each tensor where the loss begins: [...shape], or [seeds, ...shape]. */
  readonly arriving: ReadonlyMap<string, string>;
  /** How many seeds arrive at once, on an axis of their own in front; absent for one without such an axis. */
  readonly seeds?: number;
  /** Takes what is unavailable, by operator name and reason, in place of an error; no gradient flows on from there. */
  readonly onUnavailable?: (operator: string, reason: string) => void;
}

/**
 * Reverse-mode differentiation by rewriting: appends nodes that compute the vector-Jacobian products of the path between
 * `from` and the tensors at which gradients arrive. Returns the name of the gradient with respect to each of `from`:
 * [...shape], or [seeds, ...shape].
 *
 * @throws `gradient/unavailable` where an operator on the path has no rule, or a rule cannot handle its attributes.
 */
export function differentiate(d: Differentiation): ReadonlyMap<string, string> {
  const { builder } = d;
  const first = builder.graph.node.length;
  const path = pathNodes(builder.graph, d.from, d.arriving.keys());
  const onPath = new Set([...d.from, ...path.flatMap((node) => node.output)]);
  const early = relusAtPools(path, new Set([...d.from, ...d.arriving.keys()]), d.observation);
  const values = new RealValues(builder, d.observation);
  const arriving = new Map([...d.arriving].map(([tensor, seed]) => [tensor, [seed]]));
  const gradientOf = (name: string): string | undefined => {
    const parts = arriving.get(name);
    if (!parts) return undefined;
    const total = parts.length === 1 ? parts[0]! : builder.op('Sum', parts);
    arriving.set(name, [total]);
    return total;
  };
  const backwards = (node: NodeProto): void => {
    const entry = ruleOf(node);
    if (!entry) throw new Unavailable(node, 'it has no differentiation rule');
    if (!node.output.some((name) => arriving.has(name))) return;
    const [x, y] = [node.input[0]!, node.output[0]!];
    if (early.relus.has(node)) {
      arriving.set(x, [...(arriving.get(x) ?? []), gradientOf(y)!]);
      return;
    }
    if (early.pools.has(node)) arriving.set(y, [builder.op('Mul', [gradientOf(y)!, positiveMask(builder, y)])]);
    const context = contextOf(node, entry, d, values, onPath, gradientOf);
    entry.rule(context).forEach((gradient, i) => {
      const name = node.input[i];
      if (gradient === undefined || !name || !onPath.has(name)) return;
      const fitted = entry.broadcasts
        ? unbroadcast(context, gradient, context.shapeOfOutput(0), context.shapeOf(i), context.x(i))
        : gradient;
      arriving.set(name, [...(arriving.get(name) ?? []), fitted]);
    });
  };
  for (const node of path.reverse()) {
    try {
      backwards(node);
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error;
      if (!d.onUnavailable) throw error.typed();
      d.onUnavailable(operatorName(node), error.reason);
    }
  }
  const emitter = { builder, seeds: d.seeds ?? null };
  const gradients = new Map(d.from.map((name) => [name, gradientOf(name) ?? zeroGradient(emitter, name)]));
  values.readShapesFromOriginals();
  masksInChannelsLast(builder, d.observation, first, gradients.values());
  return gradients;
}

function contextOf(
  node: NodeProto,
  entry: RuleEntry,
  d: Differentiation,
  values: RealValues,
  onPath: ReadonlySet<string>,
  gradientOf: (name: string) => string | undefined,
): RuleContext {
  const { builder, observation, constants, seeds = null } = d;
  const shape = (name: string) => {
    const known = observation.shape(name) ?? constants.get(name)?.dims;
    if (!known) throw new Unavailable(node, `the shape of "${name}" was not observed`);
    return known;
  };
  return {
    node,
    builder,
    seeds,
    x: (i = 0) => values.input(node, i, entry.broadcasts),
    y: (i = 0) => values.output(node, i, entry.broadcasts),
    g: (i = 0) => gradientOf(node.output[i]!) ?? zeroGradient({ builder, seeds }, node.output[i]!),
    arrives: (i) => gradientOf(node.output[i] ?? '') !== undefined,
    needs: (i) => node.input[i] !== undefined && node.input[i] !== '' && onPath.has(node.input[i]),
    shapeOf: (i) => shape(node.input[i]!),
    shapeOfOutput: (i) => shape(node.output[i]!),
    typeOf: (i) => values.type(node.input[i] ?? ''),
    typeOfOutput: (i) => values.type(node.output[i] ?? ''),
    constant: (i) => constants.get(node.input[i] ?? ''),
    integers: (i) => {
      const constant = constants.get(node.input[i] ?? '');
      return constant?.type === 'int64' ? Array.from(constant.data, Number) : observation.integers(node.input[i] ?? '');
    },
    extraOutput: (i) => extraOutput(builder, node, i),
    ruleOf: (operator) => ruleOf({ opType: operator, domain: '' }),
    op: (...args) => builder.op(...args),
    unavailable: (reason) => {
      throw new Unavailable(node, reason);
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
  const output = Array.from({ length: Math.max(i + 1, current.output.length) }, (_, k) => current.output[k] ?? '');
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

/** A rule gave up. */
class Unavailable extends Error {
  constructor(
    readonly node: NodeProto,
    readonly reason: string,
  ) {
    super(reason);
  }

  typed(): RobustnessError {
    const { node, reason } = this;
    return new RobustnessError(
      'gradient/unavailable',
      `The gradient of ${operatorName(node)}${node.name ? ` ("${node.name}")` : ''} is unavailable: ${reason}.`,
      'Score-based attacks (square) run without a gradient; or export the model without this operator.',
    );
  }
}
