import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CALIBRATION_BINS } from '../../../src/engine/metric/calibration';
import { definitions } from '../../../src/engine/metric/definitions';
import { outputDefinitions } from '../../../src/engine/metric/outputDefinitions';
import { CLIFF_HEIGHT, CLIFF_WIDTH, COLLAPSED } from '../../../src/engine/metric/robustness';

/** docs/metrics.md with its line breaks taken out, so that only the words count. */
const page = readFileSync(new URL('../../../docs/metrics.md', import.meta.url), 'utf8').replace(/\s+/g, ' ');

describe('docs/metrics.md', () => {
  it.each(Object.entries({ ...definitions, ...outputDefinitions }))(
    'has the words and the formula of %s',
    (_, { title, text, formula }) => {
      expect(page).toContain(`### ${title} `);
      expect(page).toContain(text);
      expect(page).toContain(`\`${formula}\``);
    },
  );
});

describe('definitions', () => {
  it('state the thresholds that the code uses', () => {
    expect([CLIFF_WIDTH, CLIFF_HEIGHT, COLLAPSED]).toEqual([1 / 2, 1 / 2, 1 / 10]);
    expect(definitions.degradation.formula).toContain('> 1/2 for some b − a ≤ ε/2, or A(ε) / A(0) < 1/10');
    expect(definitions.ece.text).toContain(`${CALIBRATION_BINS} equal-width bins`);
  });
});
