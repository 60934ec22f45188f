import { describe, expect, it } from 'vitest';
import { type CheckTaskDefinition, checkArguments, isCheckTask } from '../../../src/vscode/tasks/arguments';

const task = (rest: Partial<CheckTaskDefinition> = {}): CheckTaskDefinition => ({
  type: 'robustness',
  task: 'check',
  ...rest,
});

describe('a task of type robustness', () => {
  it('checks the whole folder where nothing is said', () => {
    expect(checkArguments(task())).toEqual(['check', '--', '.']);
    expect(checkArguments(task({ paths: [] }))).toEqual(['check', '--', '.']);
  });

  it('passes paths, rules and arguments on, and takes no path for an option', () => {
    const definition = task({
      paths: ['README.md', '--json'],
      rules: { 'claims/stale': 'error', 'no-tradeoff': 'off' },
      args: ['--severity', 'warning'],
    });
    expect(checkArguments(definition)).toEqual([
      'check',
      '--rule',
      'claims/stale=error',
      '--rule',
      'no-tradeoff=off',
      '--severity',
      'warning',
      '--',
      'README.md',
      '--json',
    ]);
  });

  it.each([
    ['another type', { type: 'npm', task: 'check' }, false],
    ['another task', { type: 'robustness', task: 'evaluate' }, false],
    ['no task', { type: 'robustness' }, false],
    ['paths that are none', { type: 'robustness', task: 'check', paths: 'README.md' }, false],
    ['arguments that are no text', { type: 'robustness', task: 'check', args: [1] }, false],
    ['what the manifest allows', { type: 'robustness', task: 'check', paths: ['a'], args: ['b'] }, true],
  ])('%s', (_, definition, accepted) => {
    expect(isCheckTask(definition)).toBe(accepted);
  });
});
