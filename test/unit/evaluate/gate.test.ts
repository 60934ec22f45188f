import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RobustnessError } from '../../../src/engine/error';
import { checkGates, parseGate } from '../../../src/engine/evaluate/gate';
import { reportBase } from '../../fixtures/reportBase';

const names = ['linf-8', 'l2 half'];

describe('parseGate', () => {
  it.each([
    ['clean.accuracy >= 0.90', 'clean.accuracy', null, '>=', 0.9],
    ['robustAccuracy(linf-8)>=45%', 'robustAccuracy', 'linf-8', '>=', 0.45],
    ['  attackSuccessRate( l2 half ) < 0.5 ', 'attackSuccessRate', 'l2 half', '<', 0.5],
    ['clean.balancedAccuracy >= 0.9', 'clean.balancedAccuracy', null, '>=', 0.9],
    ['clean.logLoss < 0.5', 'clean.logLoss', null, '<', 0.5],
    ['generalisation.gap <= 5%', 'generalisation.gap', null, '<=', 0.05],
    ['worstGroup(linf-8) >= 20%', 'worstGroup', 'linf-8', '>=', 0.2],
    ['corruptions.meanAccuracy >= 0.7', 'corruptions.meanAccuracy', null, '>=', 0.7],
  ])('reads %s', (expression, metric, threatModel, operator, threshold) => {
    expect(parseGate(expression, names)).toEqual({ expression, metric, threatModel, operator, threshold });
  });

  it.each([
    ['', 'not a metric, a comparison and a number'],
    ['clean.accuracy', 'not a metric, a comparison and a number'],
    ['clean.accuracy >= high', 'not a metric, a comparison and a number'],
    ['clean.acuracy >= 0.9', 'is not a metric'],
    ['constructor >= 0.9', 'is not a metric'],
    ['robustAccuracy >= 0.9', 'needs a threat model'],
    ['robustAccuracy(linf-9) >= 0.9', 'no threat model `linf-9`'],
    ['clean.accuracy(linf-8) >= 0.9', 'takes no threat model'],
  ])('refuses “%s”', (expression, why) => {
    expect(() => parseGate(expression, names)).toThrow(
      expect.objectContaining({ code: 'spec/gate', message: expect.stringContaining(why) }),
    );
  });

  it('throws nothing but its own error', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        try {
          parseGate(text, names);
        } catch (error) {
          expect(RobustnessError.is(error, 'spec/gate')).toBe(true);
        }
      }),
    );
  });
});

describe('checkGates', () => {
  const report = reportBase();
  const accuracy = report.clean?.accuracy.value ?? 0;
  const holds = (expression: string) => checkGates([parseGate(expression, ['linf-8'])], report)[0];

  it('passes at the threshold and fails above it', () => {
    expect(holds(`clean.accuracy >= ${accuracy}`)).toMatchObject({ pass: true, measured: accuracy });
    expect(holds(`clean.accuracy > ${accuracy}`)).toMatchObject({ pass: false });
    expect(holds(`clean.accuracy <= ${accuracy}`)).toMatchObject({ pass: true });
    expect(holds(`clean.accuracy == ${accuracy}`)).toMatchObject({ pass: true });
    expect(holds(`clean.accuracy < ${accuracy}`)).toMatchObject({ pass: false });
  });

  it('reads the figure of the threat model that is named', () => {
    expect(holds('robustAccuracy(linf-8) >= 0')).toMatchObject({
      measured: report.threatModels[0]?.robustAccuracy?.value,
      pass: true,
    });
  });

  it('does not pass what was not measured', () => {
    expect(holds('certifiedAccuracy(linf-8) >= 0')).toEqual({
      expression: 'certifiedAccuracy(linf-8) >= 0',
      measured: null,
      pass: false,
    });
  });
});
