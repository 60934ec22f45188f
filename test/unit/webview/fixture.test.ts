import { describe, expect, it } from 'vitest';
import { regressionReportSchema } from '../../../src/engine/report/regression';
import { reportSchema } from '../../../src/engine/report/schema';
import { reportOutputs } from '../../fixtures/reportOutputs';
import { reportEarlier, reportRandom, reportRich, reportRunning, reportVector } from '../../fixtures/reportRich';

describe('report fixtures', () => {
  it.each([
    ['rich', reportRich],
    ['running', reportRunning],
    ['vector', reportVector],
    ['random', reportRandom],
    ['earlier', reportEarlier],
  ])('%s is a valid report', (_, make) => {
    expect(reportSchema.parse(make())).toEqual(make());
  });

  it('is a valid report on outputs', () => {
    expect(regressionReportSchema.parse(reportOutputs())).toEqual(reportOutputs());
  });

  it('counts its figures from its outcomes', () => {
    const { outcomes, clean, threatModels } = reportRich();
    const correct = outcomes.label.filter((label, i) => label === outcomes.prediction[i]).length;
    expect(clean?.accuracy.value).toBe(correct / outcomes.label.length);
    for (const { name, robustAccuracy, attacks } of threatModels) {
      const standing = outcomes.brokenBy[name]?.filter((attack) => attack === null).length ?? Number.NaN;
      expect(robustAccuracy?.value).toBe(standing / outcomes.label.length);
      expect(attacks.at(-1)?.accuracyAfter).toEqual(robustAccuracy);
    }
  });
});
