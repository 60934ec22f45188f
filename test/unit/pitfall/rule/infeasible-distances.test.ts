import { expect, it } from 'vitest';
import { infeasibleDistances } from '../../../../src/engine/pitfall/rule/infeasible-distances';
import { reportBase } from '../../../fixtures/reportBase';
import { testRule } from '../ruleTester';

const digits = { threatModel: 'linf-8', examples: 100, found: 97, closer: 0, medianFound: 1.4, medianReference: 8.9 };

const referring = (
  change: Partial<Omit<typeof digits, 'medianFound' | 'medianReference'>> & {
    medianFound?: number | null;
    medianReference?: number | null;
  },
) =>
  reportBase((report) => {
    report.checks.references = [{ ...digits, ...change, indices: [3, 17].slice(0, change.closer ?? 0) }];
  });

testRule(infeasibleDistances, {
  valid: {
    'no distances measured': reportBase(),
    'an attack that is closer everywhere': referring({}),
    'one odd example': referring({ closer: 1 }),
    'a few of many': referring({ closer: 4 }),
    'the same by rounding': referring({ medianFound: 8.9 * (1 + 1e-6) }),
    'a model that calls every uniform image the true class': referring({ found: 0, medianReference: null }),
    'nothing found by anybody': referring({ found: 3, medianFound: null, medianReference: null }),
  },
  invalid: {
    'a median of nine where grey is nearer': {
      report: referring({ medianFound: 9.4, closer: 60 }),
      severity: 'error',
      says: ['9.4', '8.9', 'cannot be'],
    },
    'nothing found for half': {
      report: referring({ medianFound: null, closer: 70 }),
      severity: 'error',
      says: ['no smallest perturbation', '8.9'],
    },
    'many single ones': { report: referring({ closer: 8 }), severity: 'warning', says: ['8 of 100', 'linf-8'] },
  },
});

it('names the examples', () => {
  const [found] = infeasibleDistances.check(referring({ closer: 8 }));
  expect(found!.evidence.join('; ')).toContain('3, 17');
  expect(found!.mitigation!.changes).toEqual({ threatModels: ['linf-8'], suite: 'thorough' });
});
