import { randomNoiseSucceeds } from '../../../../src/engine/pitfall/rule/random-noise-succeeds';
import { reportBase } from '../../../fixtures/reportBase';
import { testRule } from '../ruleTester';

const noise = (broken: number, random?: string[]) =>
  reportBase((report) => {
    const indices = [4, 8, 15].slice(0, broken);
    report.checks.randomDraws = [{ threatModel: 'linf-8', examples: 16, draws: 1000, broken, indices }];
    if (random) report.model.random = random;
  });

testRule(randomNoiseSucceeds, {
  valid: {
    'noise that breaks nothing': noise(0),
    'nothing that noise could be tried on': reportBase((report) => {
      report.checks.randomDraws = [{ threatModel: 'linf-8', examples: 0, draws: 1000, broken: 0, indices: [] }];
    }),
  },
  invalid: {
    'a single example': { report: noise(1), severity: 'warning', says: ['1 of 16', 'linf-8'] },
    'several examples': { report: noise(3), severity: 'error', says: ['3 of 16', 'linf-8'] },
    'several examples of a random model': { report: noise(3, ['Dropout']), severity: 'warning', says: ['3 of 16'] },
  },
});
