import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quantizedRules } from '../../../src/engine/gradient/derivative/quantized';
import type { GraphProto, NodeProto } from '../../../src/engine/onnx/generated/onnx_pb';
import { apart, pairs, run, types } from './cases/quantizedPairs';
import { changesOf, type Emitted } from './mutate';

type Pair = ReturnType<(typeof pairs)[string]>;

const samples = 6;

/** Changes that no gradient can show, by the start of the site, and why. */
const guards: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'com.microsoft:QLinearSigmoid': { 'swapped Sub (6 ': 'the slope of a sigmoid is the same at x and −x' },
  'com.microsoft:QLinearSoftmax': { 'Cast (4 ': 'a zero point shifts all logits alike' },
};

/** The nodes of the gradient, in their order, with the types of their outputs. */
async function emittedBy({ quantised, x, dims }: Pair): Promise<Emitted[]> {
  let emitted: Emitted[] = [];
  await run(quantised, x, dims, 1, async (graph, first, observed) => {
    const seen = await observed(graph);
    const nodes = graph.node.slice(first);
    const read = live(graph);
    emitted = nodes.map((node) => ({
      opType: read.has(node) ? node.opType : '',
      outputs:
        !read.has(node) || onlyCompared(node, nodes)
          ? []
          : node.output.filter((name) => name !== '').map((name) => ({ name, type: seen.type(name) ?? 'unknown' })),
    }));
  });
  return emitted;
}

/** Nodes that an output depends on: ONNX Runtime drops the others. */
function live(graph: GraphProto): ReadonlySet<NodeProto> {
  const wanted = new Set(graph.output.map(({ name }) => name));
  const nodes = new Set<NodeProto>();
  for (const node of graph.node.toReversed()) {
    if (!node.output.some((name) => wanted.has(name))) continue;
    nodes.add(node);
    for (const name of node.input) wanted.add(name);
  }
  return nodes;
}

const comparisons = new Set(['Less', 'LessOrEqual', 'Greater', 'GreaterOrEqual', 'Equal', 'And']);

/** The cases keep clear of what is clipped: where that begins is held in quantized.test.ts. */
function onlyCompared(node: NodeProto, nodes: readonly NodeProto[]): boolean {
  const readers = nodes.filter((other) => other.input.some((name) => node.output.includes(name)));
  return readers.length > 0 && readers.every((reader) => comparisons.has(reader.opType) || onlyCompared(reader, nodes));
}

/** Changes to nodes of the estimate that the comparison with the real operator does not notice. */
async function survivors(pairOf: (typeof pairs)[string]): Promise<string[]> {
  const noticed = new Map<string, boolean>();
  for (const t of fc.sample(types, { numRuns: samples, seed: 3 })) {
    const pair = pairOf(t);
    const real = await run(pair.real, pair.x, pair.dims);
    const emitted = await emittedBy(pair);
    const branch = emitted.map(({ opType }) => opType).join(' ');
    for (const [i, node] of emitted.entries()) {
      for (const [kind, change] of changesOf(node)) {
        const site = `${kind}${node.opType} (${i + 1} of ${branch})`;
        if (noticed.get(site)) continue;
        let changed = false;
        const result = await run(pair.quantised, pair.x, pair.dims, 1, (graph, first) => {
          change(graph, first + i);
          changed = true;
        }).catch((error: unknown) => {
          if (!changed) throw error;
        });
        noticed.set(site, !(result && apart(result.gradient, real.gradient) < 1e-3));
      }
    }
  }
  return [...noticed].filter(([, seen]) => !seen).map(([site]) => site);
}

/** Part of every pair, or of one of dynamic quantisation. */
const around = ['QuantizeLinear', 'DequantizeLinear', 'DynamicQuantizeLinear'];

describe('tests of quantised rules', () => {
  it('have a pair for each', () => {
    const named = Object.keys(pairs).flatMap((names) => names.split(', '));
    expect(Object.keys(quantizedRules).filter((name) => ![...around, ...named].includes(name))).toEqual([]);
  });

  it.each(Object.entries(pairs))(
    '%s: notice a change of any node that the rule emits',
    async (name, pairOf) => {
      const equal = Object.keys(guards[name] ?? {});
      const found = await survivors(pairOf);
      expect(found.filter((site) => !equal.some((guard) => site.startsWith(guard)))).toEqual([]);
    },
    180_000,
  );
});
