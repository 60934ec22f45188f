import { intsAttribute } from '../onnx/attribute';
import type { GraphBuilder } from '../onnx/builder';
import type { GraphProto, NodeProto } from '../onnx/generated/onnx_pb';
import type { Dim, Observation } from '../onnx/observe';
import { operatorName } from '../onnx/opset';
import { channelBlock } from './adjoint/window';
import { positiveMask } from './emit';
import { usedNames } from './path';

const toFirst = [0, 3, 1, 2];
const toLast = [0, 2, 3, 1];

/**
 * Moves transpositions from channels last to channels first behind the mask of a Relu, to the convolutions that read them: ONNX
 * Runtime's blocked convolution takes and gives channels last as cheaply as channels first, whereas a transposition by itself
 * runs on one thread. The mask is then taken from channels last too, which the convolution before the Relu gives.
 *
 * Each reader gets a transposition of its own, since only one that has a single reader becomes part of it; a Reshape that changes
 * nothing (and copies nothing) keeps ONNX Runtime from making one of them again.
 *
 * @param first index in the builder's graph from which on nodes may be rewritten: those of the gradient.
 * @param results names that are read from outside.
 */
export function masksInChannelsLast(
  builder: GraphBuilder,
  observation: Observation,
  first: number,
  results: Iterable<string>,
): void {
  const uses = new Uses(builder.graph, first, results);
  const added = new Map<NodeProto, readonly NodeProto[]>();
  const removed = new Set<NodeProto>();
  for (const mul of uses.emitted) {
    const found = operatorName(mul) === 'Mul' ? maskedTransposition(mul, uses) : undefined;
    if (!found || !isInBlocks(observation.shape(found.mask.input[0]!))) continue;
    const readers = uses.readersOf(mul.output[0]!);
    if (readers.length === 0 || !uses.onlyInside(mul)) continue;
    if (!readers.every((reader) => uses.emitted.has(reader) && convolves(reader, mul.output[0]!))) continue;
    for (const node of [found.transposition, found.mask]) if (uses.onlyRead(node, mul)) removed.add(node);
    removed.add(mul);
    const from = builder.graph.node.length;
    const y = builder.op('Transpose', [found.mask.input[0]!], { perm: toLast });
    let masked = builder.op('Mul', [found.transposition.input[0]!, positiveMask(builder, y)]);
    readers.forEach((reader, i) => {
      if (i > 0) masked = builder.op('Reshape', [masked, builder.ints([0, 0, 0, 0])]);
      reader.input[0] = builder.op('Transpose', [masked], { perm: toFirst });
    });
    added.set(mul, builder.graph.node.splice(from));
  }
  builder.graph.node = builder.graph.node.flatMap((node) => [
    ...(added.get(node) ?? []),
    ...(removed.has(node) ? [] : [node]),
  ]);
}

const isInBlocks = (shape: readonly Dim[] | undefined) =>
  typeof shape?.[1] === 'number' && shape[1] % channelBlock === 0;

const convolves = (node: NodeProto, tensor: string) =>
  operatorName(node) === 'Conv' && node.input.indexOf(tensor) === 0 && node.input.lastIndexOf(tensor) === 0;

interface MaskedTransposition {
  readonly transposition: NodeProto;
  readonly mask: NodeProto;
}

/** The factors of a product of a gradient from channels last and the mask of a Relu that stands behind a convolution. */
function maskedTransposition(mul: NodeProto, uses: Uses): MaskedTransposition | undefined {
  for (const [g, m] of [mul.input, [...mul.input].reverse()] as [string, string][]) {
    const transposition = uses.producer(g, 'Transpose');
    const mask = uses.producer(m, 'HardSigmoid');
    const relu = mask && uses.producer(mask.input[0]!, 'Relu');
    if (!transposition || String(intsAttribute(transposition, 'perm')) !== String(toFirst)) continue;
    if (mask && relu && uses.producer(relu.input[0]!, 'Conv')) return { transposition, mask };
  }
  return undefined;
}

/** Who makes and who reads the tensors of a graph. */
class Uses {
  readonly emitted: ReadonlySet<NodeProto>;
  readonly #producers: ReadonlyMap<string, NodeProto>;
  readonly #readers = new Map<string, NodeProto[]>();
  readonly #outputs: ReadonlySet<string>;

  constructor({ node: nodes, output }: GraphProto, first: number, results: Iterable<string>) {
    this.emitted = new Set(nodes.slice(first));
    this.#producers = new Map(nodes.flatMap((node) => node.output.map((name) => [name, node] as const)));
    for (const node of nodes)
      for (const name of usedNames(node)) {
        const known = this.#readers.get(name);
        if (known) known.push(node);
        else this.#readers.set(name, [node]);
      }
    this.#outputs = new Set([...output.map(({ name }) => name), ...results]);
  }

  readersOf(name: string): readonly NodeProto[] {
    return this.#readers.get(name) ?? [];
  }

  producer(name: string, operator: string): NodeProto | undefined {
    const node = this.#producers.get(name);
    return node && operatorName(node) === operator ? node : undefined;
  }

  /** Whether nothing outside of the graph reads what a node gives. */
  onlyInside(node: NodeProto): boolean {
    return !this.#outputs.has(node.output[0]!);
  }

  /** Whether a node was emitted, and nothing but `reader` needs it. */
  onlyRead(node: NodeProto, reader: NodeProto): boolean {
    if (!this.emitted.has(node) || !this.onlyInside(node)) return false;
    return this.readersOf(node.output[0]!).every((other) => other === reader);
  }
}
