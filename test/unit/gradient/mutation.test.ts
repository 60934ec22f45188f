import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { differentiableOperators, ruleOf } from '../../../src/engine/gradient/table';
import { cases } from './cases/all';
import { changesOf, notices } from './mutate';
import { centralDifferences, emittedTypes } from './singleNode';

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
  it.each(exact)(
    '%s: notice a change of any node that the rule emits',
    async (name) => {
      expect(await survivors(name)).toEqual([]);
    },
    180_000,
  );
});
