import { create } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { differentiableOperators, ruleOf } from '../../../src/engine/gradient/table';
import { GraphBuilder } from '../../../src/engine/onnx/builder';
import { type GraphProto, NodeProtoSchema } from '../../../src/engine/onnx/generated/onnx_pb';
import { cases } from './cases/all';
import { centralDifferences, disagreement, emittedTypes, gradients, type SingleNode } from './singleNode';

const othersAreCounted = 'the number of other zeros is only compared with 0';

/**
 * Changes that no gradient can show, by operator: the start of a site as {@link survivors} names it, and why it is equal by
 * nature or where else it is held.
 */
const guards: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  GridSample: {
    'Mul (29 ': 'a quarter of a small position is cut off where it becomes an integer; the Add behind it is held',
  },
  MeanVarianceNormalization: { 'swapped Sub (2 ': 'deviations from the mean occur in products of two' },
  ScatterElements: { 'swapped Sub (': othersAreCounted },
  ScatterND: { 'swapped Sub (': othersAreCounted },
  TensorScatter: { 'ConstantOfShape (2 ': 'marks what was not written over by any number but 0' },
  Unique: Object.fromEntries(
    ['Shape (2 of Shape', 'Shape (3 of Size', 'Expand ('].map((site) => [
      site,
      'repeated values change the shape of the output with a step: estimates.test.ts holds them',
    ]),
  ),
};

/** Cases that are tried in any event, and until every change was noticed. */
const [fewest, most] = [8, 160];

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

/** Whether the comparison notices; a changed position or size may also make a graph that does not run. */
async function notices(
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

type Change = (graph: GraphProto, at: number) => void;

/** What is done to one node of a rule, each by the name of its site. */
function changesOf({ opType, outputs }: Awaited<ReturnType<typeof emittedTypes>>[number]): [string, Change][] {
  const results = outputs
    .filter(({ type }) => type in mutants)
    .map(({ name, type }): [string, Change] => ['', (graph, at) => mutate(graph, at, name, type)]);
  return opType in ordered ? [...results, ['swapped ', swap]] : results;
}

/** Changes to nodes of the rule, over all cases, that no case notices. */
async function survivors(name: string): Promise<string[]> {
  const noticed = new Map<string, boolean>();
  const open = () => [...noticed].filter(([, seen]) => !seen).map(([site]) => site);
  const unguarded = () =>
    open().filter((site) => !Object.keys(guards[name] ?? {}).some((guard) => site.startsWith(guard)));
  for (const [tried, single] of fc.sample(cases[name]!, { numRuns: most, seed: 17 }).entries()) {
    if (tried >= fewest && unguarded().length === 0) break;
    const { differences, yDims } = await centralDifferences(single);
    const emitted = await emittedTypes(single, yDims);
    const branch = emitted.map(({ opType }) => opType).join(' ');
    for (const [i, node] of emitted.entries()) {
      for (const [kind, change] of changesOf(node)) {
        const site = `${kind}${node.opType} (${i + 1} of ${branch})`;
        if (noticed.get(site)) continue;
        noticed.set(site, await notices(single, yDims, differences, (graph, first) => change(graph, first + i)));
      }
    }
  }
  return unguarded();
}

const entryOf = (name: string) => {
  const [domain, opType] = name.includes(':') ? name.split(':') : ['', name];
  return ruleOf({ opType: opType!, domain: domain! })!;
};
const exact = differentiableOperators.filter((name) => entryOf(name).kind === 'exact' && name in cases);

describe('tests of rules', () => {
  it.each(exact)('%s: notice a change of any node that the rule emits', async (name) => {
    expect(await survivors(name)).toEqual([]);
  });
});
