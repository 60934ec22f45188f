import { expect, it } from 'vitest';
import { attacks } from '../../../src/engine/attack/registry';
import { budgetText, queryAttacks } from '../../../src/engine/report/budget';

it('speaks of queries for the attacks that see no gradient, and of steps for the others', () => {
  expect([...queryAttacks].sort()).toEqual(
    attacks
      .filter(({ needs }) => needs !== 'gradient')
      .map(({ name }) => name)
      .sort(),
  );
  expect(budgetText({ name: 'square', iterations: 5000, restarts: 1 })).toBe('5000 queries');
  expect(budgetText({ name: 'apgd-ce', iterations: 100, restarts: 5 })).toBe('100 steps, 5 restarts');
  expect(budgetText({ name: 'fgsm', iterations: 1, restarts: 1 })).toBe('1 step');
  expect(budgetText({ name: 'transfer', iterations: 0, restarts: 1 })).toBe('');
});
