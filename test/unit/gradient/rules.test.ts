import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { differentiableOperators, ruleOf } from '../../../src/engine/gradient/table';
import { cases } from './cases/all';
import { compareSeeds, compareWithDifferences, disagreement, valuesRead } from './singleNode';

const entryOf = (name: string) => {
  const [domain, opType] = name.includes(':') ? name.split(':') : ['', name];
  return ruleOf({ opType, domain } as never)!;
};
const exact = differentiableOperators.filter((name) => entryOf(name).kind === 'exact');
const withCases = exact.filter((name) => name in cases);

describe('differentiation rules', () => {
  it('have a case each', () => {
    expect(exact.filter((name) => !(name in cases))).toEqual([]);
  });

  it.each(withCases)('%s agrees with central differences', async (name) => {
    await fc.assert(
      fc.asyncProperty(cases[name]!, async (single) => {
        expect(disagreement(await compareWithDifferences(single))).toBeLessThan(0.01);
      }),
      { numRuns: 10, seed: 7 },
    );
  });

  it.each(withCases)('%s takes several seeds at once', async (name) => {
    await fc.assert(
      fc.asyncProperty(cases[name]!, async (single) => {
        expect(disagreement(await compareSeeds(single))).toBeLessThan(1e-5);
      }),
      { numRuns: 4, seed: 11 },
    );
  });

  const linear = withCases.filter((name) => entryOf(name).linearIn === 'all' || entryOf(name).linearIn.length > 0);
  it.each(linear)('%s: its adjoint does not look at the value of the input that it is linear in', async (name) => {
    const { linearIn } = entryOf(name);
    await fc.assert(
      fc.asyncProperty(cases[name]!, async (single) => {
        const at = single.inputs.indexOf('x');
        fc.pre(linearIn === 'all' || linearIn.includes(at));
        // With weights among the differentiated tensors, x is read for theirs.
        expect(await valuesRead({ ...single, weights: [] })).not.toContain('x');
      }),
      { numRuns: 4, seed: 13 },
    );
  });
});
