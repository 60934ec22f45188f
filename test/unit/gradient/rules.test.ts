import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { differentiableOperators, ruleOf } from '../../../src/engine/gradient/table';
import { cases } from './cases';
import { compareWithDifferences, disagreement } from './singleNode';

const exact = differentiableOperators.filter((opType) => ruleOf({ opType, domain: '' } as never)?.kind === 'exact');

describe('differentiation rules', () => {
  it('have a case each', () => {
    expect(exact.filter((op) => !(op in cases))).toEqual([]);
  });

  it.each(exact.filter((op) => op in cases))('%s agrees with central differences', async (op) => {
    await fc.assert(
      fc.asyncProperty(cases[op]!, async (single) => {
        expect(disagreement(await compareWithDifferences(single))).toBeLessThan(0.01);
      }),
      { numRuns: 10, seed: 7 },
    );
  });
});
