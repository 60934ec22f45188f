import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { holm } from '../../../src/engine/metric/holm';

const url = new URL('../../fixtures/holm-parity.json', import.meta.url);
const cases: { name: string; p: number[]; holm: number[] }[] = JSON.parse(readFileSync(url, 'utf8'));

it.each(cases)('adjusts as statsmodels does: $name', ({ p, holm: theirs }) => {
  const own = holm(p);
  expect(own).toHaveLength(theirs.length);
  for (const [i, value] of theirs.entries()) expect(Math.abs(own[i]! - value)).toBeLessThanOrEqual(1e-9 * value);
});

it('has nothing to adjust without tests', () => expect(holm([])).toEqual([]));
