import { create } from '@bufbuild/protobuf';
import { GraphBuilder } from '../../../src/engine/onnx/builder';
import { type GraphProto, NodeProtoSchema } from '../../../src/engine/onnx/generated/onnx_pb';
import { disagreement, type emittedTypes, gradients, type SingleNode } from './singleNode';

/** What each type of tensor is turned into: a quarter more and an offset, the opposite, or the neighbouring position. */
const mutants: Readonly<Record<string, (b: GraphBuilder, tensor: string, output: string) => void>> = {
  float32: (b, tensor, output) => b.named('Add', [b.op('Mul', [tensor, b.scalar(1.25)]), b.scalar(0.1)], output),
  bool: (b, tensor, output) => b.named('Not', [tensor], output),
  int64: (b, tensor, output) => b.named('Add', [tensor, b.intScalar(1)], output),
};

/** Operators whose operands a slip of the pen confuses, and which. */
const ordered: Readonly<Record<string, readonly [number, number]>> = { Sub: [0, 1], Div: [0, 1], Where: [1, 2] };

/** Puts the operands of the node at `at` in the wrong order. */
function swap(graph: GraphProto, at: number): void {
  const node = graph.node[at]!;
  const [i, j] = ordered[node.opType]!;
  const input = [...node.input];
  [input[i], input[j]] = [input[j]!, input[i]!];
  graph.node[at] = create(NodeProtoSchema, { ...node, input });
}

/** Puts a mutation behind output `name` of the node at `at`. */
function mutate(graph: GraphProto, at: number, name: string, type: string): void {
  const builder = new GraphBuilder(graph);
  const node = graph.node[at]!;
  const before = builder.fresh('mutated');
  graph.node[at] = create(NodeProtoSchema, {
    name: `${node.name}_unchanged`,
    opType: node.opType,
    domain: node.domain,
    input: node.input,
    attribute: node.attribute,
    output: node.output.map((each) => (each === name ? before : each)),
  });
  const end = graph.node.length;
  mutants[type]!(builder, before, name);
  graph.node.splice(at + 1, 0, ...graph.node.splice(end));
}

/** Changes the node at `at` of a graph. */
export type Change = (graph: GraphProto, at: number) => void;

/** A node of a rule, and the types of its outputs. */
export type Emitted = Awaited<ReturnType<typeof emittedTypes>>[number];

/** What is done to one node of a rule, each by the name of its site. */
export function changesOf({ opType, outputs }: Emitted): [string, Change][] {
  const results = outputs
    .filter(({ type }) => type in mutants)
    .map(({ name, type }): [string, Change] => ['', (graph, at) => mutate(graph, at, name, type)]);
  return opType in ordered ? [...results, ['swapped ', swap]] : results;
}

/** Whether the comparison notices; a changed position or size may also make a graph that does not run. */
export async function notices(
  single: SingleNode,
  yDims: readonly number[],
  expected: readonly Float64Array[],
  change: (graph: GraphProto, first: number) => void,
) {
  let changed = false;
  try {
    const results = await gradients(single, yDims, 0, (graph, first) => {
      change(graph, first);
      changed = true;
    });
    return !(disagreement({ gradients: results, differences: expected }) < 0.01);
  } catch (error) {
    // Unchanged it ran, to list its nodes.
    if (changed) return true;
    throw error;
  }
}
