import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ruleOf } from '../../../../src/engine/gradient/table';
import { fusedLowerings } from '../../../../src/engine/onnx/lower/fused';
import { normalizationLowerings } from '../../../../src/engine/onnx/lower/normalization';
import { fusedCases } from './fusedCases';
import { checkLowering } from './nativeNode';

const lowerings = { ...fusedLowerings, ...normalizationLowerings };

describe('fused operators', () => {
  it('have a case each', () => {
    expect(Object.keys(lowerings).filter((name) => !(name in fusedCases))).toEqual([]);
  });

  it.each(Object.keys(fusedCases))('%s gives the native numbers and their gradient', async (name) => {
    const [domain, op] = name.includes(':') ? name.split(':') : ['', name];
    const lowering = lowerings[name];
    if (!lowering) expect(ruleOf({ domain: domain!, opType: op! })).toBeDefined();
    await fc.assert(
      fc.asyncProperty(fusedCases[name]!, async (make) => {
        const { outputs, gradients } = await checkLowering(make, lowering);
        expect(outputs).toBeLessThan(2e-5);
        expect(gradients).toBeLessThan(0.02);
      }),
      { numRuns: 12, seed: 5 },
    );
  });
});
