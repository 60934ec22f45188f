import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { attentionLowerings } from '../../../../src/engine/onnx/lower/attention';
import { attentionCases } from './attentionCases';
import { checkLowering } from './nativeNode';

/** Those with many options that meet each other. */
const several = new Set([
  'Attention (23, 24)',
  'com.microsoft:Attention',
  'com.microsoft:MultiHeadAttention',
  'com.microsoft:GroupQueryAttention',
]);

describe('attention', () => {
  it('has a case for each operator', () => {
    const tested = new Set(Object.values(attentionCases).map(([name]) => name));
    expect(Object.keys(attentionLowerings).filter((name) => !tested.has(name))).toEqual([]);
  });

  it.each(Object.keys(attentionCases))('%s gives the native numbers and their gradient', async (title) => {
    const [name, make] = attentionCases[title]!;
    await fc.assert(
      fc.asyncProperty(make, async (native) => {
        const { outputs, gradients } = await checkLowering(native, attentionLowerings[name]);
        expect(outputs).toBeLessThan(2e-5);
        expect(gradients).toBeLessThan(0.02);
      }),
      { numRuns: several.has(title) ? 25 : 10, seed: 5 },
    );
  });
});
