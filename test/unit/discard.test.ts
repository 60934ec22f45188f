import { describe, expect, it } from 'vitest';
import { discard } from '../../src/engine/discard';

describe('discard', () => {
  it('gives memory back at once, without a collection', () => {
    const bytes = 64 * 2 ** 20;
    const before = process.memoryUsage().arrayBuffers;
    const arrays = [new Float32Array(bytes / 8), new Float32Array(bytes / 8)];
    expect(process.memoryUsage().arrayBuffers - before).toBeGreaterThan(0.9 * bytes);
    discard(arrays);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(0.1 * bytes);
    expect(arrays.map(({ length }) => length)).toEqual([0, 0]);
  });

  it('leaves a part of a buffer, and takes what is empty already', () => {
    const whole = Float32Array.of(1, 2, 3);
    discard([whole.subarray(1)]);
    expect([...whole]).toEqual([1, 2, 3]);
    discard([whole]);
    discard([whole, new Float32Array(0)]);
    expect(whole).toHaveLength(0);
  });

  it('does nothing where the engine cannot, as in Node 20', () => {
    const prototype = ArrayBuffer.prototype as { transfer?: unknown };
    const { transfer } = prototype;
    delete prototype.transfer;
    try {
      const points = Float32Array.of(1, 2);
      discard([points]);
      expect([...points]).toEqual([1, 2]);
    } finally {
      prototype.transfer = transfer;
    }
  });
});
