import { expect, it } from 'vitest';
import { budgetText, queryAttacks } from '../../../src/engine/report/budget';
import { attackNames } from '../../../src/engine/spec/schema';
import { effort } from '../../../webview/section/attacks';

// The page cannot import what the engine knows, so that it knows it too; here they are held together.
it.each(attackNames)('the page counts the budget of %s as reports in words do', (name) => {
  for (const [iterations, restarts] of [
    [1, 1],
    [200, 5],
    [0, 1],
  ] as const) {
    expect(effort({ name, iterations, restarts })).toBe(budgetText({ name, iterations, restarts }));
  }
});

it('has attacks of both kinds', () => {
  expect(queryAttacks.size).toBeGreaterThan(0);
  expect(attackNames.some((name) => !queryAttacks.has(name))).toBe(true);
});
