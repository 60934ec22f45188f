import { create } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { differentiableOperators, ruleOf } from '../../../src/engine/gradient/table';
import { GraphBuilder } from '../../../src/engine/onnx/builder';
import { type GraphProto, NodeProtoSchema } from '../../../src/engine/onnx/generated/onnx_pb';
import { cases } from './cases/all';
import { centralDifferences, disagreement, emittedTypes, gradients, type SingleNode } from './singleNode';

/**
 * Nodes of a rule that may be changed without any gradient changing, by operator: what they guard against does not occur
 * in the cases (it does in the tests of numerics).
 */
const guards: Readonly<Record<string, readonly string[]>> = {};

const samples = 8;

/** What each type of tensor is turned into: a quarter more and an offset, the opposite, or the neighbouring position. */
const mutants: Readonly<Record<string, (b: GraphBuilder, tensor: string, output: string) => void>> = {
  float32: (b, tensor, output) => b.named('Add', [b.op('Mul', [tensor, b.scalar(1.25)]), b.scalar(0.1)], output),
  bool: (b, tensor, output) => b.named('Not', [tensor], output),
  int64: (b, tensor, output) => b.named('Add', [tensor, b.intScalar(1)], output),
};

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

/** Whether the comparison notices; a changed position may also make a graph that does not run. */
async function notices(
  single: SingleNode,
  yDims: readonly number[],
  type: string,
  differences: readonly Float64Array[],
  change: (graph: GraphProto, first: number) => void,
) {
  try {
    const changed = await gradients(single, yDims, 0, change);
    return !(disagreement({ gradients: changed, differences }) < 0.01);
  } catch (error) {
    if (type !== 'int64') throw error;
    return true;
  }
}

/** Nodes of the rule, over all cases, whose mutation no case notices. */
async function survivors(name: string): Promise<string[]> {
  const noticed = new Map<string, boolean>();
  for (const single of fc.sample(cases[name]!, { numRuns: samples, seed: 17 })) {
    const { differences, yDims } = await centralDifferences(single);
    const emitted = await emittedTypes(single, yDims);
    const branch = emitted.map(({ opType }) => opType).join(' ');
    for (const [i, { opType, outputs }] of emitted.entries()) {
      for (const { name: output, type } of outputs) {
        const site = `${opType} (${i + 1} of ${branch})`;
        if (!(type in mutants) || noticed.get(site)) continue;
        noticed.set(
          site,
          await notices(single, yDims, type, differences, (graph, first) => mutate(graph, first + i, output, type)),
        );
      }
    }
  }
  return [...noticed].filter(([, seen]) => !seen).map(([site]) => site);
}

const entryOf = (name: string) => {
  const [domain, opType] = name.includes(':') ? name.split(':') : ['', name];
  return ruleOf({ opType: opType!, domain: domain! })!;
};
const exact = differentiableOperators.filter((name) => entryOf(name).kind === 'exact' && name in cases);

describe('tests of rules', () => {
  it.each(exact)('%s: notice a change of any node that the rule emits', async (name) => {
    const found = await survivors(name);
    expect(found.filter((site) => !guards[name]?.some((guard) => site.startsWith(guard)))).toEqual([]);
  });
});
